"""The accounts port over Salesforce: a company's account by its COID, else by its exact name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from onhook.connectors.http import payloads as fields_of
from onhook.connectors.http.addresses import BaseUrl
from onhook.connectors.http.client import HttpClient
from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.outcomes import outcomes_only
from onhook.connectors.http.payloads import Malformed
from onhook.connectors.http.shared import Shared
from onhook.connectors.salesforce import ids, layout, links, payloads, soql
from onhook.connectors.salesforce.client import SYSTEM, SalesforceClient, Visit
from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.connectors.salesforce.layout import Layout, UnusableLayout
from onhook.connectors.salesforce.soql import Condition, Select
from onhook.operations.errors import Rejected, Retryable
from onhook.operations.ports import Account, SecretStore, SignInCounter

log = structlog.get_logger()

# More than a person wants to choose from; the search is exact, so a few are already a problem.
MOST_ACCOUNTS = 20
_LONGEST_NAME = 255
_LONGEST_NUMBER = 40
_OTHER_RECORD_AFTER_SECONDS = 300.0
_COID_DIGITS = 10  # fewer than these; a COID is a 32-bit integer

Row = Mapping[str, Any]


class SalesforceAccounts:
    """
    The `AccountsPort` over the REST API. Safe to share between threads; make one per process.

    Every row is compared with what was asked for before it is used. Without `sign_ins` the process counts its sign-ins
    for itself alone.
    """

    def __init__(
        self,
        *,
        config: SalesforceConfig,
        secrets: SecretStore,
        sign_ins: SignInCounter | None = None,
        http: HttpClient | None = None,
    ) -> None:
        self._config = config
        for name in (config.coid_field, config.link_field):
            if name:
                soql.field_name(name)
        self._lightning = BaseUrl.parse(config.lightning_url).origin if config.lightning_url else ""
        self._client = SalesforceClient(config=config, secrets=secrets, sign_ins=sign_ins, http=http)
        self._layouts: Shared[Layout] = Shared(
            busy=f"{SYSTEM} is still describing its accounts", lasts_seconds=config.layout_seconds
        )

    @outcomes_only(SYSTEM)
    def accounts_of(self, *, coid: int, name: str) -> list[Account]:
        """
        Return the accounts that carry this COID, else those of exactly this name. None and several are answers too.

        Names are compared as Salesforce does, without regard to case. An account of this name that carries another
        COID, or something that is none, is another company's: two companies may share a name.

        :raises Retryable: it does not answer, or answers with other accounts than those asked for.
        :raises Rejected: it refuses for good: credentials, rights, a field that is not there.
        """
        visit = self._visit()
        found = self._layout(visit)
        if found.coid_field:
            rows = self._rows(_coid_condition(found, coid), found, visit)
            self._require_all(rows, lambda row: _has_coid(row, found, coid))
            if rows:
                return [self._account(row, found) for row in rows]
        asked = name.strip()
        if not asked or len(asked) > _LONGEST_NAME:
            return []
        rows = self._rows(soql.equals_text("Name", asked), found, visit)
        self._require_all(rows, lambda row: _folded(fields_of.text(row, "Name")) == _folded(asked))
        return [self._account(row, found) for row in rows if not _said_coid(row, found) or _coid(row, found) == coid]

    @outcomes_only(SYSTEM)
    def account(self, *, account_id: str) -> Account | None:
        """
        Return one account by its id (15 or 18 characters); None when it is gone. Raises like `accounts_of`.

        :raises Rejected: also when this is no account's id.
        """
        normal = ids.account_id(account_id)
        if normal is None:
            raise Rejected(f"this is not the id of an account in {SYSTEM}")
        visit = self._visit()
        found = self._layout(visit)
        rows = self._rows(soql.equals_text("Id", normal), found, visit)
        self._require_all(rows, lambda row: payloads.row_id(row) == normal)
        return self._account(rows[0], found) if rows else None

    @outcomes_only(SYSTEM)
    def accounts_numbered(self, *, account_number: str) -> list[Account]:
        """
        Return the accounts that carry exactly this account number, without regard to case. Raises like `accounts_of`.
        """
        asked = account_number.strip()
        if not asked or len(asked) > _LONGEST_NUMBER:
            return []
        visit = self._visit()
        found = self._layout(visit)
        rows = self._rows(soql.equals_text("AccountNumber", asked), found, visit)
        self._require_all(rows, lambda row: _folded(fields_of.text(row, "AccountNumber")) == _folded(asked))
        return [self._account(row, found) for row in rows]

    @outcomes_only(SYSTEM)
    def check(self) -> str:
        """
        Sign in and read which fields an account has; return the org's host. Raises like `accounts_of`.
        """
        self._layouts.forget()
        self._layout(self._visit())
        return self._client.base.host

    def _visit(self) -> Visit:
        return Visit(deadline=Deadline.after(self._config.deadline_seconds))

    def _layout(self, visit: Visit) -> Layout:
        return self._layouts.get(make=lambda: self._described(visit), deadline=visit.deadline)

    def _described(self, visit: Visit) -> Layout:
        answer = self._client.get("/sobjects/Account/describe", visit=visit)
        problem = ""
        try:
            return layout.find(payloads.account_fields(answer.json()), config=self._config)
        except UnusableLayout as fault:
            problem = str(fault)
        raise Rejected(problem)

    def _rows(self, where: Condition, found: Layout, visit: Visit) -> list[Row]:
        """Return all rows; a search that is cut short could make two accounts look like one."""
        query = Select(fields=found.fields, where=where, limit=MOST_ACCOUNTS).text
        try:
            page = payloads.page(self._client.get("/query", query={"q": query}, visit=visit).json())
        except Rejected:
            # A field may have been hidden or renamed since it was described.
            self._layouts.forget(found)
            raise
        rows = list(page.rows)
        while page.next_locator is not None and page.rows and len(rows) < MOST_ACCOUNTS:
            values = {"locator": page.next_locator}
            page = payloads.page(self._client.get("/query/{locator}", values=values, visit=visit).json())
            rows += page.rows
        if len(rows) != page.total:
            raise Malformed("the number of records is not the one announced")
        return rows

    def _require_all(self, rows: list[Row], is_meant: Callable[[Row], bool]) -> None:
        count = sum(not is_meant(row) for row in rows)
        if count:
            log.error("vendor_gave_another_record", system=SYSTEM, count=count)
            raise Retryable(
                f"{SYSTEM} answered with another account than the one asked for; nothing of the answer was used",
                after=_OTHER_RECORD_AFTER_SECONDS,
            )

    def _account(self, row: Row, found: Layout) -> Account:
        account_id = payloads.row_id(row)
        both = links.of_account(account_id, org=self._client.base, lightning_url=self._lightning)
        link = fields_of.text(row, found.link_field, default="") if found.link_field else ""
        return Account(
            account_id=account_id,
            name=fields_of.text(row, "Name"),
            account_number=fields_of.text(row, "AccountNumber", default="").strip(),
            stored_link=link.strip(),
            classic_url=both.classic,
            lightning_url=both.lightning,
            coid=_coid(row, found),
        )


def _coid_condition(found: Layout, coid: int) -> Condition:
    if found.is_coid_number:
        return soql.equals_number(found.coid_field, coid)
    return soql.equals_text(found.coid_field, str(coid))


def _said_coid(row: Row, found: Layout) -> str:
    return fields_of.text_or_number(row, found.coid_field, default="").strip() if found.coid_field else ""


def _coid(row: Row, found: Layout) -> int | None:
    said = _said_coid(row, found)
    return int(said) if said.isascii() and said.isdecimal() and len(said) < _COID_DIGITS else None


def _has_coid(row: Row, found: Layout, coid: int) -> bool:
    return _said_coid(row, found) == str(coid)


def _folded(name: str) -> str:
    """Return a name without case, also where the org's user has a Turkish locale (i with and without its dot)."""
    return name.strip().casefold().replace("\u0131", "i").replace("\u0307", "")
