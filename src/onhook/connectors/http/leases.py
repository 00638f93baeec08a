"""Secrets on loan: kept in memory for a limited time, read once however many ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.shared import Shared
from onhook.operations.ports import Secret


class Leases:
    """Holds secrets by reference. What runs out or is dropped is not kept."""

    def __init__(self, *, system: str, lasts_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._system = system
        self._lasts_seconds = lasts_seconds
        self._clock = clock
        self._held: dict[str, Shared[Secret]] = {}
        self._guard = threading.Lock()

    def get(self, reference: str, *, read: Callable[[], Secret], deadline: Deadline) -> Secret:
        """
        Return the secret from memory, or read it with `read`.

        :raises Retryable: another read of it is under way and does not end before the deadline.
        """
        return self._of(reference).get(make=read, deadline=deadline)

    def drop(self, reference: str) -> None:
        """Forget one."""
        self._of(reference).forget()

    def _of(self, reference: str) -> Shared[Secret]:
        with self._guard:
            if reference not in self._held:
                self._held[reference] = Shared(
                    busy=f"{self._system} is still being asked for the secret",
                    lasts_seconds=self._lasts_seconds,
                    clock=self._clock,
                )
            return self._held[reference]
