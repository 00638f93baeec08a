"""At most so many sign-ins in a span of time: a vendor locks accounts that try more often."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

from onhook.operations.errors import SignInsUsedUp
from onhook.operations.ports import SignInCounter

SIGN_INS_PER_MINUTE = 3
_MINUTE_SECONDS = 60.0


class SignInPace:
    """Keeps the sign-ins at one vendor to the pace, together with all who use the same counter."""

    def __init__(self, *, system: str, counter: SignInCounter) -> None:
        self._system = system
        self._counter = counter

    def take(self) -> None:
        """
        Count one sign-in that is about to happen.

        :raises SignInsUsedUp: there were too many in the last minute; `after` says when there is room again.
        :raises Retryable: it cannot be counted now, so none may happen.
        """
        wait = self._counter.count(vendor=self._system, most=SIGN_INS_PER_MINUTE, span_seconds=_MINUTE_SECONDS)
        if wait > 0.0:
            problem = f"{self._system} is not asked to sign us in more often, for now: again in {math.ceil(wait)} s"
            raise SignInsUsedUp(problem, after=wait)


class CounterOfProcess:
    """A `SignInCounter` in memory, for connectors that nobody shares a vendor with: it counts for one process only."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counted: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def count(self, *, vendor: str, most: int, span_seconds: float) -> float:
        """Count one sign-in and return 0, or count none and return the seconds until there is room."""
        with self._lock:
            now, counted = self._clock(), self._counted[vendor]
            while counted and now - counted[0] >= span_seconds:
                counted.popleft()
            if len(counted) >= most:
                return counted[0] + span_seconds - now
            counted.append(now)
            return 0.0
