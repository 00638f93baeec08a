"""What stands in an address: ids, times and filters. Whatever somebody types there is read, or counts as not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

_MOST_DIGITS = 18  # of a 64-bit integer


@lru_cache(maxsize=8192)
def to(route: str, *ids: int) -> str:
    """Return the address of a page: for the side bars, which put together the same dozen for every page."""
    return reverse(route, args=ids)


def whole(text: str) -> int | None:
    """Return a whole number that fits an id; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def plain(text: str) -> str:
    """Return what somebody typed, without blanks around it and the zero byte, which no text of the database holds."""
    return text.replace("\0", "").strip()


def moment(text: str) -> datetime | None:
    """Return a time with its zone, as `stamp` writes it; None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def stamp(at: datetime) -> str:
    """Return a time as it stands in an address."""
    return at.isoformat().replace("+00:00", "Z")


def place(text: str) -> tuple[datetime, UUID] | None:
    """Return the place in a list by time and id that `place_of` wrote; None for anything else."""
    at, _, row_id = text.partition("~")
    try:
        when = moment(at)
        return (when, UUID(row_id)) if when else None
    except ValueError:
        return None


def place_of(at: datetime, row_id: UUID) -> str:
    """Return a place in a list by time and id as it stands in an address."""
    return f"{stamp(at)}~{row_id}"


def with_query(address: str, said: Mapping[str, str], **many: Sequence[str]) -> str:
    """Return the address with what is said, once or many times; what is empty is left out."""
    query = urlencode({name: value for name, value in {**said, **many}.items() if value}, doseq=True)
    return f"{address}?{query}" if query else address
