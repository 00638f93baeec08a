"""A point in time that a whole call must not pass."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """A moment of the monotonic clock, in seconds. It holds for all that one call of a port does together."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the deadline that many seconds from now."""
        return cls(at=time.monotonic() + seconds)

    @property
    def seconds_left(self) -> float:
        """Return what is left, never less than zero."""
        return max(self.at - time.monotonic(), 0.0)

    @property
    def is_over(self) -> bool:
        return self.seconds_left <= 0.0
