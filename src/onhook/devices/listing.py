"""
The portal's list of a company's lines: tabs, search, filters, sorting; made for a million rows of one company.

Pages go by key, never by offset, and each order has an index of its own. A search runs through the one function of the
database that filters by company itself. The questions are written as SQL: composing them anew for each page would cost
ten times what the database takes to answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.cache import caches
from django.db import connection

from onhook.devices import numbers
from onhook.devices.csu import LEAST_LETTERS
from onhook.devices.models import LONG_AGO
from onhook.devices.wanted import Counted, Key, Line, Page, Sort, Tab, UnreadableKey, Use, Wanted
from onhook.tenancy.models import Company

PAGE_LINES = 50
# Counted to here, then "more than"; also the most hits that a search looks at, and the most lines of one plan.
MOST_COUNTED = 10_000
_COUNT_SECONDS = 60
# The product's own filter by company; row security is the second one.
OF_COMPANY = "company_id = %(company)s"
_COLUMNS = ", ".join(("id", *Line._fields[1:]))
_TABS = {
    Tab.ACTIVE: "deleted_at IS NULL AND held_at IS NULL",
    Tab.HELD: "deleted_at IS NULL AND held_at IS NOT NULL",
    Tab.DELETED: "deleted_at IS NOT NULL",
}
# As the index has it: "never" is long ago.
_LONG_AGO = f"'{LONG_AGO.isoformat()}'::timestamptz"
_SEEN = f"CASE WHEN last_seen_at IS NULL THEN {_LONG_AGO} ELSE last_seen_at END"
_USES = {
    Use.ANY: "true",
    Use.LAST_DAY: f"{_SEEN} > statement_timestamp() - interval '1 day'",
    Use.QUIET: f"{_SEEN} <= statement_timestamp() - interval '30 days' AND {_SEEN} > {_LONG_AGO}",
    Use.NEVER: f"{_SEEN} = {_LONG_AGO}",
}
# One array instead of thousands of parameters, which would cost more to send than to look up.
_AMONG = "id IN (SELECT unnest(%(matching)s::bigint[]))"


@dataclass(frozen=True)
class _Order:
    """One order of the list: by a column or expression that is never null, then by id, both in one direction."""

    key: str
    is_down: bool = False
    is_time: bool = False

    def __str__(self) -> str:
        way = " DESC" if self.is_down else ""
        return f"{self.key}{way}, id{way}"

    def beyond(self, after: Key | None) -> tuple[str, dict[str, Any]]:
        """
        Return the condition of the rows after a key, and its values.

        :raises UnreadableKey: the key is not one of this order.
        """
        if after is None:
            return "true", {}
        try:
            value = datetime.fromisoformat(after.value) if self.is_time else after.value
        except ValueError:
            raise UnreadableKey(str(after)) from None
        sign = "<" if self.is_down else ">"
        # The first part is what an index goes by.
        beyond = f"{self.key} {sign}= %(value)s AND ({self.key} {sign} %(value)s OR id {sign} %(after)s)"
        return beyond, {"value": value, "after": after.device_id}


_ORDERS = {
    Sort.NUMBER: _Order("number"),
    Sort.WORKER: _Order("worker"),
    Sort.SEEN: _Order(_SEEN, is_down=True, is_time=True),
    Sort.DELETED: _Order("deleted_at", is_down=True, is_time=True),
}


def search(*, company: Company, text: str) -> list[int]:
    """Return the ids of the company's rows, of any tab, that a text fits; at most one more than `MOST_COUNTED`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT devices_matching(%s, %s::text[], %s, %s, %s, %s)", _terms(company, text))
        return [device_id for (device_id,) in cursor.fetchall()]


def missing(*, company: Company, text: str, matching: Sequence[int]) -> list[str]:
    """
    Return which numbers of a pasted list no line of any tab has, as they are written there, each once.

    :param matching: what `search` found for the text.
    """
    several = dict.fromkeys(numbers.apart(text))
    if not several:
        return []
    values = {"company": company.pk, "matching": list(matching)}
    having = {number for (number,) in _select("number", f"{OF_COMPANY} AND {_AMONG}", values)}
    return [written for written in several if not _readings(company, [written]) & having]


def page(
    *,
    company: Company,
    wanted: Wanted,
    after: Key | None = None,
    most: int = PAGE_LINES,
    matching: Sequence[int] | None = None,
) -> Page:
    """
    Return the rows after a key, in the wanted order.

    :param matching: what `search` found for the text, when it was asked already.
    :raises UnreadableKey: the key is not one of this order.
    """
    order = _ORDERS[Sort.DELETED if wanted.tab is Tab.DELETED else wanted.sort]
    beyond, place = order.beyond(after)
    where, values = _fitting(company, wanted, matching)
    found = _select(
        f"{_COLUMNS}, {order.key}",
        f"{where} AND {beyond} ORDER BY {order} LIMIT %(most)s",
        {**values, **place, "most": most + 1},
    )
    listed = [Line._make(row[:-1]) for row in found[:most]]
    if len(found) <= most:
        return Page(rows=listed, next=None)
    value = found[most - 1][-1]
    return Page(rows=listed, next=Key(value.isoformat() if order.is_time else value, listed[-1].pk))


def counts(*, company: Company, wanted: Wanted, matching: Sequence[int] | None = None) -> dict[Tab, Counted]:
    """Return how many lines each tab has under the same search and filter."""
    if wanted.text:
        if matching is None:
            matching = search(company=company, text=wanted.text)
        return _counts_of_search(company, wanted, matching)
    return _counts_of_all(company, wanted)


def ids(*, company: Company, wanted: Wanted) -> list[int]:
    """Return the ids of all wanted rows, at most one more than `MOST_COUNTED`: then there are too many for one plan."""
    where, values = _fitting(company, wanted)
    found = _select("id", f"{where} LIMIT %(most)s", {**values, "most": MOST_COUNTED + 1})
    return [device_id for (device_id,) in found]


def lines(*, company: Company, device_ids: Sequence[int]) -> list[Line]:
    """Return those of the company's lines, live or deleted, that have one of the ids, by number."""
    found = _select(
        _COLUMNS,
        f"{OF_COMPANY} AND id = ANY(%(ids)s::bigint[]) ORDER BY number, id",
        {"company": company.pk, "ids": list(device_ids)},
    )
    return [Line._make(row) for row in found]


def _select(what: str, where: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_sql(what, where), values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _sql(what: str, where: str) -> str:
    # Put together of the words of this module only; what a person said is always a value.
    return f"SELECT {what} FROM devices_device WHERE {where}"  # noqa: S608


def _fitting(company: Company, wanted: Wanted, matching: Sequence[int] | None = None) -> tuple[str, dict[str, Any]]:
    """Return the condition of the wanted rows, and its values."""
    if not wanted.text:
        return _where(wanted), {"company": company.pk}
    found = search(company=company, text=wanted.text) if matching is None else matching
    return f"{_where(wanted)} AND {_AMONG}", {"company": company.pk, "matching": list(found)}


def _where(wanted: Wanted) -> str:
    return f"{OF_COMPANY} AND {_TABS[wanted.tab]} AND {_USES[wanted.use]}"


def _terms(company: Company, text: str) -> list[Any]:
    """Return what the database's function takes for a text."""
    text = text.strip()
    several = numbers.apart(text)
    if several:
        return [company.pk, sorted(_readings(company, several)), "", "", None, MOST_COUNTED + 1]
    digits = numbers.digits(text)
    # Mostly digits: part of a number, however it is written. A leading zero is the trunk prefix, not part of E.164.
    is_numeric = len(digits) >= LEAST_LETTERS and len(digits) * 2 >= len(text)
    readings = sorted(_readings(company, [text]))
    row_id = int(text) if text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004  # ids are shorter than numbers
    words = "" if is_numeric and len(text) == len(digits) else text
    return [
        company.pk,
        readings,
        (digits.lstrip("0") or digits) if is_numeric else "",
        words if len(words) >= LEAST_LETTERS else "",
        row_id,
        MOST_COUNTED + 1,
    ]


def _readings(company: Company, written: Iterable[str]) -> set[str]:
    regions = frozenset({company.region} - {""})
    return {reading for text in written for reading in numbers.readings(text, regions=regions)}


def _counts_of_all(company: Company, wanted: Wanted) -> dict[Tab, Counted]:
    """Count what each tab has, up to the most; large companies' whole counts may be a minute old."""
    keys = {tab: f"lines:{company.pk}:{tab.value}" for tab in Tab}
    kept: dict[str, int] = {} if wanted.is_filtered else caches["counts"].get_many(keys.values())
    counted = {tab: Counted(kept[keys[tab]]) for tab in Tab if keys[tab] in kept}
    for tab, lines in _near(company, wanted, [tab for tab in Tab if tab not in counted]).items():
        if lines <= MOST_COUNTED:
            counted[tab] = Counted(lines)
        elif wanted.is_filtered:
            counted[tab] = Counted(MOST_COUNTED, is_more=True)
        else:
            where, values = _fitting(company, replace(wanted, tab=tab))
            counted[tab] = Counted(_select("count(*)", where, values)[0][0])
            caches["counts"].set(keys[tab], counted[tab].lines, _COUNT_SECONDS)
    return counted


def _near(company: Company, wanted: Wanted, tabs: Sequence[Tab]) -> dict[Tab, int]:
    """Return how many rows each tab has, at most one more than `MOST_COUNTED`: all in one question to the database."""
    if not tabs:
        return {}
    near = (_sql("1", f"{_where(replace(wanted, tab=tab))} LIMIT %(most)s") for tab in tabs)
    counted = ", ".join(f"(SELECT count(*) FROM ({rows}) AS counted)" for rows in near)  # noqa: S608  # see `_sql`
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counted}", {"company": company.pk, "most": MOST_COUNTED + 1})
        return dict(zip(tabs, cursor.fetchone(), strict=True))


def _counts_of_search(company: Company, wanted: Wanted, matching: Sequence[int]) -> dict[Tab, Counted]:
    tabs = ", ".join(f"count(*) FILTER (WHERE {_TABS[tab]})" for tab in Tab)
    where = f"{OF_COMPANY} AND {_USES[wanted.use]} AND {_AMONG}"
    counted = _select(tabs, where, {"company": company.pk, "matching": list(matching)})
    is_more = len(matching) > MOST_COUNTED
    return {tab: Counted(lines, is_more=is_more and lines > 0) for tab, lines in zip(Tab, counted[0], strict=True)}
