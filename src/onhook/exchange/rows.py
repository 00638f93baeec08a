"""From the cells of one row to the values that are staged: the rules that need no stored row but the company's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from onhook.devices import numbers
from onhook.exchange import cells
from onhook.exchange.cells import BadCell
from onhook.exchange.sheets import Column, Kind, Value
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import OPERATOR_COID, STAFF_ROLES, Role

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_KEPT_COMPANIES = 10_000


class BadRecord(Exception):
    """The row cannot be taken: the column that is wrong, and why. Fit to show."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


class KnownCompanies:
    """The regions of the companies that rows point to, looked up in sets; keeps only so many in memory."""

    def __init__(self) -> None:
        self._regions: dict[int, str | None] = {}

    def look_up(self, coids: Iterable[int]) -> None:
        """Make these companies known, or known to be missing."""
        if len(self._regions) > _KEPT_COMPANIES:
            self._regions.clear()
        wanted = set(coids) - self._regions.keys()
        if wanted:
            found = dict(Company.objects.filter(coid__in=wanted).values_list("coid", "region"))
            self._regions.update({coid: found.get(coid) for coid in wanted})

    def region_of(self, coid: int) -> str:
        """
        Return the company's region; empty when it has none.

        :raises BadRecord: there is no such company.
        """
        region = self._regions[coid]
        if region is None:
            raise BadRecord("coid", f"there is no company with COID {coid}; import it first")
        return region


def read(
    *, kind: Kind, columns: tuple[Column, ...], texts: Mapping[str, str], companies: KnownCompanies, now: datetime
) -> dict[str, Value]:
    """
    Return the values of one row by column.

    :param texts: by column name; `companies` must already have looked up the row's COID.
    :raises BadRecord: the first thing wrong with it.
    """
    values: dict[str, Value] = {}
    for column in columns:
        try:
            values[column.name] = column.read(texts[column.name])
        except BadCell as problem:
            raise BadRecord(column.name, str(problem)) from None
    if kind is Kind.COMPANIES:
        _check_company(values)
    if kind is Kind.USERS:
        _complete_user(values, companies)
    if kind is Kind.DEVICES:
        _complete_device(values, companies, now)
    return values


def coid_in(texts: Mapping[str, str]) -> int | None:
    """Return the COID of a row before it is read in full; None when it is none."""
    try:
        return cells.coid(texts["coid"])
    except BadCell:
        return None


def _check_company(values: dict[str, Value]) -> None:
    if values["coid"] == OPERATOR_COID and values.get("suspended_at") is not None:
        raise BadRecord("suspended_at", "must be empty for the operator: none of its people could work any more")


def _complete_user(values: dict[str, Value], companies: KnownCompanies) -> None:
    coid = values["coid"]
    assert isinstance(coid, int)
    companies.region_of(coid)
    is_staff_role = Role(str(values["role"])) in STAFF_ROLES
    if is_staff_role and coid != OPERATOR_COID:
        raise BadRecord("role", f"is a role of the operator's staff (COID {OPERATOR_COID}), not of a customer")
    if not is_staff_role and coid == OPERATOR_COID:
        raise BadRecord("role", "is a customer's role; people of the operator are agent, lead or auditor")
    values["login"] = f"{coid}/{values['username']}"


def _complete_device(values: dict[str, Value], companies: KnownCompanies, now: datetime) -> None:
    coid = values["coid"]
    assert isinstance(coid, int)
    company_region = companies.region_of(coid)
    stated = str(values.pop("region", "") or company_region)
    values["number"] = _number(str(values["number"]), region=stated)
    deleted_at = values.get("deleted_at")
    if isinstance(deleted_at, datetime) and deleted_at > now:
        raise BadRecord("deleted_at", "lies in the future; a line is deleted by an operation, not by an import")
    if values.get("hold_reason") and values.get("held_at") is None:
        raise BadRecord("hold_reason", "is given, but held_at is empty: say since when the line is held")


def _number(text: str, *, region: str) -> str:
    try:
        number = numbers.parse(text, region=region)
    except numbers.NotANumber as problem:
        raise BadRecord("number", str(problem)) from None
    if not _E164.fullmatch(number):
        raise BadRecord("number", f"{numbers.mask(number)!r} is too short or too long for a line's number")
    return number
