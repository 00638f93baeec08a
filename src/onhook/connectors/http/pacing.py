"""At most so many sign-ins in a span of time: a vendor locks accounts that try more often."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from onhook.operations.errors import Retryable

SIGN_INS_PER_MINUTE = 3
_MINUTE_SECONDS = 60.0


class SignInPace:
    """Counts the sign-ins at one vendor, of this process."""

    def __init__(
        self,
        *,
        system: str,
        most: int = SIGN_INS_PER_MINUTE,
        span_seconds: float = _MINUTE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._system = system
        self._most = most
        self._span_seconds = span_seconds
        self._clock = clock
        self._taken: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self) -> None:
        """
        Count one sign-in that is about to happen.

        :raises Retryable: there were too many in the last minute; `after` says when there is room again.
        """
        with self._lock:
            wait = self._wait()
            if wait <= 0.0:
                self._taken.append(self._clock())
                return
        raise Retryable(f"{self._system} is not asked to sign us in more often, for now", after=wait)

    def _wait(self) -> float:
        now = self._clock()
        while self._taken and now - self._taken[0] >= self._span_seconds:
            self._taken.popleft()
        if len(self._taken) < self._most:
            return 0.0
        return self._taken[0] + self._span_seconds - now
