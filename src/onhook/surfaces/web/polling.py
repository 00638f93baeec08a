"""How often a page that watches an operation asks for news: less often, the older the operation is."""

from __future__ import annotations

# The pause between two questions, in seconds, up to an age of the operation, in seconds.
_RHYTHM = ((30, 1), (120, 2))
_SLOWEST = 5


def pause(*, age_seconds: float) -> int:
    """Return after how many seconds the page of an operation of this age asks again."""
    return next((seconds for limit, seconds in _RHYTHM if age_seconds < limit), _SLOWEST)
