"""2Checkout: signatures by the known vectors, and what its objects mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from onhook.connectors.http.payloads import Malformed
from onhook.connectors.twocheckout import payloads
from onhook.connectors.twocheckout.config import Algorithm
from onhook.connectors.twocheckout.signing import Signer
from onhook.operations.ports import Secret

AT = datetime(2026, 1, 15, 9, 30, 0, tzinfo=UTC)
SECRET = Secret(user="TESTMERCH001", value="s3cr3t-k3y-for-tests!")


def document(**changes: Any) -> dict[str, Any]:
    product = {"ProductCode": "DEVICE_PLAN", "ProductName": "Device plan", "ProductQuantity": 12}
    return {
        "SubscriptionReference": "Q7RK2M9XA4",
        "ExpirationDate": "2027-03-01T10:15:00+02:00",
        "RecurringEnabled": True,
        "SubscriptionEnabled": True,
        "Product": {**product, **changes.pop("Product", {})},
        "Lifetime": False,
        "ExternalCustomerReference": "ACC-1001",
        "TestSubscription": False,
        "Status": "ACTIVE",
        **changes,
    }


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        (Algorithm.SHA256, "cb012fb6c4b6e13e989170ede3cda6e2f54ea6eaf30cc96eb4306039c25f8196"),
        (Algorithm.SHA3_256, "fef3d898a5216bd2482d5db90cd9e701ceec50eff1c716e8a7fff3b14403c504"),
    ],
)
def test_signature_is_that_of_the_vector(algorithm: Algorithm, digest: str) -> None:
    header = Signer(secret=SECRET, algorithm=algorithm).header(at=AT)

    assert header == f'code="TESTMERCH001" date="2026-01-15 09:30:00" hash="{digest}" algo="{algorithm.value}"'


def test_signature_goes_by_the_vendors_clock_when_ours_is_wrong() -> None:
    signer = Signer(secret=SECRET, algorithm=Algorithm.SHA256, offset=timedelta(hours=1))

    assert signer.header(at=AT - timedelta(hours=1)) == Signer(secret=SECRET, algorithm=Algorithm.SHA256).header(at=AT)


def test_signer_hides_its_key() -> None:
    signer = Signer(secret=SECRET, algorithm=Algorithm.SHA256)

    assert SECRET.value not in repr(signer)


def test_subscription_is_read_with_its_lines_and_renewal() -> None:
    item = payloads.item(document())

    assert (item.product_code, item.is_test) == ("DEVICE_PLAN", False)
    subscription = item.subscription
    assert (subscription.reference, subscription.account_number) == ("Q7RK2M9XA4", "ACC-1001")
    assert (subscription.quantity, subscription.product_name) == (12, "Device plan")
    assert (subscription.status, subscription.is_active) == ("active", True)
    assert subscription.renews_on == date(2027, 3, 1)
    assert subscription.is_upgrade_possible is None


@pytest.mark.parametrize(
    ("changes", "status", "is_active"),
    [
        ({"Status": "ACTIVE"}, "active", True),
        ({"Status": "active"}, "active", True),
        ({"Status": "PAST_DUE"}, "past_due", True),
        ({"Status": "PASTDUE"}, "past_due", True),
        ({"Status": "ACTIVE", "SubscriptionEnabled": False}, "active", False),
        ({"Status": "EXPIRED"}, "expired", False),
        ({"Status": "CANCELED"}, "cancelled", False),
        ({"Status": "PENDING_ACTIVATION"}, "pending_activation", False),
        ({"Status": "PAUSED"}, "paused", False),
        ({"Status": "ON THE MOON"}, "unknown", False),
        ({"Status": ""}, "unknown", False),
        ({"Status": None}, "unknown", False),
    ],
)
def test_status_is_put_in_our_words_and_unknown_ones_are_not_active(
    changes: dict[str, Any], status: str, is_active: bool
) -> None:
    subscription = payloads.item(document(**changes)).subscription

    assert (subscription.status, subscription.is_active) == (status, is_active)


@pytest.mark.parametrize(
    ("changes", "renews_on"),
    [
        ({"ExpirationDate": "2027-03-01"}, date(2027, 3, 1)),
        ({"ExpirationDate": "2027-03-01 23:30:00"}, date(2027, 3, 1)),
        ({"ExpirationDate": "2027-03-01T23:30:00-11:00"}, date(2027, 3, 1)),
        ({"ExpirationDate": "9999-12-31 23:59:59"}, None),
        ({"ExpirationDate": ""}, None),
        ({"ExpirationDate": None}, None),
        ({"Lifetime": True}, None),
        ({"RecurringEnabled": False}, None),
    ],
)
def test_renewal_is_the_day_of_either_form(changes: dict[str, Any], renews_on: date | None) -> None:
    assert payloads.item(document(**changes)).subscription.renews_on == renews_on


@pytest.mark.parametrize(
    "changes",
    [
        {"SubscriptionReference": None},
        {"SubscriptionReference": ""},
        {"SubscriptionReference": "A&LICENSE=B"},
        {"SubscriptionReference": "../x"},
        {"SubscriptionEnabled": None},
        {"Product": {"ProductQuantity": None}},
        {"Product": {"ProductQuantity": -1}},
        {"Product": {"ProductQuantity": 1.5}},
        {"Product": {"ProductQuantity": True}},
        {"Product": {"ProductQuantity": "many"}},
        {"ExpirationDate": "next spring"},
        {"ExpirationDate": 20270301},
        {"ExternalCustomerReference": ["ACC-1001"]},
        {"Status": 1},
    ],
)
def test_subscription_that_is_none_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        payloads.item(document(**changes))


@pytest.mark.parametrize("quantity", [12, "12", 12.0])
def test_lines_are_read_from_all_forms(quantity: Any) -> None:
    assert payloads.item(document(Product={"ProductQuantity": quantity})).subscription.quantity == 12


@pytest.mark.parametrize("body", [{}, {"Items": None}, [], None, {"Items": {}}])
def test_page_that_is_none_is_malformed(body: Any) -> None:
    with pytest.raises(Malformed):
        payloads.page(body)


@pytest.mark.parametrize("body", [{}, None, [{}], [None], ["x"], [{"ProductInfo": None}]])
def test_upgrade_options_that_are_none_are_malformed(body: Any) -> None:
    with pytest.raises(Malformed):
        payloads.has_upgrade(body)
