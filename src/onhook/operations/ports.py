"""What the domain needs of the outside, as interfaces. Connectors implement them; only `config/wiring.py` joins the two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail, ready to go. `message_id` stays the same when it has to be sent again."""

    message_id: str
    to_address: str
    subject: str
    text: str
    html: str
    written_at: datetime


class MailPort(Protocol):
    """Hands mail to a mail server."""

    def send(self, mail: Mail) -> None:
        """
        Hand over one mail; returning means that the server took it.

        :raises Retryable: not handed over, nothing was sent; worth another try.
        :raises Rejected: the server refuses this mail for good; nothing was sent.
        :raises OutcomeUnknown: it was handed over, but the server's answer did not arrive.
        """

    def check(self) -> str:
        """
        Greet the server without sending anything; return how it names itself.

        :raises Retryable: it does not answer.
        """


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The outside as one operation sees it."""

    mail: MailPort
