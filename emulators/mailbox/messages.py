"""The messages the mailbox holds, in order of arrival, and what is read out of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from emulators.control.waiting import Changes


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted message: its envelope, the two headers that name it, and its bytes as they came."""

    id: int
    sender: str
    recipients: tuple[str, ...]
    received_at: datetime
    subject: str
    message_id: str
    raw: bytes

    def parsed(self) -> EmailMessage:
        """Parse the message; a broken one gives what can be read."""
        return _parse(self.raw)

    def part(self, subtype: str) -> str | None:
        """Give the decoded text of the first `plain` or `html` body part."""
        body = self.parsed().get_body((subtype,))
        if body is None:
            return None
        try:
            return str(body.get_content())
        except (LookupError, ValueError):
            # An unknown or wrong charset: show something rather than nothing.
            payload = body.get_payload(decode=True)
            return payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else None

    def headers(self) -> list[tuple[str, str]]:
        """Give all headers in order, decoded."""
        return [(name, str(value)) for name, value in self.parsed().items()]

    def summary(self) -> Mapping[str, object]:
        """Give what the list shows."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": list(self.recipients),
            "subject": self.subject,
            "message_id": self.message_id,
            "received_at": self.received_at.isoformat(),
            "bytes": len(self.raw),
        }

    def described(self) -> Mapping[str, object]:
        """Give the whole message."""
        headers = [list(pair) for pair in self.headers()]
        return {**self.summary(), "headers": headers, "text": self.part("plain"), "html": self.part("html")}


class Messages:
    """All messages since the last reset. Ids count from 1 and are never used again."""

    def __init__(self) -> None:
        self._messages: dict[int, Message] = {}
        self._last_id = 0
        self.changes = Changes()

    def add(self, *, sender: str, recipients: Sequence[str], raw: bytes, received_at: datetime) -> Message:
        """Keep one accepted message."""
        self._last_id += 1
        parsed = _parse(raw)
        message = Message(
            id=self._last_id,
            sender=sender,
            recipients=tuple(recipients),
            received_at=received_at,
            subject=str(parsed.get("Subject", "")),
            message_id=str(parsed.get("Message-ID", "")),
            raw=raw,
        )
        self._messages[message.id] = message
        self.changes.announce()
        return message

    def since(self, message_id: int) -> list[Message]:
        """Give the messages after that id, oldest first; 0 gives all."""
        return [message for message in self._messages.values() if message.id > message_id]

    def get(self, message_id: int) -> Message | None:
        """Give one message, if there is one of that id."""
        return self._messages.get(message_id)

    def clear(self) -> None:
        """Forget all messages."""
        self._messages.clear()


def _parse(raw: bytes) -> EmailMessage:
    message: EmailMessage = message_from_bytes(raw, policy=policy.default)
    return message
