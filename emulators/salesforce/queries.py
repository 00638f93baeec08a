"""The query calls: SOQL in, a page of records out, and the pages after it."""

from collections.abc import Iterable, Mapping

from aiohttp import web

from emulators.salesforce import errors, paging
from emulators.salesforce.fields import Field
from emulators.salesforce.paging import Shown
from emulators.salesforce.soql import evaluation, parser
from emulators.salesforce.soql.errors import SoqlError
from emulators.salesforce.state import State


class Queries:
    """Answers query and queryAll."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def query(self, request: web.Request) -> web.Response:
        """Answer over the accounts that are not deleted."""
        return self._first_page(request, with_deleted=False)

    async def query_all(self, request: web.Request) -> web.Response:
        """Answer over all accounts, deleted ones too."""
        return self._first_page(request, with_deleted=True)

    async def next_page(self, request: web.Request) -> web.Response:
        """Give the page that a `nextRecordsUrl` of an earlier one names."""
        found = self._state.cursors.find(request.match_info["locator"])
        if found is None:
            raise errors.bad_request("INVALID_QUERY_LOCATOR", "invalid query locator")
        cursor, start = found
        query_path = request.path.rstrip("/").rpartition("/")[0]
        return web.json_response(cursor.page(start, query_path=query_path))

    def _first_page(self, request: web.Request, *, with_deleted: bool) -> web.Response:
        result = self._result(request.query.get("q", ""), with_deleted=with_deleted)
        version = request.match_info["version"]
        rows = [shown(row, result.fields, version=version) for row in result.rows]
        hint = request.headers.get("Sforce-Query-Options", "")
        page_size = paging.page_size(hint, most=self._state.settings.rows_per_page)
        cursor = self._state.cursors.open(rows, page_size=page_size)
        return web.json_response(cursor.page(0, query_path=request.path.rstrip("/")))

    def _result(self, query: str, *, with_deleted: bool) -> evaluation.Result:
        accounts = self._state.accounts.values()
        rows = [account for account in accounts if with_deleted or not account["IsDeleted"]]
        try:
            return evaluation.run(parser.parse(query), view=self._state.view(), rows=rows)
        except SoqlError as error:
            raise errors.bad_request(error.code, error.message(query)) from error


def shown(account: Mapping[str, object], fields: Iterable[Field], *, version: str) -> Shown:
    """Give an account as REST shows it: what it is and where, then the fields in the order asked for."""
    url = f"/services/data/{version}/sobjects/{evaluation.SOBJECT}/{account['Id']}"
    attributes = {"type": evaluation.SOBJECT, "url": url}
    return {"attributes": attributes, **{field.name: account[field.name] for field in fields}}
