"""
The portal's list of a company's lines: tabs, search, filters, sorting; made for a million rows of one company.

Pages go by key, never by offset, and each order has an index of its own. A search runs through the one function of the
database that filters by company itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import Combinable, RawSQL

from onhook.devices import numbers
from onhook.devices.csu import LEAST_LETTERS
from onhook.devices.models import LONG_AGO, SEEN, Device
from onhook.tenancy.models import Company

PAGE_LINES = 50
# Counted to here, then "more than"; also the most hits that a search looks at, and the most lines of one plan.
MOST_COUNTED = 10_000
_COUNT_SECONDS = 60
_DAY, _QUIET = timedelta(days=1), timedelta(days=30)


class Tab(StrEnum):
    """Which lines: live ones without a hold, live ones with one, deleted ones."""

    ACTIVE = "active"
    HELD = "held"
    DELETED = "deleted"


class Use(StrEnum):
    """When the phone was last seen."""

    ANY = ""
    LAST_DAY = "day"
    QUIET = "quiet"
    NEVER = "never"


class Sort(StrEnum):
    NUMBER = "number"
    WORKER = "worker"
    SEEN = "seen"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants to see. `text` is a number in any form, part of one, a worker, a model or a device id."""

    tab: Tab = Tab.ACTIVE
    text: str = ""
    use: Use = Use.ANY
    sort: Sort = Sort.NUMBER

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.use)

    @property
    def is_too_short(self) -> bool:
        """A text of one or two letters fits too much for any index to help."""
        return bool(self.text) and len(self.text) < LEAST_LETTERS


@dataclass(frozen=True)
class Key:
    """Where a page begins: after the row with this value of the order and this id."""

    value: str
    device_id: int


@dataclass(frozen=True)
class Page:
    """Some rows, and the key of the next page when there is one."""

    rows: Sequence[Device]
    next: Key | None


@dataclass(frozen=True)
class Counted:
    """How many lines; `is_more` when counting stopped there."""

    lines: int
    is_more: bool = False

    def __str__(self) -> str:
        return f"{self.lines:,}+" if self.is_more else f"{self.lines:,}"


def rows(*, company: Company, wanted: Wanted, now: datetime, matching: Sequence[int] | None = None) -> QuerySet[Device]:
    """
    Return the wanted rows of the company, in no order.

    :param matching: what `search` found for the text, when it was asked already.
    """
    found = Device.objects.filter(company=company, **_TABS[wanted.tab])
    if wanted.text:
        found = found.filter(_among(search(company=company, text=wanted.text) if matching is None else matching))
    return _used(found, wanted.use, now)


def search(*, company: Company, text: str) -> list[int]:
    """Return the ids of the company's rows, of any tab, that a text fits; at most one more than `MOST_COUNTED`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT devices_matching(%s, %s::text[], %s, %s, %s, %s)", _terms(company, text))
        return [device_id for (device_id,) in cursor.fetchall()]


def _among(device_ids: Sequence[int]) -> Q:
    # One array instead of thousands of parameters, which would cost more to send than to look up.
    return Q(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [list(device_ids)]))


def page(
    *,
    company: Company,
    wanted: Wanted,
    now: datetime,
    after: Key | None = None,
    most: int = PAGE_LINES,
    matching: Sequence[int] | None = None,
) -> Page:
    """
    Return the rows after a key, in the wanted order.

    :raises ValueError: the key is not one of this order.
    """
    order = _ORDERS[Sort.DELETED if wanted.tab is Tab.DELETED else wanted.sort]
    found = order.arrange(rows(company=company, wanted=wanted, now=now, matching=matching), after)
    listed = list(found[: most + 1])
    if len(listed) <= most:
        return Page(rows=listed, next=None)
    last = listed[most - 1]
    return Page(rows=listed[:most], next=Key(order.text_of(last), last.pk))


def counts(
    *, company: Company, wanted: Wanted, now: datetime, matching: Sequence[int] | None = None
) -> dict[Tab, Counted]:
    """Return how many lines each tab has under the same search and filter."""
    if wanted.text:
        if matching is None:
            matching = search(company=company, text=wanted.text)
        return _counts_of_search(company, wanted, now, matching)
    return _counts_of_all(company, wanted, now)


def ids(*, company: Company, wanted: Wanted, now: datetime) -> list[int]:
    """Return the ids of all wanted rows, at most one more than `MOST_COUNTED`: then there are too many for one plan."""
    found = rows(company=company, wanted=wanted, now=now).order_by()
    return list(found.values_list("pk", flat=True)[: MOST_COUNTED + 1])


_LIVE = {"deleted_at": None}
_TABS: dict[Tab, dict[str, Any]] = {
    Tab.ACTIVE: {**_LIVE, "held_at": None},
    Tab.HELD: {**_LIVE, "held_at__isnull": False},
    Tab.DELETED: {"deleted_at__isnull": False},
}


def _terms(company: Company, text: str) -> list[int | str | list[str] | None]:
    """Return what the database's function takes for a text."""
    text = text.strip()
    digits = numbers.digits(text)
    # Mostly digits: part of a number, however it is written. A leading zero is the trunk prefix, not part of E.164.
    is_numeric = len(digits) >= LEAST_LETTERS and len(digits) * 2 >= len(text)
    readings = sorted(numbers.readings(text, regions=frozenset({company.region} - {""})))
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


def _used(found: QuerySet[Device], use: Use, now: datetime) -> QuerySet[Device]:
    if use is Use.ANY:
        return found
    # As the index has it: "never" is long ago.
    found = found.alias(_seen=SEEN)
    if use is Use.LAST_DAY:
        return found.filter(_seen__gt=now - _DAY)
    if use is Use.NEVER:
        return found.filter(_seen=LONG_AGO)
    return found.filter(_seen__lte=now - _QUIET, _seen__gt=LONG_AGO)


@dataclass(frozen=True)
class _Order:
    """One order of the list: by a column or expression that is never null, then by id, both in one direction."""

    key: Combinable
    is_down: bool = False
    is_time: bool = False

    def arrange(self, found: QuerySet[Device], after: Key | None) -> QuerySet[Device]:
        found = found.annotate(_order=self.key)
        if after is not None:
            value = datetime.fromisoformat(after.value) if self.is_time else after.value
            way = "lt" if self.is_down else "gt"
            found = found.filter(
                Q(**{f"_order__{way}e": value})
                & (Q(**{f"_order__{way}": value}) | Q(**{f"pk__{way}": after.device_id}))
            )
        sign = "-" if self.is_down else ""
        return found.order_by(f"{sign}_order", f"{sign}pk")

    def text_of(self, row: Device) -> str:
        value = getattr(row, "_order")  # noqa: B009  # annotated above, unknown to the type checker
        return value.isoformat() if self.is_time else str(value)


_ORDERS: dict[Sort, _Order] = {
    Sort.NUMBER: _Order(F("number")),
    Sort.WORKER: _Order(F("worker")),
    Sort.SEEN: _Order(SEEN, is_down=True, is_time=True),
    Sort.DELETED: _Order(F("deleted_at"), is_down=True, is_time=True),
}


def _counts_of_all(company: Company, wanted: Wanted, now: datetime) -> dict[Tab, Counted]:
    """Count what each tab has, up to the most; large companies' whole counts may be a minute old."""
    found = {tab: rows(company=company, wanted=replace(wanted, tab=tab), now=now).order_by() for tab in Tab}
    keys = {tab: f"lines:{company.pk}:{tab.value}" for tab in Tab}
    kept: dict[str, int] = {} if wanted.is_filtered else caches["counts"].get_many(keys.values())
    counted = {tab: Counted(kept[keys[tab]]) for tab in Tab if keys[tab] in kept}
    near = _near({tab: query for tab, query in found.items() if tab not in counted})
    for tab, lines in near.items():
        if lines <= MOST_COUNTED:
            counted[tab] = Counted(lines)
        elif wanted.is_filtered:
            counted[tab] = Counted(MOST_COUNTED, is_more=True)
        else:
            counted[tab] = Counted(found[tab].count())
            caches["counts"].set(keys[tab], counted[tab].lines, _COUNT_SECONDS)
    return counted


def _near(found: dict[Tab, QuerySet[Device]]) -> dict[Tab, int]:
    """Return how many rows each has, at most one more than `MOST_COUNTED`: all in one question to the database."""
    asked = [query.values("pk")[: MOST_COUNTED + 1].query.sql_with_params() for query in found.values()]
    if not asked:
        return {}
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS counted)" for sql, _ in asked)  # noqa: S608  # Django's own
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for _, values in asked for value in values])
        return dict(zip(found, cursor.fetchone(), strict=True))


def _counts_of_search(company: Company, wanted: Wanted, now: datetime, matching: Sequence[int]) -> dict[Tab, Counted]:
    found = _used(Device.objects.filter(_among(matching), company=company), wanted.use, now)
    counted = found.aggregate(**{tab.value: Count("pk", filter=Q(**_TABS[tab])) for tab in Tab})
    is_more = len(matching) > MOST_COUNTED
    return {tab: Counted(counted[tab.value], is_more=is_more and counted[tab.value] > 0) for tab in Tab}
