"""One value that all threads of a process share, such as a sign-in: made by whoever comes first, for all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from onhook.connectors.http.deadlines import Deadline
from onhook.operations.errors import Retryable

Value = TypeVar("Value")

_BUSY_AFTER_SECONDS = 5.0


class Shared(Generic[Value]):
    """
    Holds a value for a limited time. Whoever comes first makes it, the others wait for that one and share it.

    What fails to be made is not held: the next one tries again.
    """

    def __init__(self, *, busy: str, lasts_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._busy = busy
        self._lasts_seconds = lasts_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[Value, float] | None = None

    def get(self, *, make: Callable[[], Value], deadline: Deadline) -> Value:
        """
        Return the value, making it if there is none.

        :raises Retryable: another thread is making it and does not end before the deadline.
        """
        current = self._current()
        if current is not None:
            return current
        if not self._lock.acquire(timeout=deadline.seconds_left):
            raise Retryable(self._busy, after=_BUSY_AFTER_SECONDS)
        try:
            # Look again: the one we waited for may have made it.
            current = self._current()
            if current is None:
                current = make()
                self._held = (current, self._clock() + self._lasts_seconds)
            return current
        finally:
            self._lock.release()

    def forget(self, value: Value | None = None) -> None:
        """Forget the value; given one, only if it is still that one: somebody may have renewed it meanwhile."""
        held = self._held
        if held is not None and (value is None or held[0] is value):
            self._held = None

    def _current(self) -> Value | None:
        held = self._held
        return held[0] if held is not None and self._clock() < held[1] else None
