"""One sign-in, shared by all runs of a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from onhook.connectors.http.deadlines import Deadline
from onhook.operations.errors import Retryable

Session = TypeVar("Session")

_BUSY_AFTER_SECONDS = 5.0


class SharedSignIn(Generic[Session]):
    """
    Holds the session of one vendor. Whoever comes first signs in, the others wait for that one and share it.

    A session is renewed after `lasts_seconds`, or once someone reports it as refused.
    """

    def __init__(
        self,
        *,
        system: str,
        sign_in: Callable[[Deadline], Session],
        lasts_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._system = system
        self._sign_in = sign_in
        self._lasts_seconds = lasts_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[Session, float] | None = None

    def session(self, deadline: Deadline) -> Session:
        """
        Return the session, signing in if there is none.

        :raises Retryable: another sign-in is under way and does not end before the deadline.
        """
        current = self._current()
        if current is not None:
            return current
        if not self._lock.acquire(timeout=deadline.seconds_left):
            raise Retryable(f"{self._system} is still signing us in", after=_BUSY_AFTER_SECONDS)
        try:
            # Look again: the one we waited for may have signed in.
            current = self._current()
            if current is None:
                current = self._sign_in(deadline)
                self._held = (current, self._clock() + self._lasts_seconds)
            return current
        finally:
            self._lock.release()

    def refused(self, session: Session) -> None:
        """Forget this session; one that somebody has renewed meanwhile stays."""
        held = self._held
        if held is not None and held[0] is session:
            self._held = None

    def _current(self) -> Session | None:
        held = self._held
        return held[0] if held is not None and self._clock() < held[1] else None
