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
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from onhook.devices import numbers
from onhook.devices.csu import LEAST_LETTERS
from onhook.devices.models import LONG_AGO, Device
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


def rows(*, company: Company, wanted: Wanted, now: datetime) -> QuerySet[Device]:
    """Return the wanted rows of the company, in no order."""
    found = Device.objects.filter(company=company, **_TABS[wanted.tab])
    if wanted.text:
        found = found.filter(pk__in=_matching(company, wanted.text))
    return found.filter(_used(wanted.use, now))


def page(*, company: Company, wanted: Wanted, now: datetime, after: Key | None = None, most: int = PAGE_LINES) -> Page:
    """
    Return the rows after a key, in the wanted order.

    :raises ValueError: the key is not one of this order.
    """
    order = _ORDERS[Sort.DELETED if wanted.tab is Tab.DELETED else wanted.sort]
    found = order.arrange(rows(company=company, wanted=wanted, now=now), after)
    listed = list(found[: most + 1])
    if len(listed) <= most:
        return Page(rows=listed, next=None)
    last = listed[most - 1]
    return Page(rows=listed[:most], next=Key(order.text_of(last), last.pk))


def counts(*, company: Company, wanted: Wanted, now: datetime) -> dict[Tab, Counted]:
    """Return how many lines each tab has under the same search and filter."""
    if wanted.text:
        return _counts_of_search(company, wanted, now)
    return {tab: _count(company, replace(wanted, tab=tab), now) for tab in Tab}


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


def _matching(company: Company, text: str) -> RawSQL:
    text = text.strip()
    digits = numbers.digits(text)
    # Mostly digits: part of a number, however it is written. A leading zero is the trunk prefix, not part of E.164.
    is_numeric = len(digits) >= LEAST_LETTERS and len(digits) * 2 >= len(text)
    readings = sorted(numbers.readings(text, regions=frozenset({company.region} - {""})))
    row_id = int(text) if text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004  # ids are shorter than numbers
    words = "" if is_numeric and len(text) == len(digits) else text
    return RawSQL(
        "SELECT devices_matching(%s, %s::text[], %s, %s, %s, %s)",
        [
            company.pk,
            readings,
            (digits.lstrip("0") or digits) if is_numeric else "",
            words if len(words) >= LEAST_LETTERS else "",
            row_id,
            MOST_COUNTED + 1,
        ],
    )


def _used(use: Use, now: datetime) -> Q:
    return {
        Use.ANY: Q(),
        Use.LAST_DAY: Q(last_seen_at__gt=now - _DAY),
        Use.QUIET: Q(last_seen_at__lte=now - _QUIET),
        Use.NEVER: Q(last_seen_at=None),
    }[use]


@dataclass(frozen=True)
class _Order:
    """One order of the list: by a column or expression, then by id, both in one direction."""

    column: str
    is_down: bool = False
    is_time: bool = False

    def arrange(self, found: QuerySet[Device], after: Key | None) -> QuerySet[Device]:
        found = found.annotate(_order=Coalesce(F(self.column), Value(LONG_AGO)) if self.is_time else F(self.column))
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
    Sort.NUMBER: _Order("number"),
    Sort.WORKER: _Order("worker"),
    Sort.SEEN: _Order("last_seen_at", is_down=True, is_time=True),
    Sort.DELETED: _Order("deleted_at", is_down=True, is_time=True),
}


def _count(company: Company, wanted: Wanted, now: datetime) -> Counted:
    found = rows(company=company, wanted=wanted, now=now).order_by()
    near = found.values("pk")[: MOST_COUNTED + 1].count()
    if near <= MOST_COUNTED:
        return Counted(near)
    if wanted.is_filtered:
        return Counted(MOST_COUNTED, is_more=True)
    # Only large companies come here: a minute-old count of so many lines is as good as a new one.
    kept: int | None = caches["counts"].get_or_set(
        f"lines:{company.pk}:{wanted.tab.value}", found.count, _COUNT_SECONDS
    )
    return Counted(kept or near)


def _counts_of_search(company: Company, wanted: Wanted, now: datetime) -> dict[Tab, Counted]:
    found = Device.objects.filter(company=company, pk__in=_matching(company, wanted.text)).filter(
        _used(wanted.use, now)
    )
    counted = found.aggregate(**{tab.value: Count("pk", filter=Q(**_TABS[tab])) for tab in Tab})
    is_more = sum(counted.values()) > MOST_COUNTED
    return {tab: Counted(counted[tab.value], is_more=is_more and counted[tab.value] > 0) for tab in Tab}
