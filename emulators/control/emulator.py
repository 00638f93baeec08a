"""The base every emulator builds on: its parts, and what a vendor adds."""

import ssl
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from aiohttp import web
from aiohttp.typedefs import Middleware

from emulators.control import http_faults
from emulators.control.clock import Clock
from emulators.control.errors import DocumentError
from emulators.control.faults import Fault, FaultBook, Parameters
from emulators.control.journal import Entry, Journal
from emulators.control.killing import check_kill

ENTRY_KEY = "emulators.entry"


def entry_of(request: web.Request) -> Entry:
    """Give the journal entry of this call, to note effects and whether its credentials were accepted."""
    entry: Entry = request[ENTRY_KEY]
    return entry


class Emulator(ABC):
    """
    One stateful stand-in for one outside service.

    A vendor subclasses this, sets `name`, implements `routes`, `seed` and `reset_state`, and where its faults
    need vendor knowledge `other_record` and `expired_token`. Handlers call `entry_of(request).effect(...)`
    for every change and `.authenticated(passed)` once per call. The base serves all under `/_control/`.
    """

    name: ClassVar[str]
    # Off where HTTP is only for looking at the emulator (the mailbox): no faults, no journal there.
    has_http_vendor: ClassVar[bool] = True

    def __init__(self) -> None:
        self.clock = Clock()
        self.journal = Journal()
        self.faults = FaultBook(kinds=self.fault_kinds())

    @abstractmethod
    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Give the vendor's own routes."""

    @abstractmethod
    def seed(self, document: object) -> Mapping[str, object]:
        """
        Replace the state by a vendor-shaped document and say what was read.

        :raises DocumentError: the document is wrong; the state before stays as it was.
        """

    @abstractmethod
    def reset_state(self) -> None:
        """Forget all vendor state."""

    def middlewares(self) -> Sequence[Middleware]:
        """Give the vendor's middlewares (such as its error shapes); they run inside journal and faults."""
        return ()

    def fault_kinds(self) -> Mapping[str, Parameters]:
        """Give the kinds of fault this emulator has; vendors may add or replace."""
        return http_faults.KINDS

    def check_fault(self, fault: Fault) -> None:
        """Refuse a fault whose values cannot work, when it is set."""
        if fault.kind == "kill_client":
            check_kill(fault)
        if fault.kind in {"other_record", "expired_token"} and not self._overrides(fault.kind):
            raise DocumentError(f"The {self.name} emulator has no fault {fault.kind!r}.")

    async def other_record(self, request: web.Request, response: web.Response) -> web.Response:
        """Give the answer of another record than the one asked for (fault `other_record`)."""
        raise NotImplementedError

    async def expired_token(self, request: web.Request) -> web.Response:
        """Give what the vendor answers to credentials that ran out (fault `expired_token`)."""
        raise NotImplementedError

    async def start_servers(
        self,
        *,
        host: str,  # noqa: ARG002  # for subclasses
        tls: ssl.SSLContext | None,  # noqa: ARG002  # for subclasses
    ) -> Mapping[str, str]:
        """Start further servers beside HTTP and give their addresses for the ready file."""
        return {}

    async def stop_servers(self) -> None:  # noqa: B027  # most emulators have none
        """Stop what `start_servers` started."""

    def reset(self) -> None:
        """Forget state, faults and journal and set the clock right."""
        self.reset_state()
        self.faults.clear()
        self.journal.clear()
        self.clock.reset()

    def _overrides(self, method: str) -> bool:
        return getattr(type(self), method) is not getattr(Emulator, method)
