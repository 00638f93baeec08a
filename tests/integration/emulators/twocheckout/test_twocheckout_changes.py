"""Everything that changes a subscription, and what must not."""

from typing import Any

import httpx
import pytest

from emulators.control.launch import RunningEmulator
from tests.integration.emulators.twocheckout.shop_world import FIRST, SECOND, seed, subscription

pytestmark = pytest.mark.emulator

ONE = f"subscriptions/{FIRST}/"


def _quantity(http: httpx.Client, reference: str = FIRST) -> int:
    quantity: int = http.get(f"subscriptions/{reference}/").json()["Product"]["ProductQuantity"]
    return quantity


def _effects(shop: RunningEmulator) -> list[dict[str, Any]]:
    return [dict(effect) for line in shop.control.journal() for effect in line.effects]


def test_put_changes_the_few_fields_and_keeps_the_quantity(shop: RunningEmulator, http: httpx.Client) -> None:
    whole = http.get(ONE).json()
    whole["Product"]["ProductQuantity"] = 1
    whole["EndUser"]["Phone"] = "+1 202 555 0100"
    whole["ExternalCustomerReference"] = "ACC-2000"

    answer = http.put(ONE, json=whole)

    after = http.get(ONE).json()
    assert (answer.status_code, answer.json()) == (200, True)
    assert after["Product"]["ProductQuantity"] == 12
    assert (after["EndUser"]["Phone"], after["ExternalCustomerReference"]) == ("+1 202 555 0100", "ACC-2000")
    assert _effects(shop) == [
        {
            "what": "subscription_updated",
            "subscription": FIRST,
            "fields": ["ExternalCustomerReference", "EndUser"],
        }
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"ExpirationDate": "2001-01-01T00:00:00+02:00"},
        {"ExpirationDate": "never"},
        {"SubscriptionEnabled": "true"},
        {"EndUser": "Ana"},
    ],
)
def test_put_with_an_impossible_value_changes_nothing(http: httpx.Client, change: dict[str, Any]) -> None:
    before = http.get(ONE).json()

    answer = http.put(ONE, json={**before, "ExternalCustomerReference": "ACC-2000", **change})

    assert answer.status_code == 400
    assert http.get(ONE).json() == before


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_put_without_an_object_is_refused(http: httpx.Client, content: str) -> None:
    answer = http.put(ONE, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert set(answer.json()) == {"error_code", "message"}


def test_disable_and_enable(shop: RunningEmulator, http: httpx.Client) -> None:
    assert http.delete(ONE).json() is True
    assert http.get(ONE).json()["SubscriptionEnabled"] is False

    assert http.post(ONE).json() is True

    assert http.get(ONE).json()["SubscriptionEnabled"] is True
    assert [effect["what"] for effect in _effects(shop)] == ["subscription_disabled", "subscription_enabled"]


def test_upgrade_options_name_the_product(http: httpx.Client) -> None:
    options = http.get(f"{ONE}upgrade/").json()

    assert [option["ProductInfo"]["ProductCode"] for option in options] == ["DEVICE_PLAN"]


def test_upgrade_options_are_empty_when_none_was_set_up(shop: RunningEmulator, http: httpx.Client) -> None:
    item = subscription(FIRST, "ACC-1001", 12, CustomerNumber="1")
    shop.control.seed({"subscriptions": [{**item, "Emulator": {"HasUpgrade": False}}]})

    assert http.get(f"{ONE}upgrade/").json() == []


def test_hosted_page_offers_nothing_while_recurring_billing_is_off(http: httpx.Client, shopper: httpx.Client) -> None:
    page = f"/order/upgrade.php?LICENSE={FIRST}"
    assert http.delete(f"{ONE}renewal/").json() is True

    assert "There is no upgrade for this product." in shopper.get(page).text
    assert "There is no upgrade for this product." in shopper.post(page, data={"QTY": "3"}).text
    assert _quantity(http) == 12

    assert http.post(f"{ONE}renewal/").json() is True
    assert "Place order" in shopper.get(page).text


def test_scheduled_change_takes_effect_at_the_renewal(shop: RunningEmulator, http: httpx.Client) -> None:
    answer = http.post(
        f"{ONE}schedule-product-update",
        json={"ProductCode": "DEVICE_PLAN", "PricingOptions": [], "Quantity": 11},
    )
    assert answer.json() is True
    assert _quantity(http) == 12

    shop.control.call("POST", "renew", {"SubscriptionReference": FIRST})

    assert _quantity(http) == 11
    assert http.get(f"{ONE}history/").json()[-1]["Type"] == "RENEWAL"


def test_removed_schedule_takes_no_effect(http: httpx.Client) -> None:
    http.post(f"{ONE}schedule-product-update", json={"ProductCode": "DEVICE_PLAN", "Quantity": 11})

    assert http.delete(f"{ONE}remove-scheduled-product-update").json() is True
    assert http.put(f"{ONE}renewal/", json={"Currency": "USD", "Days": 30, "Price": 1}).json() is True

    assert _quantity(http) == 12
    assert http.delete(f"{ONE}remove-scheduled-product-update").status_code == 400


@pytest.mark.parametrize(
    "document", [{"Quantity": 11}, {"ProductCode": "OTHER"}, {"ProductCode": "DEVICE_PLAN", "Quantity": 0}]
)
def test_wrong_schedule_is_refused(http: httpx.Client, document: dict[str, Any]) -> None:
    assert http.post(f"{ONE}schedule-product-update", json=document).status_code == 400


def test_renewal_tells_and_switches_recurring_billing(http: httpx.Client) -> None:
    assert http.delete(f"{ONE}renewal/").json() is True
    assert http.get(f"{ONE}renewal/").json()["RecurringEnabled"] is False

    assert http.post(f"{ONE}renewal/").json() is True

    renewal = http.get(f"{ONE}renewal/").json()
    assert renewal["RecurringEnabled"] is True
    assert renewal["ManualRenewalLink"].endswith(f"LICENSE={FIRST}")


def test_extension_moves_the_expiry(http: httpx.Client) -> None:
    assert http.put(f"{ONE}history/", params={"Days": 10}).json() is True

    assert http.get(ONE).json()["ExpirationDate"] == "2027-03-11T10:15:00+02:00"


def test_customer_is_read_from_the_subscription_and_by_number(http: httpx.Client) -> None:
    by_subscription = http.get(f"{ONE}customer/").json()

    assert (by_subscription["CustomerReference"], by_subscription["Company"]) == (
        "612345678",
        "Example Plumbing",
    )
    assert http.get("customers/612345678/").json() == by_subscription
    assert http.get("customers/999999999/").status_code == 404


def test_import_answers_the_bare_reference(http: httpx.Client) -> None:
    answer = http.post("subscriptions/", json={"Product": {"ProductCode": "NEW", "ProductQuantity": 4}})

    reference = answer.json()
    assert (answer.status_code, len(reference)) == (201, 10)
    assert answer.headers["Location"] == f"/rest/6.0/subscriptions/{reference}/"
    assert _quantity(http, reference) == 4


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"{ONE}upgrade/"),
        ("GET", f"{ONE}upgrade/price/47110815/USD/"),
        ("GET", f"{ONE}renewal/price/USD/"),
        ("GET", f"{ONE}payment/"),
        ("GET", f"{ONE}signon/my_license/"),
        ("GET", "customers/search/"),
        ("POST", "orders/"),
    ],
)
def test_call_that_is_not_emulated_says_so(http: httpx.Client, method: str, path: str) -> None:
    answer = http.request(method, path)

    assert (answer.status_code, answer.json()["error_code"]) == (501, "NOT_EMULATED")


@pytest.mark.parametrize(("method", "path", "status"), [("PATCH", ONE, 405), ("GET", "nowhere/", 404)])
def test_unknown_call_is_refused_in_the_vendors_shape(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)

    assert answer.status_code == status
    assert set(answer.json()) == {"error_code", "message"}


def test_shopper_lowers_the_count(shop: RunningEmulator, http: httpx.Client, shopper: httpx.Client) -> None:
    latest = http.get(ONE).json()["LatestSubscriptionOrder"]["RefNo"]
    page = shopper.get("/order/upgrade.php", params={"LICENSE": FIRST})
    assert "value='12'" in page.text

    placed = shopper.post("/order/upgrade.php", params={"LICENSE": FIRST}, data={"QTY": "11"})

    assert placed.status_code == 200
    assert _quantity(http) == 11
    assert http.get(ONE).json()["LatestSubscriptionOrder"]["RefNo"] != latest
    assert http.get(f"{ONE}history/").json()[-1]["Type"] == "UPGRADE"
    assert _effects(shop) == [{"what": "quantity_changed", "subscription": FIRST, "from": 12, "to": 11}]


def test_count_lowered_for_the_renewal_shows_only_then(
    shop: RunningEmulator, http: httpx.Client, shopper: httpx.Client
) -> None:
    shop.control.seed(seed(lowering="at_renewal"))

    placed = shopper.post("/order/upgrade.php", params={"LICENSE": FIRST}, data={"QTY": "11"})

    assert "next renewal" in placed.text
    assert _quantity(http) == 12
    shop.control.call("POST", "renew", {"SubscriptionReference": FIRST})
    assert _quantity(http) == 11


def test_refused_lowering_changes_nothing(shop: RunningEmulator, http: httpx.Client, shopper: httpx.Client) -> None:
    shop.control.seed(seed(lowering="refused"))

    refused = shopper.post("/order/upgrade.php", params={"LICENSE": FIRST}, data={"QTY": "11"})
    raised = shopper.post("/order/upgrade.php", params={"LICENSE": SECOND}, data={"QTY": "4"})

    assert (refused.status_code, raised.status_code) == (400, 200)
    assert (_quantity(http), _quantity(http, SECOND)) == (12, 4)


@pytest.mark.parametrize("quantity", ["", "0", "-1", "1.5", "many", "٣", "9" * 5000])
def test_impossible_count_is_refused(http: httpx.Client, shopper: httpx.Client, quantity: str) -> None:
    answer = shopper.post("/order/upgrade.php", params={"LICENSE": FIRST}, data={"QTY": quantity})

    assert answer.status_code == 400
    assert _quantity(http) == 12


@pytest.mark.parametrize("query", [{}, {"LICENSE": "NOSUCHREF1"}, {"LICENSE": "<script>"}])
def test_upgrade_link_without_a_subscription_offers_nothing(shopper: httpx.Client, query: dict[str, str]) -> None:
    page = shopper.get("/order/upgrade.php", params=query)

    assert page.status_code == 404
    assert "<form" not in page.text
    assert "<script" not in page.text


def test_count_lowered_and_cut_is_lowered_without_an_answer(
    shop: RunningEmulator, http: httpx.Client, shopper: httpx.Client
) -> None:
    shop.control.add_fault("cut_after_effect", match={"path": "/order/upgrade.php"})

    with pytest.raises(httpx.TransportError):
        shopper.post("/order/upgrade.php", params={"LICENSE": FIRST}, data={"QTY": "11"})

    assert _quantity(http) == 11
