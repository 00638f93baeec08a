"""Lets a reader wait until there is something new, so that tests never sleep for luck."""

import asyncio
from collections.abc import Callable


class Changes:
    """Wakes everyone who waits whenever something changed. Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def announce(self) -> None:
        """Wake all who wait; they look again for themselves."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait_until(self, is_reached: Callable[[], bool], *, timeout_seconds: float) -> bool:
        """Wait until `is_reached` holds; give whether it did within `timeout_seconds`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while not is_reached():
            remaining = deadline - loop.time()
            if remaining <= 0:
                return False
            await self._next_change(remaining)
        return True

    async def _next_change(self, timeout_seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait([future], timeout=timeout_seconds)
        finally:
            self._waiting.discard(future)
