"""Authentication, filters, pages and their oddities, over real HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.control.client import ControlError
from emulators.control.launch import RunningEmulator
from emulators.twocheckout.authentication import HEADER
from tests.integration.emulators.twocheckout.shop_world import (
    FIRST,
    SECOND,
    THIRD,
    seed,
    signed_header,
    subscription,
)

pytestmark = pytest.mark.emulator

UNAUTHENTICATED = {
    "error_code": "AUTHENTICATION_ERROR",
    "message": "Authentication needed for this resource",
}


def _references(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["SubscriptionReference"] for item in answer.json()["Items"]]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: signed_header(key="another key")},
        {HEADER: signed_header(at=datetime.now(UTC) - timedelta(hours=2))},
    ],
)
@pytest.mark.parametrize("path", ["subscriptions/", f"subscriptions/{FIRST}/", "nowhere/"])
def test_unsigned_call_gets_the_one_answer(
    shop: RunningEmulator, shopper: httpx.Client, headers: dict[str, str], path: str
) -> None:
    answer = shopper.get(f"/rest/6.0/{path}", headers=headers)

    assert (answer.status_code, answer.json()) == (401, UNAUTHENTICATED)
    assert [line.auth for line in shop.control.journal()] == ["refused"]


def test_journal_never_holds_the_signature(shop: RunningEmulator, http: httpx.Client) -> None:
    http.get("subscriptions/")

    text = httpx.get(f"{shop.http}/_control/journal", trust_env=False).text

    assert '"auth": "passed"' in text
    assert "hash" not in text
    assert "TESTMERCH001" not in text


def test_signature_is_judged_by_the_emulators_clock(shop: RunningEmulator, http: httpx.Client) -> None:
    shop.control.offset_clock(301)
    assert http.get("subscriptions/").status_code == 401

    shop.control.offset_clock(290)

    assert http.get("subscriptions/").status_code == 200


def test_subscription_shows_the_documented_object(http: httpx.Client) -> None:
    shown = http.get(f"subscriptions/{FIRST}/").json()

    assert shown["Product"]["ProductQuantity"] == 12
    assert (shown["ExternalCustomerReference"], shown["AvangateCustomerReference"]) == (
        "ACC-1001",
        "612345678",
    )
    assert "Quantity" not in shown
    assert "Emulator" not in shown


@pytest.mark.parametrize("reference", ["NOSUCHREF1", FIRST.lower()])
def test_unknown_subscription_is_not_found(http: httpx.Client, reference: str) -> None:
    answer = http.get(f"subscriptions/{reference}/")

    assert (answer.status_code, answer.json()["error_code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ({"ExternalCustomerReference": "ACC-1001"}, [FIRST]),
        ({"ExternalCustomerReference": "acc-1001"}, []),
        ({"ExternalCustomerReference": "ACC-1002", "SubscriptionEnabled": "true"}, [SECOND]),
        ({"AvangateCustomerReference": "612345679"}, [SECOND, THIRD]),
        ({"CustomerEmail": "1001@"}, [FIRST]),
        ({"DeliveredCode": "ACT-5"}, [THIRD]),
        ({"SubscriptionEnabled": "false"}, [THIRD]),
        ({"RecurringEnabled": "true", "Aggregate": "true"}, [FIRST, SECOND, THIRD]),
        ({"ProductCodes": ["NONE", "DEVICE_PLAN"]}, [FIRST, SECOND, THIRD]),
        ({"ProductCodes[]": ["NONE"]}, []),
        ({"CountryCodes": "RO"}, [FIRST, SECOND, THIRD]),
        ({"Type": "TRIAL"}, []),
        ({"Type": "regular"}, [FIRST, SECOND, THIRD]),
        ({"LifetimeSubscription": "true"}, []),
        ({"PurchasedAfter": "2025-03-01"}, [FIRST, SECOND, THIRD]),
        ({"PurchasedAfter": "2025-03-02"}, []),
        ({"PurchasedBefore": "2025-03-01"}, [FIRST, SECOND, THIRD]),
        ({"PurchasedBefore": "2025-02-28"}, []),
        ({"ExpireAfter": "2027-03-02"}, []),
        ({"NextBillingDateBefore": "2027-03-01"}, [FIRST, SECOND, THIRD]),
        ({"RenewedAfter": "2000-01-01"}, []),
        ({"NotificationAfter": "2000-01-01"}, []),
    ],
)
def test_filter_finds(http: httpx.Client, query: dict[str, Any], references: list[str]) -> None:
    assert _references(http.get("subscriptions/", params=query)) == references


def test_modified_after_finds_what_changed(shop: RunningEmulator, http: httpx.Client) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    shop.control.offset_clock(timedelta(days=3).total_seconds())
    shop.control.call("POST", "renew", {"SubscriptionReference": SECOND})
    shop.control.offset_clock(0)

    assert _references(http.get("subscriptions/", params={"ModifiedAfter": tomorrow})) == [SECOND]


@pytest.mark.parametrize(
    "query",
    [
        {"SubscriptionEnabled": "yes"},
        {"Aggregate": "false"},
        {"Type": "paid"},
        {"PurchasedAfter": "01.03.2025"},
        {"PurchasedAfter": "2025-02-30"},
        {"ExternalCustomerReference": ["ACC-1001", "ACC-1002"]},
        {"Page": "0"},
        {"Page": "x"},
        {"Limit": "201"},
        {"Limit": "9" * 5000},
    ],
)
def test_filter_with_an_impossible_value_is_refused(http: httpx.Client, query: dict[str, Any]) -> None:
    answer = http.get("subscriptions/", params=query)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER")


def test_unknown_filter_is_silently_ignored(http: httpx.Client) -> None:
    query = {"ExternalCustomerRef": "ACC-1001", "Email": "nobody@example.com"}

    assert _references(http.get("subscriptions/", params=query)) == [FIRST, SECOND, THIRD]


def test_unknown_filter_is_refused_when_strict(shop: RunningEmulator, http: httpx.Client) -> None:
    shop.control.seed(seed(strict_filters=True))

    answer = http.get("subscriptions/", params={"ExternalCustomerRef": "ACC-1001", "Page": 1})

    assert answer.status_code == 400
    assert "ExternalCustomerRef" in answer.json()["message"]


def _many(count: int) -> dict[str, Any]:
    items = [
        subscription(f"REF{number:07d}", "ACC-MANY" if number < 25 else "ACC-REST", 1, CustomerNumber="1")
        for number in range(count)
    ]
    return {"subscriptions": items}


def test_page_has_ten_items_unless_said(shop: RunningEmulator, http: httpx.Client) -> None:
    shop.control.seed(_many(30))

    pages = [http.get("subscriptions/", params={"Page": number}).json() for number in (1, 3, 4)]

    assert [len(page["Items"]) for page in pages] == [10, 10, 0]
    assert pages[1]["Pagination"] == {"Page": 3, "Limit": 10, "Count": 30}


def test_pages_of_a_search_hold_each_item_once_and_count_the_account(shop: RunningEmulator, http: httpx.Client) -> None:
    shop.control.seed(_many(30))
    query = {"ExternalCustomerReference": "ACC-MANY", "Limit": 20}

    pages = [http.get("subscriptions/", params={**query, "Page": number}) for number in (1, 2)]

    found = [reference for page in pages for reference in _references(page)]
    assert found == [f"REF{number:07d}" for number in range(25)]
    assert [page.json()["Pagination"]["Count"] for page in pages] == [30, 30]


def test_page_beyond_the_200th_is_refused(http: httpx.Client) -> None:
    assert http.get("subscriptions/", params={"Page": 200}).status_code == 200

    answer = http.get("subscriptions/", params={"Page": 201})

    assert (answer.status_code, answer.json()["message"]) == (400, "Only first 200 pages can be returned!")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"subscription": []}, "unknown fields: subscription"),
        ({"subscriptions": [{}]}, "'ProductCode' may not be empty"),
        ({"subscriptions": [{"Product": {"ProductCode": "A"}}]}, "needs a SubscriptionReference"),
        ({"subscriptions": [{"Product": {"ProductCode": "A", "ProductQuantity": "12"}}]}, "whole number"),
        ({"subscriptions": [{"Quantity": 12}]}, "unknown fields: Quantity"),
        ({"subscriptions": [{"StartDate": "soon", "Product": {"ProductCode": "A"}}]}, "neither a date"),
        ({"settings": {"strict": True}}, "unknown fields: strict"),
        ({"settings": {"lowering": "maybe"}}, "'lowering' is one of"),
        ({"account": {"merchant_code": "", "secret_key": "x"}}, "neither part may be empty"),
    ],
)
def test_wrong_seed_is_refused_and_changes_nothing(
    shop: RunningEmulator, http: httpx.Client, document: object, reason: str
) -> None:
    with pytest.raises(ControlError, match=reason):
        shop.control.seed(document)

    assert _references(http.get("subscriptions/")) == [FIRST, SECOND, THIRD]


def test_other_customers_record_is_given_by_the_fault(shop: RunningEmulator, http: httpx.Client) -> None:
    shop.control.add_fault("other_record", times=None)

    found = http.get("subscriptions/", params={"ExternalCustomerReference": "ACC-1001"}).json()["Items"]
    single = http.get(f"subscriptions/{FIRST}/").json()

    assert [item["ExternalCustomerReference"] for item in found] == ["ACC-1002"]
    assert single["ExternalCustomerReference"] == "ACC-1002"


def test_expired_token_fault_is_the_401(shop: RunningEmulator, http: httpx.Client) -> None:
    shop.control.add_fault("expired_token")

    assert http.get("subscriptions/").json() == UNAUTHENTICATED
    assert http.get("subscriptions/").status_code == 200


def test_reset_goes_back_to_the_switches_and_account_of_the_start(shop: RunningEmulator, http: httpx.Client) -> None:
    other = {"merchant_code": "OTHER", "secret_key": "another key"}
    shop.control.seed({"account": other, "settings": {"strict_filters": True}})
    assert http.get("subscriptions/").status_code == 401

    shop.control.reset()

    assert http.get("subscriptions/", params={"Unknown": "1"}).json()["Items"] == []
