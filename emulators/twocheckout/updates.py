"""What `PUT /subscriptions/{ref}/` and the schedule calls may change (notes, section 2.3)."""

import copy
from collections.abc import Mapping
from datetime import datetime

from emulators.control import documents
from emulators.control.errors import DocumentError
from emulators.twocheckout.errors import bad_request
from emulators.twocheckout.subscriptions import Subscription, read_moment

SCHEDULE_FIELDS = {"ProductCode", "PricingOptions", "Quantity"}
CODE = "INVALID_SUBSCRIPTION"


def update(subscription: Subscription, document: object, *, now: datetime) -> list[str]:
    """
    Change the few fields that may change and give their names; all others, the quantity too, stay.

    :raises ApiError: not an object, or a value that cannot be. Nothing was changed then.
    """
    try:
        fields = documents.require_object(document, where="The subscription")
        wanted = _wanted(subscription, fields, now=now)
    except DocumentError as error:
        raise bad_request(CODE, str(error)) from error
    changed = [name for name, value in wanted.items() if subscription.document.get(name) != value]
    subscription.document.update(wanted)
    if changed:
        subscription.modified_at = now
    return changed


def _wanted(subscription: Subscription, fields: Mapping[str, object], *, now: datetime) -> dict[str, object]:
    where = "The subscription"
    wanted: dict[str, object] = {}
    for name in ("SubscriptionEnabled", "RecurringEnabled"):
        if name in fields:
            wanted[name] = documents.take(fields, name, bool, where=where)
    if "ExternalCustomerReference" in fields:
        name = "ExternalCustomerReference"
        wanted[name] = documents.take(fields, name, str, where=where)
    if "EndUser" in fields:
        user = documents.take(fields, "EndUser", dict, where=where)
        wanted["EndUser"] = {**subscription.end_user, **copy.deepcopy(user)}
    wanted.update(_dates(subscription, fields, now=now))
    return wanted


def _dates(subscription: Subscription, fields: Mapping[str, object], *, now: datetime) -> dict[str, object]:
    dates: dict[str, object] = {}
    if "ExpirationDate" in fields:
        text = documents.take(fields, "ExpirationDate", str, where="The subscription")
        is_new = text != subscription.document["ExpirationDate"]
        if is_new and read_moment(text) < now:
            raise bad_request(CODE, "ExpirationDate cannot be in the past.")
        dates["ExpirationDate"] = text
    if "ActivationDate" in fields and subscription.document["Status"] == "PENDING_ACTIVATION":
        text = documents.take(fields, "ActivationDate", str, where="The subscription")
        read_moment(text)
        dates["ActivationDate"] = text
    return dates


def schedule(subscription: Subscription, document: object) -> dict[str, object]:
    """
    Remember a change for the next renewal; what `GET` shows stays as it is until then.

    :raises ApiError: fields that cannot be read, or a product there is no upgrade to.
    """
    where = "The scheduled change"
    try:
        fields = documents.require_object(document, where=where)
        documents.refuse_unknown(fields, SCHEDULE_FIELDS, where=where)
        code = documents.take(fields, "ProductCode", str, where=where)
        documents.take(fields, "PricingOptions", list, where=where, default=[])
        quantity = documents.take(fields, "Quantity", int, where=where, default=subscription.quantity)
    except DocumentError as error:
        raise bad_request("INVALID_SCHEDULED_UPDATE", str(error)) from error
    if quantity < 1:
        raise bad_request("INVALID_SCHEDULED_UPDATE", "Quantity is at least 1.")
    if code != subscription.product["ProductCode"] and code not in _codes(subscription):
        raise bad_request("INVALID_SCHEDULED_UPDATE", f"There is no upgrade to {code!r}.")
    subscription.scheduled = {"ProductCode": code, "Quantity": quantity}
    return subscription.scheduled


def _codes(subscription: Subscription) -> set[object]:
    infos = [option.get("ProductInfo") for option in subscription.options()]
    return {info.get("ProductCode") for info in infos if isinstance(info, dict)}
