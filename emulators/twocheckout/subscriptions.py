"""The subscriptions the emulator holds, and the changes they can go through."""

import copy
import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from emulators.control import documents
from emulators.control.clock import read_time
from emulators.control.errors import DocumentError

REFERENCE_CHARACTERS = string.ascii_uppercase + string.digits
# API dates are GMT+02:00 unless the account says otherwise (JSON-RPC 6.0, Update a subscription).
ACCOUNT_ZONE = timezone(timedelta(hours=2))

# The object of the notes, section 2.2. Fields a seed leaves out are filled from here.
EMPTY: Mapping[str, object] = {
    "SubscriptionReference": "",
    "StartDate": "2025-01-01T00:00:00+02:00",
    "ExpirationDate": "2099-01-01T00:00:00+02:00",
    "RecurringEnabled": True,
    "SubscriptionEnabled": True,
    "Product": {
        "ProductCode": "",
        "ProductId": "47110815",
        "ProductName": "",
        "ProductVersion": "1",
        "ProductQuantity": 1,
        "PriceOptionCodes": [],
    },
    "EndUser": {
        "FirstName": "",
        "LastName": "",
        "Company": "",
        "Email": "",
        "Phone": "",
        "Fax": "",
        "Address1": "",
        "Address2": "",
        "Zip": "",
        "City": "",
        "State": "",
        "CountryCode": "us",
        "Language": "en",
    },
    "SKU": "",
    "DeliveryInfo": {"Description": "", "Codes": []},
    "ReceiveNotifications": True,
    "Lifetime": False,
    "PartnerCode": "",
    "IdAffiliate": None,
    "AvangateCustomerReference": "",
    "ExternalCustomerReference": "",
    "TestSubscription": False,
    "IsTrial": False,
    "Status": "ACTIVE",
    "LatestSubscriptionOrder": {"RefNo": "", "Status": "COMPLETE", "FailedRecurringChargesCount": 0},
}
# Further fields clients send on import; kept, not interpreted.
IMPORT_FIELDS = {
    "AdditionalInfo",
    "ActivationDate",
    "CustomPriceBillingCyclesLeft",
    "ExternalSubscriptionReference",
    "MerchantCode",
    "NextRenewalPrice",
    "NextRenewalPriceCurrency",
    "SubscriptionValue",
    "Test",
}
# What the vendor knows besides and its object does not show: given in a seed under "Emulator".
HIDDEN_FIELDS = {"HasUpgrade", "UpgradeOptions", "History", "ModifiedAt", "NotificationOn"}


@dataclass(slots=True)
class Subscription:
    """One subscription: the object as the API shows it, and what lies behind it."""

    document: dict[str, object]
    modified_at: datetime
    history: list[dict[str, object]] = field(default_factory=list)
    # None: one option, its own product. An empty list: no upgrade was set up in the Control Panel.
    upgrade_options: list[dict[str, object]] | None = None
    scheduled: dict[str, object] | None = None
    notification_on: str | None = None

    @property
    def reference(self) -> str:
        """Give the system's reference, which links call LICENSE."""
        return str(self.document["SubscriptionReference"])

    @property
    def product(self) -> dict[str, object]:
        """Give the product part of the object."""
        return _part(self.document, "Product")

    @property
    def end_user(self) -> dict[str, object]:
        """Give the end user part of the object."""
        return _part(self.document, "EndUser")

    @property
    def quantity(self) -> int:
        """Give the number of licences that are paid for."""
        quantity = self.product["ProductQuantity"]
        if not isinstance(quantity, int):
            raise TypeError("ProductQuantity was checked when it came in.")
        return quantity

    @property
    def delivered_codes(self) -> list[str]:
        """Give the activation codes that were delivered."""
        codes = _part(self.document, "DeliveryInfo").get("Codes")
        return [str(code.get("Code")) for code in codes if isinstance(code, dict)] if codes else []  # type: ignore[attr-defined]  # checked by the seed

    def options(self) -> list[dict[str, object]]:
        """Give what the subscription can be upgraded to."""
        if self.upgrade_options is not None:
            return self.upgrade_options
        names = ("ProductId", "ProductCode", "ProductName", "ProductVersion")
        info = {name: self.product.get(name) for name in names}
        return [{"ProductInfo": info, "Quantity": self.quantity, "PriceOptions": []}]

    def change_quantity(self, quantity: int, *, at: datetime) -> None:
        """Set the count through an upgrade order."""
        self.product["ProductQuantity"] = quantity
        self.record_order("UPGRADE", at=at)

    def renew(self, *, days: int, at: datetime) -> None:
        """Renew: move the expiry and carry out what was scheduled for the renewal."""
        self.extend(days=days, at=at)
        if self.scheduled is not None:
            quantity = self.scheduled.get("Quantity", self.quantity)
            self.product["ProductQuantity"] = quantity
            self.product["ProductCode"] = self.scheduled["ProductCode"]
        self.record_order("RENEWAL", at=at)

    def extend(self, *, days: int, at: datetime) -> None:
        """Move the expiry by that many days; a lifetime subscription has none to move."""
        self.modified_at = at
        if self.document["Lifetime"]:
            return
        expires_at = read_moment(str(self.document["ExpirationDate"])) + timedelta(days=days)
        self.document["ExpirationDate"] = shown(expires_at)

    def record_order(self, kind: str, *, at: datetime) -> None:
        """Add an order of that type to the history and make it the latest."""
        number = new_number()
        self.history.append(
            {
                "ReferenceNo": number,
                "Type": kind,
                "OrderDate": shown(at),
                "StartDate": self.document["StartDate"],
                "ExpirationDate": self.document["ExpirationDate"],
                "SKU": self.document["SKU"],
                "DeliveryInfo": self.document["DeliveryInfo"],
                "PartnerCode": self.document["PartnerCode"],
            }
        )
        latest = {"RefNo": number, "Status": "COMPLETE", "FailedRecurringChargesCount": 0}
        self.document["LatestSubscriptionOrder"] = latest
        self.modified_at = at


def read(document: object, *, where: str) -> Subscription:
    """
    Read one subscription of a seed or an import.

    :raises DocumentError: a field is unknown, missing or of another type.
    """
    fields = documents.require_object(document, where=where)
    documents.refuse_unknown(fields, {*EMPTY, *IMPORT_FIELDS, "Emulator"}, where=where)
    whole = _filled(fields, where)
    _check(whole, where)
    hidden = documents.take(fields, "Emulator", dict, where=where, default={})
    return _with_hidden(whole, hidden, where=f"{where}, Emulator")


def _filled(fields: Mapping[str, object], where: str) -> dict[str, object]:
    """Lay the given fields over the empty object, parts part by part."""
    whole = copy.deepcopy(dict(EMPTY))
    for name, value in fields.items():
        empty = whole.get(name)
        if isinstance(empty, dict):
            part = documents.require_object(value, where=f"{where}, {name}")
            whole[name] = {**empty, **copy.deepcopy(part)}
        elif name != "Emulator":
            whole[name] = copy.deepcopy(value)
    return whole


def _check(whole: Mapping[str, object], where: str) -> None:
    for name in ("StartDate", "ExpirationDate"):
        read_moment(documents.take(whole, name, str, where=where))
    for name in ("RecurringEnabled", "SubscriptionEnabled", "Lifetime", "TestSubscription", "IsTrial"):
        documents.take(whole, name, bool, where=where)
    for name in ("SubscriptionReference", "AvangateCustomerReference", "ExternalCustomerReference", "Status"):
        documents.take(whole, name, str, where=where)
    product = documents.take(whole, "Product", dict, where=where)
    if not documents.take(product, "ProductCode", str, where=f"{where}, Product"):
        raise DocumentError(f"{where}, Product: 'ProductCode' may not be empty.")
    if documents.take(product, "ProductQuantity", int, where=f"{where}, Product") < 0:
        raise DocumentError(f"{where}, Product: 'ProductQuantity' cannot be negative.")
    delivery = documents.take(whole, "DeliveryInfo", dict, where=where)
    for code in documents.require_list(delivery["Codes"], where=f"{where}, DeliveryInfo, Codes"):
        documents.require_object(code, where=f"{where}, DeliveryInfo, Codes")


def _with_hidden(whole: dict[str, object], hidden: Mapping[str, object], *, where: str) -> Subscription:
    documents.refuse_unknown(hidden, HIDDEN_FIELDS, where=where)
    options = documents.take(hidden, "UpgradeOptions", list, where=where, default=None)
    if not documents.take(hidden, "HasUpgrade", bool, where=where, default=True):
        options = []
    modified = documents.take(hidden, "ModifiedAt", str, where=where, default=str(whole["StartDate"]))
    return Subscription(
        document=whole,
        modified_at=read_moment(modified),
        history=copy.deepcopy(documents.take(hidden, "History", list, where=where, default=[])),
        upgrade_options=copy.deepcopy(options),
        notification_on=documents.take(hidden, "NotificationOn", str, where=where, default=None),
    )


def read_all(document: object) -> dict[str, Subscription]:
    """
    Read the subscriptions of a seed, by reference.

    :raises DocumentError: one cannot be read, has no reference, or has another's.
    """
    found: dict[str, Subscription] = {}
    for number, item in enumerate(documents.require_list(document, where="The seed's subscriptions"), 1):
        subscription = read(item, where=f"Subscription {number}")
        if not subscription.reference:
            raise DocumentError(f"Subscription {number} needs a SubscriptionReference.")
        if subscription.reference in found:
            raise DocumentError(f"Subscription {number} has the reference of an earlier one.")
        found[subscription.reference] = subscription
    return found


def read_moment(text: str) -> datetime:
    """Read a date or a time as the vendor writes them; without an offset it is in the account's zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DocumentError(f"{text!r} is neither a date nor a time.") from error
    return read_time((moment if moment.tzinfo else moment.replace(tzinfo=ACCOUNT_ZONE)).isoformat())


def shown(moment: datetime) -> str:
    """Write a time as the API shows it."""
    return moment.astimezone(ACCOUNT_ZONE).isoformat(timespec="seconds")


def new_reference(taken: Sequence[str]) -> str:
    """Give a reference of the vendor's shape (10 upper-case characters) that is not taken."""
    while True:
        reference = "".join(secrets.choice(REFERENCE_CHARACTERS) for _ in range(10))
        if reference not in taken:
            return reference


def new_number() -> str:
    """Give an order or customer number of the vendor's shape: 9 digits."""
    return str(100_000_000 + secrets.randbelow(900_000_000))


def beginning_of(day: str) -> datetime:
    """Give the first moment of a `YYYY-MM-DD` day in the account's zone, in UTC."""
    return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=ACCOUNT_ZONE).astimezone(UTC)


def _part(document: Mapping[str, object], name: str) -> dict[str, object]:
    part = document[name]
    if not isinstance(part, dict):
        raise TypeError(f"{name} was checked when it came in.")
    return part
