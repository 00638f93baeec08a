"""What the domain needs of the outside, as interfaces. Connectors implement them; `config/wiring.py` joins the two."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
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
class Account:
    """
    A company's account in the CRM. `stored_link` is the CRM's own copy of the shop's upgrade link, often empty; `coid`
    is the company that the CRM says it is, where it says so.
    """

    account_id: str
    name: str
    account_number: str
    stored_link: str = ""
    classic_url: str = ""
    lightning_url: str = ""
    coid: int | None = field(default=None, compare=False)

    def may_be_of(self, coid: int) -> bool:
        """Whether the CRM leaves it possible that this is the company's: it names this COID, or none."""
        return self.coid is None or self.coid == coid


class AccountsPort(Protocol):
    """Finds a company's account in the CRM. Every call has a total deadline of its own."""

    def accounts_of(self, *, coid: int, name: str) -> list[Account]:
        """
        Return the accounts that carry this COID, else those of exactly this name that carry no other COID. None and
        several are answers too.

        :raises Retryable: it does not answer, for now.
        :raises Rejected: it refuses for good (credentials, rights, a field that is not there).
        """

    def account(self, *, account_id: str) -> Account | None:
        """Return one account by its id; None when it is gone. Raises like `accounts_of`."""

    def accounts_numbered(self, *, account_number: str) -> list[Account]:
        """Return the accounts that carry exactly this account number. Raises like `accounts_of`."""

    def check(self) -> str:
        """Sign in and read something harmless; return what answered. Raises like `accounts_of`."""


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """
    A subscription at the shop. `quantity` is the number of lines that are paid for; one that is not `is_recurring` ends
    when it is due, and until then nobody changes its count.
    """

    reference: str
    account_number: str
    product_name: str
    quantity: int
    status: str
    is_active: bool
    renews_on: date | None
    is_upgrade_possible: bool | None = None
    is_recurring: bool = True


class ShopPort(Protocol):
    """Reads subscriptions at the shop and knows the link where a customer changes their count."""

    def sign_in(self) -> None:
        """Sign in where nobody has yet, so that the next call need not. Raises like `AccountsPort`."""

    def subscriptions_of(self, *, account_number: str) -> list[Subscription]:
        """
        Return the subscriptions of exactly this account number, checked on every item. Raises like `AccountsPort`.
        """

    def subscription(self, *, reference: str, account_number: str) -> Subscription | None:
        """Return one, with `is_upgrade_possible` known; None when it is gone or not this account's."""

    def upgrade_link(self, *, reference: str) -> str:
        """Return the address of the shop's upgrade page for this subscription (built, not fetched)."""

    def check(self) -> str:
        """Sign in and read something harmless; return what answered. Raises like `AccountsPort`."""


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A credential on loan: user (or client id), value, and where it is for. Never stored, logged or shown."""

    user: str
    value: str = field(repr=False)
    address: str = ""


class SecretStore(Protocol):
    """Where credentials are. A reference is an id or an exact title, never a search."""

    def lease(self, reference: str) -> Secret:
        """
        Return the secret, from memory while its lease lasts.

        :raises Retryable: the store does not answer.
        :raises Rejected: no such secret, several, or no right to it.
        """

    def drop(self, reference: str) -> None:
        """Forget a leased secret, because it was refused: the next lease reads it anew."""

    def check(self, reference: str) -> str:
        """Read one secret anew and return what gave it. Raises like `lease`."""


class SignInCounter(Protocol):
    """Counts sign-ins at outside systems, of all processes that share the counter."""

    def count(self, *, vendor: str, most: int, span_seconds: float) -> float:
        """
        Count one sign-in that is about to happen and return 0; where `most` were counted in the last `span_seconds`,
        count none and return the seconds until there is room.

        :raises Retryable: it cannot be counted now, so none may happen.
        """


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The outside as one operation sees it. Without `accounts` and `shop` the billing systems are not set up."""

    mail: MailPort
    accounts: AccountsPort | None = None
    shop: ShopPort | None = None
