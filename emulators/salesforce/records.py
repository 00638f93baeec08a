"""The record calls: describe, one account read, created or updated."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

from emulators.control import documents
from emulators.control.emulator import entry_of
from emulators.control.errors import DocumentError
from emulators.salesforce import errors, ids
from emulators.salesforce.accounts import Account, changes, new_account, unused_id, written
from emulators.salesforce.fields import Field
from emulators.salesforce.queries import shown
from emulators.salesforce.signing_in import address_of
from emulators.salesforce.soql.evaluation import SOBJECT
from emulators.salesforce.state import State

# The schema never changes while an org runs, so it is as old as the release (inferred).
SCHEMA_CHANGED_AT = datetime(2026, 10, 1, tzinfo=UTC)


class Records:
    """Answers what lies below `sobjects`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def every_object(self, request: web.Request) -> web.Response:
        """List the objects there are: one."""
        facts = self._object_facts(request)
        return web.json_response({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [facts]})

    async def about(self, request: web.Request) -> web.Response:
        """Give the object's facts; what was looked at recently is not kept."""
        _check_object(request)
        return web.json_response({"objectDescribe": self._object_facts(request), "recentItems": []})

    async def describe(self, request: web.Request) -> web.Response:
        """Give the object with the fields the user may see; 304 to who has it already."""
        _check_object(request)
        headers = {"Last-Modified": format_datetime(SCHEMA_CHANGED_AT, usegmt=True)}
        if _has_it_already(request.headers.get("If-Modified-Since", "")):
            return web.Response(status=304, headers=headers)
        fields = [field.described() for field in self._visible()]
        return web.json_response({**self._object_facts(request), "fields": fields}, headers=headers)

    async def read(self, request: web.Request) -> web.Response:
        """Give one account: the fields asked for with `fields=`, else all the user may see."""
        account = self._account(request)
        names = [name.strip() for name in request.query.get("fields", "").split(",") if name.strip()]
        fields = [self._field(name) for name in names] or self._visible()
        return web.json_response(shown(account, dict.fromkeys(fields), version=request.match_info["version"]))

    async def update(self, request: web.Request) -> web.Response:
        """Change one account by the fields sent, all or none; answers 204 without a body."""
        account = self._account(request)
        changed = self._changes(await _document(request), account)
        if self._state.settings.has_locked_rows:
            message = f"unable to obtain exclusive access to this record or 1 records: {account['Id']}"
            raise errors.bad_request("UNABLE_TO_LOCK_ROW", message)
        now = written(self._state.clock.now())
        account.update(changed, LastModifiedDate=now, SystemModstamp=now)
        entry_of(request).effect("account_updated", id=account["Id"], changed=changed)
        return web.Response(status=204)

    async def create(self, request: web.Request) -> web.Response:
        """Make a new account; answers 201 with its id."""
        _check_object(request)
        state = self._state
        changed = self._changes(await _document(request), None)
        if changed.get("Name") is None:
            raise errors.bad_request("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"])
        account = new_account(
            state.schema,
            unused_id(state.accounts),
            user_id=state.org.user_id,
            now=state.clock.now(),
        )
        account.update(changed)
        state.accounts[str(account["Id"])] = account
        entry_of(request).effect("account_created", id=account["Id"], changed=changed)
        return web.json_response({"id": account["Id"], "success": True, "errors": []}, status=201)

    def _changes(self, document: Mapping[str, object], account: Account | None) -> Account:
        others = [other for other in self._state.accounts.values() if other is not account]
        return changes(document, schema=self._state.schema, settings=self._state.settings, others=others)

    def _account(self, request: web.Request) -> Account:
        _check_object(request)
        account = self._state.accounts.get(ids.normalised(request.match_info["id"]) or "")
        if account is None:
            raise errors.not_found()
        if account["IsDeleted"]:
            raise errors.RefusalError(status=404, code="ENTITY_IS_DELETED", message="entity is deleted")
        return account

    def _visible(self) -> list[Field]:
        return self._state.schema.visible(hidden=frozenset(self._state.settings.hidden_fields))

    def _field(self, name: str) -> Field:
        field = self._state.schema.find(name, hidden=frozenset(self._state.settings.hidden_fields))
        if field is None:
            raise errors.bad_request("INVALID_FIELD", f"No such column '{name}' on sobject of type {SOBJECT}")
        return field

    def _object_facts(self, request: web.Request) -> dict[str, object]:
        path = f"/services/data/{request.match_info['version']}/sobjects/{SOBJECT}"
        return {
            "name": SOBJECT,
            "label": SOBJECT,
            "labelPlural": "Accounts",
            "keyPrefix": ids.ACCOUNT_PREFIX,
            "custom": False,
            "createable": True,
            "updateable": True,
            "deletable": False,
            "queryable": True,
            "urls": {
                "sobject": path,
                "describe": f"{path}/describe",
                "rowTemplate": f"{path}/{{ID}}",
                "uiDetailTemplate": f"{address_of(request, self._state)}/{{ID}}",
            },
        }


def _check_object(request: web.Request) -> None:
    if request.match_info["object"].lower() != SOBJECT.lower():
        raise errors.not_found()


def _has_it_already(header: str) -> bool:
    try:
        return parsedate_to_datetime(header) >= SCHEMA_CHANGED_AT
    except (TypeError, ValueError):
        return False


async def _document(request: web.Request) -> Mapping[str, object]:
    """Give the JSON object a write sends, in whatever pieces it comes."""
    if request.content_type != "application/json":
        code, message = "UNSUPPORTED_MEDIA_TYPE", f"Content-Type '{request.content_type}' is not supported"
        raise errors.RefusalError(status=415, code=code, message=message)
    try:
        return documents.require_object(json.loads(await request.read()), where="The body")
    except (ValueError, DocumentError) as error:
        raise errors.bad_request("JSON_PARSER_ERROR", f"The body is not a JSON object: {error}") from error
