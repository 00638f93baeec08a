"""2Checkout's answers as typed values (API reference, "Subscription"; field names as its clients see them)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from onhook.connectors.http import payloads
from onhook.connectors.http.payloads import Malformed
from onhook.operations.ports import Subscription

REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_FOR_EVER = 9999
# Spellings differ between REST, webhooks and clients: compared in upper case without `_`, `-` and spaces.
_STATUSES = {
    "ACTIVE": "active",
    "PASTDUE": "past_due",
    "EXPIRED": "expired",
    "DISABLED": "disabled",
    "CANCELED": "cancelled",
    "CANCELLED": "cancelled",
    "PENDINGACTIVATION": "pending_activation",
    "PAUSED": "paused",
}
UNKNOWN_STATUS = "unknown"
# Past due lines are still counted and in use: the customer can lower them.
_LIVING = frozenset({"active", "past_due"})


@dataclass(frozen=True, kw_only=True)
class Item:
    """One subscription of an answer, with what decides whether it is one of ours at all."""

    subscription: Subscription
    product_code: str
    is_test: bool


def page(document: Any) -> list[Any]:
    """
    Return the items of a page, still raw. `Pagination.Count` is the account's total, whatever was filtered: not read.

    :raises Malformed: it is not a page.
    """
    envelope = payloads.an_object(document, where="the answer")
    return payloads.a_list(envelope.get("Items"), where="Items")


def item(document: Any) -> Item:
    """
    Return one subscription.

    :raises Malformed: it is not one.
    """
    fields = payloads.an_object(document, where="a subscription")
    product = payloads.an_object(fields.get("Product"), where="Product")
    status = normalised_status(payloads.text(fields, "Status", default=""))
    is_enabled = payloads.flag(fields, "SubscriptionEnabled")
    return Item(
        subscription=Subscription(
            reference=_reference(fields),
            account_number=payloads.text_or_number(fields, "ExternalCustomerReference", default=""),
            product_name=payloads.text(product, "ProductName", default=""),
            quantity=payloads.whole_number(product, "ProductQuantity"),
            status=status,
            is_active=is_enabled and status in _LIVING,
            renews_on=_renewal(fields),
            is_recurring=payloads.flag(fields, "RecurringEnabled", default=True),
        ),
        product_code=payloads.text(product, "ProductCode", default=""),
        is_test=payloads.flag(fields, "TestSubscription", default=False),
    )


def has_upgrade(document: Any) -> bool:
    """
    Say whether an answer lists at least one upgrade option.

    :raises Malformed: it is not a list of options.
    """
    options = payloads.a_list(document, where="the upgrade options")
    for option in options:
        payloads.an_object(payloads.an_object(option, where="an option").get("ProductInfo"), where="ProductInfo")
    return bool(options)


def normalised_status(text: str) -> str:
    """Return our word for a status; one that is not known is `unknown`, so that a person looks at it."""
    return _STATUSES.get(re.sub(r"[\s_-]", "", text).upper(), UNKNOWN_STATUS)


def day(text: str) -> date | None:
    """
    Return the day of a date or a date with a time, as it stands there; None when it is empty or for ever.

    :raises Malformed: it is neither.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text).date()
    except ValueError:
        found = None
    if found is None:
        raise Malformed("ExpirationDate is not a date")
    return None if found.year == _FOR_EVER else found


def _reference(fields: Mapping[str, Any]) -> str:
    reference = payloads.text(fields, "SubscriptionReference")
    if not REFERENCE.fullmatch(reference):
        raise Malformed("SubscriptionReference is not a reference")
    return reference


def _renewal(fields: Mapping[str, Any]) -> date | None:
    expires_on = day(payloads.text(fields, "ExpirationDate", default=""))
    is_lifetime = payloads.flag(fields, "Lifetime", default=False)
    renews = payloads.flag(fields, "RecurringEnabled", default=False)
    return expires_on if renews and not is_lifetime else None
