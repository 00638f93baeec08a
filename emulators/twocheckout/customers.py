"""Customers as they can be told from their subscriptions (notes, section 2.4)."""

from collections.abc import Iterable, Mapping

from emulators.twocheckout.errors import not_found
from emulators.twocheckout.subscriptions import Subscription

NAMES = ("FirstName", "LastName", "Company", "Address1", "Address2", "Zip", "City", "State", "CountryCode")
FURTHER = ("Phone", "Fax", "Email", "Language")


def of(subscription: Subscription) -> Mapping[str, object]:
    """Give the customer of one subscription."""
    user = subscription.end_user
    return {
        "CustomerReference": subscription.document["AvangateCustomerReference"],
        "ExternalCustomerReference": subscription.document["ExternalCustomerReference"],
        **{name: user.get(name, "") for name in (*NAMES, *FURTHER)},
        "FiscalCode": "",
        "ExistingCards": [],
        "Enabled": True,
        "Trial": False,
    }


def by_number(held: Iterable[Subscription], number: str) -> Mapping[str, object]:
    """
    Give the customer of that system number.

    :raises ApiError: nobody has it.
    """
    for subscription in held:
        if subscription.document["AvangateCustomerReference"] == number:
            return of(subscription)
    raise not_found("The customer was not found.")
