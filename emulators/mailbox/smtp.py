"""The SMTP side: every command goes through journal and faults; DATA stores the message."""

import asyncio
import hmac
import ssl
from dataclasses import dataclass
from typing import NoReturn

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from emulators.control.clock import Clock
from emulators.control.faults import Fault, FaultBook
from emulators.control.journal import Entry, Journal
from emulators.mailbox import faults
from emulators.mailbox.messages import Messages

MAXIMUM_MESSAGE_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Login:
    """The one account the mailbox knows, when it asks for one."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class SmtpSide:
    """What every SMTP connection of one mailbox shares."""

    messages: Messages
    journal: Journal
    faults: FaultBook
    clock: Clock
    login: Login | None

    def connection(self, tls: ssl.SSLContext | None) -> "Connection":
        """Give the protocol of one new connection."""
        return Connection(
            _Handler(self),
            hostname="mailbox.example",
            ident="emulator",
            tls_context=tls,
            enable_SMTPUTF8=True,
            data_size_limit=MAXIMUM_MESSAGE_BYTES,
            auth_required=self.login is not None,
            auth_require_tls=tls is not None,
            authenticator=self._authenticate,
        )

    def _authenticate(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        mechanism: str,
        data: LoginPassword,
    ) -> AuthResult:
        expected = self.login
        entry = self.journal.begin(method="AUTH", path=mechanism)
        passed = (
            expected is not None
            and hmac.compare_digest(data.login, expected.user.encode())
            and hmac.compare_digest(data.password, expected.password.encode())
        )
        entry.authenticated(passed)
        self.journal.finish(entry, status=235 if passed else 535)
        return AuthResult(success=passed, handled=False)


class Connection(SMTP):
    """One SMTP connection that can cut itself."""

    # How the present DATA began; its end is in the handler.
    data_entry: Entry | None = None
    data_faults: list[Fault]

    async def cut(self) -> NoReturn:
        """Abort the connection. Never returns: losing the connection cancels whoever waits here."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        await asyncio.Event().wait()
        raise AssertionError("A cut connection goes on.")

    async def smtp_DATA(self, argument: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """Begin a message; faults that strike before its end strike here."""
        side: SmtpSide = self.event_handler.side
        recipients = ",".join(self.envelope.rcpt_tos) if self.envelope is not None else ""
        entry = side.journal.begin(method="DATA", path=recipients)
        self.data_entry = entry
        self.data_faults = side.faults.striking(method="DATA", path=recipients)
        entry.faults.extend(fault.kind for fault in self.data_faults)
        try:
            refusal = await faults.before_effect(self.data_faults, self.cut)
            if refusal is not None:
                side.journal.finish(entry, status=int(refusal[:3]))
                await self.push(refusal)
                return
            if any(fault.kind == "cut_in_data" for fault in self.data_faults):
                await self._cut_in_data()
            await super().smtp_DATA(argument)
        finally:
            # A cut, a killed client, or a DATA that was out of order: no answer of ours to record.
            if not entry.is_finished:
                side.journal.finish(entry, status=None)

    async def _cut_in_data(self) -> None:
        """Invite the message, take its first line and cut."""
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readuntil(b"\n")
        await self.cut()


class _Handler:
    """aiosmtpd's hooks: it calls them by name and answers with what they return."""

    def __init__(self, side: SmtpSide) -> None:
        self.side = side

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: Connection, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._command(server, "MAIL", address)
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: Connection, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._command(server, "RCPT", address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 OK"

    async def handle_DATA(self, server: Connection, _: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the message, note it, and only then let the faults take the answer away."""
        entry = server.data_entry
        if entry is None:
            raise AssertionError("DATA ends without having begun.")
        message = self.side.messages.add(
            sender=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
            raw=bytes(envelope.original_content or b""),
            received_at=self.side.clock.now(),
        )
        entry.effect(
            "message_stored",
            id=message.id,
            message_id=message.message_id,
            recipients=list(message.recipients),
        )
        await faults.after_effect(server.data_faults, server.cut)
        self.side.journal.finish(entry, status=250)
        return f"250 OK message {message.id} stored"

    async def _command(self, server: Connection, command: str, address: str) -> str | None:
        side = self.side
        entry = side.journal.begin(method=command, path=address)
        status: int | None = None
        try:
            striking = side.faults.striking(method=command, path=address)
            entry.faults.extend(fault.kind for fault in striking)
            refusal = await faults.before_effect(striking, server.cut)
            await faults.after_effect(striking, server.cut)
            status = 250 if refusal is None else int(refusal[:3])
            return refusal
        finally:
            side.journal.finish(entry, status=status)
