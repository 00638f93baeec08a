"""Hand mail to an SMTP server (RFC 5321) and tell *not sent* from *not known*."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from onhook.connectors.mail.message import UnusableAddress, build
from onhook.connectors.mail.server import MailServer
from onhook.operations.errors import OutcomeUnknown, Rejected, Retryable
from onhook.operations.ports import Mail

_RETRY_SECONDS = 10.0
# RFC 5321, 4.2.1: 4yz may succeed later, 5yz will not.
_PERMANENT = 500


class SmtpMail:
    """The mail port over SMTP."""

    def __init__(self, *, server: MailServer | None, sender: str, deadline_seconds: float) -> None:
        self._server = server
        self._sender = sender
        self._deadline_seconds = deadline_seconds

    def send(self, mail: Mail) -> None:
        """
        Hand one mail over. Only the server's 250 after the data means that it took it (RFC 5321, 4.1.1.4).

        :raises Retryable: refused for now, or the connection failed before the data was complete.
        :raises Rejected: refused for good.
        :raises OutcomeUnknown: the data was complete and no answer came.
        """
        try:
            message = build(mail, sender=self._sender)
        except UnusableAddress:
            raise Rejected("the address on record is not a mail address") from None
        deadline = time.monotonic() + self._deadline_seconds
        sender, recipient = message["From"].addresses[0].addr_spec, message["To"].addresses[0].addr_spec
        with self._session(deadline) as session:
            self._envelope(session, sender=sender, recipient=recipient, deadline=deadline)
            self._data(session, message.as_bytes(), deadline)

    def check(self) -> str:
        """
        Greet the server, sign in where credentials are set, and leave.

        :raises Retryable: it does not answer, or refuses.
        """
        with self._session(time.monotonic() + self._deadline_seconds) as session:
            return f"{self._server.host}:{self._server.port}" if self._server and session else ""

    @contextmanager
    def _session(self, deadline: float) -> Iterator[smtplib.SMTP]:
        if self._server is None:
            raise Retryable("mail is not set up: ONHOOK_MAIL_URL is empty", after=_RETRY_SECONDS)
        try:
            session = self._connect(self._server, deadline)
        except smtplib.SMTPAuthenticationError:
            raise Retryable("the mail server refuses the sign-in", after=_RETRY_SECONDS) from None
        except (OSError, smtplib.SMTPException) as fault:
            raise Retryable(
                f"the mail server cannot be reached ({type(fault).__name__})", after=_RETRY_SECONDS
            ) from None
        try:
            yield session
        finally:
            session.close()

    def _connect(self, server: MailServer, deadline: float) -> smtplib.SMTP:
        seconds = _left(deadline)
        if server.security == "smtps":
            session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=self._trust)
        else:
            session = smtplib.SMTP(server.host, server.port, timeout=seconds)
        try:
            if server.security == "smtp+starttls":
                session.starttls(context=self._trust)
            if server.user:
                session.login(server.user, server.password)
        except BaseException:
            session.close()
            raise
        return session

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # Kept: reading the system's certificates costs more than all the rest of a mail.
        return ssl.create_default_context()

    def _envelope(self, session: smtplib.SMTP, *, sender: str, recipient: str, deadline: float) -> None:
        try:
            _limit(session, deadline)
            session.ehlo_or_helo_if_needed()
            _expect(session.mail(sender), (250,))
            _expect(session.rcpt(recipient), (250, 251))
        except (OSError, smtplib.SMTPException) as fault:
            raise _not_sent(fault) from None

    def _data(self, session: smtplib.SMTP, data: bytes, deadline: float) -> None:
        try:
            _limit(session, deadline)
            answer = session.data(data)
        except smtplib.SMTPDataError as refusal:
            # The DATA command itself was refused: nothing was sent.
            answer = (refusal.smtp_code, b"")
        except (OSError, smtplib.SMTPException) as fault:
            # From the final dot on the server may have the mail, whatever we hear of it.
            problem = f"the mail was handed over, but the server's answer did not arrive ({type(fault).__name__})"
            raise OutcomeUnknown(problem) from None
        _expect(answer, (250,))


def _not_sent(fault: Exception) -> Retryable:
    return Retryable(f"the connection to the mail server failed ({type(fault).__name__})", after=_RETRY_SECONDS)


def _expect(answer: tuple[int, bytes], codes: tuple[int, ...]) -> None:
    code = answer[0]
    if code in codes:
        return
    if code >= _PERMANENT:
        raise Rejected(f"the mail server refused it for good (code {code})")
    raise Retryable(f"the mail server refused it for now (code {code})", after=_RETRY_SECONDS)


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.1)


def _limit(session: smtplib.SMTP, deadline: float) -> None:
    if isinstance(session.sock, socket.socket):
        session.sock.settimeout(_left(deadline))
