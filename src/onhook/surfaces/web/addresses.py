"""What stands in an address: ids, times and filters. Whatever somebody types there is read, or counts as not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

_MOST_DIGITS = 18  # of a 64-bit integer


def whole(text: str) -> int | None:
    """Return a whole number that fits an id; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


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


def with_query(address: str, said: Mapping[str, str], **many: Sequence[str]) -> str:
    """Return the address with what is said, once or many times; what is empty is left out."""
    query = urlencode({name: value for name, value in {**said, **many}.items() if value}, doseq=True)
    return f"{address}?{query}" if query else address
