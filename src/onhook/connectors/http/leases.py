"""Secrets on loan: kept in memory for a limited time, read once however many ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from onhook.connectors.http.deadlines import Deadline
from onhook.operations.errors import Retryable
from onhook.operations.ports import Secret

_BUSY_AFTER_SECONDS = 5.0


class Leases:
    """
    Holds secrets by reference. Whoever asks first reads, the others wait for that one and share it.
    """

    def __init__(self, *, system: str, lasts_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._system = system
        self._lasts_seconds = lasts_seconds
        self._clock = clock
        self._held: dict[str, tuple[Secret, float]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, reference: str, *, read: Callable[[], Secret], deadline: Deadline) -> Secret:
        """
        Return the secret from memory, or read it with `read`.

        :raises Retryable: another read of it is under way and does not end before the deadline.
        """
        held = self._current(reference)
        if held is not None:
            return held
        with self._guard:
            lock = self._locks.setdefault(reference, threading.Lock())
        if not lock.acquire(timeout=deadline.seconds_left):
            raise Retryable(f"{self._system} is still being asked for the secret", after=_BUSY_AFTER_SECONDS)
        try:
            # Look again: the one we waited for may have read it.
            held = self._current(reference)
            if held is None:
                held = read()
                self._held[reference] = (held, self._clock() + self._lasts_seconds)
            return held
        finally:
            lock.release()

    def drop(self, reference: str) -> None:
        """Forget one."""
        self._held.pop(reference, None)

    def _current(self, reference: str) -> Secret | None:
        held = self._held.get(reference)
        if held is None:
            return None
        if self._clock() >= held[1]:
            self._held.pop(reference, None)
            return None
        return held[0]
