"""The messages the mailbox holds, in order of arrival, and what is read out of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from emulators.control.waiting import Changes


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted message: its envelope and its bytes as they came."""

    id: int
    sender: str
    recipients: tuple[str, ...]
    received_at: datetime
    raw: bytes

    def parsed(self) -> EmailMessage:
        """Parse the message; a broken one gives what can be read."""
        message: EmailMessage = message_from_bytes(self.raw, policy=policy.default)
        return message

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
        parsed = self.parsed()
        return {
            "id": self.id,
            "from": self.sender,
            "to": list(self.recipients),
            "subject": str(parsed.get("Subject", "")),
            "message_id": str(parsed.get("Message-ID", "")),
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
        message = Message(
            id=self._last_id,
            sender=sender,
            recipients=tuple(recipients),
            received_at=received_at,
            raw=raw,
        )
        self._messages[message.id] = message
        self.changes.announce()
        return message

    def all(self) -> list[Message]:
        """Give all messages, oldest first."""
        return list(self._messages.values())

    def get(self, message_id: int) -> Message | None:
        """Give one message, if there is one of that id."""
        return self._messages.get(message_id)

    def clear(self) -> None:
        """Forget all messages."""
        self._messages.clear()
