"""The mailbox as an emulator: SMTP in, HTTP out."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence

from aiohttp import web

from emulators.control import documents
from emulators.control.api import explained, wait_seconds, whole_number
from emulators.control.emulator import Emulator
from emulators.control.errors import StartError
from emulators.control.faults import Fault, Parameters
from emulators.mailbox import faults, pages
from emulators.mailbox.messages import Message, Messages
from emulators.mailbox.smtp import Login, SmtpSide


class Mailbox(Emulator):
    """Accepts every message over SMTP and shows it over HTTP."""

    name = "mailbox"
    has_http_vendor = False

    def __init__(self, *, smtp_port: int = 0, login: Login | None = None) -> None:
        super().__init__()
        self.messages = Messages()
        self._smtp_port = smtp_port
        self._login = login
        self._server: asyncio.Server | None = None

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Give the routes a reader of mail uses."""
        return [
            web.get("/", self._index),
            web.get("/messages", explained(self._list)),
            web.delete("/messages", self._delete),
            web.get(r"/messages/{id:\d+}", self._message),
            web.get(r"/messages/{id:\d+}/raw", self._raw),
            web.get(r"/messages/{id:\d+}/html", self._html),
        ]

    def fault_kinds(self) -> Mapping[str, Parameters]:
        """Give the SMTP faults in place of the HTTP ones."""
        return faults.KINDS

    def check_fault(self, fault: Fault) -> None:
        """Refuse a fault whose values cannot work."""
        super().check_fault(fault)
        faults.check(fault)

    def seed(self, document: object) -> Mapping[str, object]:
        """Empty the mailbox; there is nothing to put into it but mail."""
        fields = documents.require_object(document, where="The seed")
        documents.refuse_unknown(fields, (), where="The seed of the mailbox")
        self.reset_state()
        return {"messages": 0}

    def reset_state(self) -> None:
        """Forget all messages."""
        self.messages.clear()

    async def start_servers(self, *, host: str, tls: ssl.SSLContext | None) -> Mapping[str, str]:
        """Listen for SMTP, with STARTTLS where there is a certificate."""
        side = SmtpSide(
            messages=self.messages,
            journal=self.journal,
            faults=self.faults,
            clock=self.clock,
            login=self._login,
        )
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: side.connection(tls), host, self._smtp_port)
        except OSError as error:
            raise StartError(
                f"it cannot listen for SMTP on {host}:{self._smtp_port} ({error.strerror}). "
                "Choose another port, or 0 for a free one."
            ) from error
        return {"smtp": f"{host}:{self._server.sockets[0].getsockname()[1]}"}

    async def stop_servers(self) -> None:
        """Stop listening for SMTP."""
        if self._server is not None:
            self._server.close()

    async def _index(self, _: web.Request) -> web.Response:
        return pages.index(self.messages.since(0))

    async def _list(self, request: web.Request) -> web.Response:
        """List the messages after `since`; with `at_least`, wait until there are so many of them."""
        since = whole_number(request, "since", default=0)
        at_least = whole_number(request, "at_least", default=0)
        await self.messages.changes.wait_until(
            lambda: len(self.messages.since(since)) >= at_least, timeout_seconds=wait_seconds(request)
        )
        messages = [message.summary() for message in self.messages.since(since)]
        return web.json_response({"count": len(messages), "messages": messages})

    async def _delete(self, _: web.Request) -> web.Response:
        count = len(self.messages.since(0))
        self.messages.clear()
        return web.json_response({"deleted": count})

    async def _message(self, request: web.Request) -> web.Response:
        return web.json_response(self._wanted(request).described())

    async def _raw(self, request: web.Request) -> web.Response:
        # Plain text, so that a browser shows it and runs nothing of it.
        return web.Response(
            body=self._wanted(request).raw,
            headers={"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"},
        )

    async def _html(self, request: web.Request) -> web.Response:
        html = self._wanted(request).part("html")
        if html is None:
            raise web.HTTPNotFound(text="The message has no HTML part.")
        return pages.mail(html)

    def _wanted(self, request: web.Request) -> Message:
        message = self.messages.get(int(request.match_info["id"]))
        if message is None:
            raise web.HTTPNotFound(text="There is no such message.")
        return message
