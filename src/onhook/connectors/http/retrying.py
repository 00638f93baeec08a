"""When a read is tried again, and how long a vendor may make us wait."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ATTEMPTS = 3
# Waiting inside a call holds a worker: longer waits go back to the run, which sleeps at no cost.
LONGEST_PAUSE_SECONDS = 2.0
LEAST_AFTER_SECONDS = 1.0
MOST_AFTER_SECONDS = 900.0
DEFAULT_AFTER_SECONDS = 30.0
_FIRST_PAUSE_SECONDS = 0.2


def pause_seconds(*, attempt: int, jitter: float) -> float:
    """Return the pause after the n-th try (from 1): it doubles, and `jitter` (0 to 1) spreads it."""
    return float(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * (0.5 + jitter))


def clamped(seconds: float) -> float:
    """Return a wait that a vendor asked for, within our own limits: neither at once nor for ever."""
    return min(max(seconds, LEAST_AFTER_SECONDS), MOST_AFTER_SECONDS)


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """
    Return the seconds of a `Retry-After` header (RFC 9110, 10.2.3: seconds or a date); None when it says nothing.

    Clamped, because the value is the other side's.
    """
    if value is None:
        return None
    stripped = value.strip()
    if stripped.isascii() and stripped.isdigit():
        return clamped(float(stripped[:9]))
    moment = http_date(stripped)
    return None if moment is None else clamped((moment - now).total_seconds())


def http_date(value: str | None) -> datetime | None:
    """Return the moment of an HTTP date, or None when it is none."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
