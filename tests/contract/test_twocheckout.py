"""The 2Checkout connector on the emulator over TLS, and on a real account where there is one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from emulators.control import launch
from emulators.control.launch import RunningEmulator
from onhook.billing import upgrade_links
from onhook.connectors.twocheckout.config import Algorithm, TwoCheckoutConfig
from onhook.connectors.twocheckout.connector import TwoCheckoutShop
from onhook.operations.errors import Rejected, Retryable
from onhook.operations.ports import Secret, Subscription
from tests.contract.conftest import patient_client, real_setting
from tests.contract.vendor_faults import FAULTS, VendorFault, end_of, refusal_of

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("shop")]

CODE, KEY = "TESTMERCH001", "s3cr3t-k3y-for-tests!"
FIRST, SECOND, THIRD = "Q7RK2M9XA4", "8AF9A9DC95", "XRILXB9ZI3"


def seeded(reference: str, account: str, quantity: int, **changes: Any) -> dict[str, Any]:
    return {
        "SubscriptionReference": reference,
        "ExpirationDate": "2027-03-01T10:15:00+02:00",
        "Product": {"ProductCode": "DEVICE_PLAN", "ProductName": "Device plan", "ProductQuantity": quantity},
        "EndUser": {"Company": "Example Plumbing", "Email": "shop@example.com"},
        "AvangateCustomerReference": "6123" + account[-4:],
        "ExternalCustomerReference": account,
        **changes,
    }


SUBSCRIPTIONS = [
    seeded(FIRST, "ACC-1001", 12),
    seeded(SECOND, "ACC-1002", 3),
    seeded(THIRD, "ACC-1002", 5, SubscriptionEnabled=False, Status="DISABLED"),
    seeded("NOUPGRADE1", "ACC-1003", 2, Emulator={"HasUpgrade": False}),
    seeded("TESTORDER1", "ACC-1004", 9, TestSubscription=True),
]
TRUE = Subscription(
    reference=FIRST,
    account_number="ACC-1001",
    product_name="Device plan",
    quantity=12,
    status="active",
    is_active=True,
    renews_on=date(2027, 3, 1),
)


class Store:
    """A secret store that a test fills; it counts what is asked of it."""

    def __init__(self, *keys: str, code: str = CODE) -> None:
        self.keys, self.code = list(keys), code
        self.leases = 0
        self.drops = 0

    def lease(self, reference: str) -> Secret:
        self.leases += 1
        return Secret(user=self.code, value=self.keys[min(self.drops, len(self.keys) - 1)])

    def drop(self, reference: str) -> None:
        self.drops += 1

    def check(self, reference: str) -> str:
        raise NotImplementedError


Make = Callable[..., TwoCheckoutShop]


@pytest.fixture
def shop(shop_process: RunningEmulator) -> RunningEmulator:
    shop_process.control.reset()
    account = {"merchant_code": CODE, "secret_key": KEY}
    shop_process.control.seed({"account": account, "subscriptions": SUBSCRIPTIONS})
    return shop_process


@pytest.fixture
def make(shop: RunningEmulator) -> Make:
    def connector(
        *,
        store: Store | None = None,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
        deadline_seconds: float = 5.0,
        **settings: Any,
    ) -> TwoCheckoutShop:
        config = TwoCheckoutConfig(
            secret_reference="shop",
            base_url=f"{shop.http}/rest/6.0",
            deadline_seconds=deadline_seconds,
            ca_file=shop.ca_file,
            **settings,
        )
        http = patient_client(system="2Checkout", ca_file=shop.ca_file)
        return TwoCheckoutShop(config=config, secrets=store or Store(KEY), utc_now=utc_now, http=http)

    return connector


def searches(shop: RunningEmulator) -> list[dict[str, str]]:
    return [dict(line.query) for line in shop.control.journal() if line.path == "/rest/6.0/subscriptions/"]


def refused_calls(shop: RunningEmulator) -> int:
    return sum(line.auth == "refused" for line in shop.control.journal())


def test_shop_answers_with_the_accounts_subscriptions(backend: str, request: pytest.FixtureRequest) -> None:
    """On a real account: ONHOOK_CONTRACT_TWOCHECKOUT_CODE, _KEY, _ACCOUNT (an account number with a subscription)."""
    if backend == "real":
        store = Store(real_setting("TWOCHECKOUT_KEY"), code=real_setting("TWOCHECKOUT_CODE"))
        account = real_setting("TWOCHECKOUT_ACCOUNT")
        config = TwoCheckoutConfig(secret_reference="shop", includes_test_subscriptions=True)
        shop = TwoCheckoutShop(config=config, secrets=store)
    else:
        shop, account = request.getfixturevalue("make")(), "ACC-1001"

    found = shop.subscriptions_of(account_number=account)
    one = shop.subscription(reference=found[0].reference, account_number=account)

    assert one is not None
    assert (one.reference, one.account_number, one.quantity) == (found[0].reference, account, found[0].quantity)
    assert one.is_upgrade_possible is not None
    assert shop.subscriptions_of(account_number="no such account 7f3a") == []
    assert shop.subscription(reference="NOSUCHREF0", account_number=account) is None
    assert shop.check()


def test_subscriptions_are_those_of_the_account(make: Make) -> None:
    shop = make()

    assert shop.subscriptions_of(account_number="ACC-1001") == [TRUE]
    second = shop.subscriptions_of(account_number="ACC-1002")
    assert [(found.reference, found.is_active) for found in second] == [(SECOND, True), (THIRD, False)]
    assert shop.subscriptions_of(account_number="ACC-9999") == []


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_both_signatures_are_accepted(make: Make, algorithm: Algorithm) -> None:
    assert make(algorithm=algorithm).subscriptions_of(account_number="ACC-1001") == [TRUE]


@pytest.mark.parametrize("account_number", ["", "  ", "x" * 251])
def test_account_number_that_is_none_is_never_looked_up(make: Make, shop: RunningEmulator, account_number: str) -> None:
    outcome = refusal_of(lambda: make().subscriptions_of(account_number=account_number))

    assert isinstance(outcome, Rejected)
    assert shop.control.journal() == []


def test_all_pages_are_read_until_a_short_one(make: Make, shop: RunningEmulator) -> None:
    many = [seeded(f"MANY{number:06}", "ACC-2000", number + 1) for number in range(5)]
    shop.control.seed({"account": {"merchant_code": CODE, "secret_key": KEY}, "subscriptions": many})

    found = make(page_size=2, most_pages=9).subscriptions_of(account_number="ACC-2000")

    assert [item.reference for item in found] == [f"MANY{number:06}" for number in range(5)]
    assert [query["Page"] for query in searches(shop)[1:]] == ["1", "2", "3"]


def test_account_with_far_too_many_subscriptions_is_rejected(make: Make, shop: RunningEmulator) -> None:
    many = [seeded(f"MANY{number:06}", "ACC-2000", 1) for number in range(6)]
    shop.control.seed({"account": {"merchant_code": CODE, "secret_key": KEY}, "subscriptions": many})

    outcome = refusal_of(lambda: make(page_size=2, most_pages=2).subscriptions_of(account_number="ACC-2000"))

    assert isinstance(outcome, Rejected)
    assert len(searches(shop)[1:]) == 2


def test_other_products_and_test_orders_are_left_out(make: Make) -> None:
    assert make(product_codes=frozenset({"OTHER"})).subscriptions_of(account_number="ACC-1001") == []
    assert make().subscriptions_of(account_number="ACC-1004") == []
    tests = make(includes_test_subscriptions=True).subscriptions_of(account_number="ACC-1004")
    assert [found.reference for found in tests] == ["TESTORDER1"]


@pytest.mark.parametrize(
    ("reference", "account", "is_possible"), [(FIRST, "ACC-1001", True), ("NOUPGRADE1", "ACC-1003", False)]
)
def test_subscription_says_whether_an_upgrade_is_set_up(
    make: Make, reference: str, account: str, is_possible: bool
) -> None:
    found = make().subscription(reference=reference, account_number=account)

    assert found is not None
    assert found.is_upgrade_possible is is_possible


@pytest.mark.parametrize("status", [400, 404])
def test_upgrade_that_is_refused_is_not_possible(make: Make, shop: RunningEmulator, status: int) -> None:
    shop.control.add_fault("status", match={"path_regex": "/upgrade/$"}, times=None, status=status)

    found = make().subscription(reference=FIRST, account_number="ACC-1001")

    assert found is not None
    assert found.is_upgrade_possible is False


def test_subscription_of_another_account_is_none_and_is_noted(make: Make) -> None:
    with structlog.testing.capture_logs() as lines:
        found = make().subscription(reference=FIRST, account_number="ACC-1002")

    assert found is None
    assert "subscription_is_of_another_account" in {line["event"] for line in lines}


@pytest.mark.parametrize("reference", ["NOSUCHREF0", FIRST.lower()])
def test_subscription_that_is_not_there_is_none(make: Make, reference: str) -> None:
    assert make().subscription(reference=reference, account_number="ACC-1001") is None


@pytest.mark.parametrize("reference", ["", "../x", "A/B", "A?B", "A B", "Ä", "x" * 65])
def test_reference_that_is_none_is_rejected_before_any_call(make: Make, shop: RunningEmulator, reference: str) -> None:
    connector = make()

    for call in (
        lambda: connector.subscription(reference=reference, account_number="ACC-1001"),
        lambda: connector.upgrade_link(reference=reference),
    ):
        assert isinstance(refusal_of(call), Rejected)
    assert shop.control.journal() == []


def test_upgrade_link_is_fit_for_a_mail(make: Make) -> None:
    link = make().upgrade_link(reference=FIRST)

    assert link == f"https://secure.2checkout.com/order/upgrade.php?LICENSE={FIRST}"
    assert upgrade_links.check(link, reference=FIRST, hosts={"secure.2checkout.com"}) == []


def test_another_customers_subscription_is_never_used(make: Make, shop: RunningEmulator) -> None:
    connector = make()
    connector.check()
    shop.control.add_fault("other_record", times=None)

    with structlog.testing.capture_logs() as lines:
        ends = [
            refusal_of(lambda: connector.subscriptions_of(account_number="ACC-1001")),
            refusal_of(lambda: connector.subscription(reference=FIRST, account_number="ACC-1001")),
        ]

    assert [type(end) for end in ends] == [Retryable, Retryable]
    noted = [line for line in lines if line["event"] == "vendor_gave_another_record"]
    assert len(noted) == 2
    assert "ACC-" not in str(lines)


@pytest.mark.parametrize(
    "body",
    [
        '{"Items": [%(mine)s, %(other)s]}',
        '{"Items": [%(other)s, %(mine)s]}',
        '{"Items": [%(nobody)s]}',
    ],
)
def test_one_stranger_among_the_items_spoils_the_answer(make: Make, shop: RunningEmulator, body: str) -> None:
    base = (
        '{"SubscriptionReference": "%s", "SubscriptionEnabled": true, "Status": "ACTIVE", '
        '"ExternalCustomerReference": %s, "Product": {"ProductQuantity": 1}}'
    )
    items = {
        "mine": base % ("MINE000001", '"ACC-1001"'),
        "other": base % ("OTHER00001", '"acc-1001"'),
        "nobody": base % ("NOBODY0001", "null"),
    }
    connector = make()
    connector.check()
    shop.control.add_fault("wrong_body", times=None, body=body % items)

    assert isinstance(refusal_of(lambda: connector.subscriptions_of(account_number="ACC-1001")), Retryable)


@pytest.mark.parametrize("hours", [-20, -1, 1, 20])
def test_wrong_clock_of_ours_is_noticed_and_worked_around(make: Make, shop: RunningEmulator, hours: int) -> None:
    connector = make(utc_now=lambda: datetime.now(UTC) + timedelta(hours=hours))

    with structlog.testing.capture_logs() as lines:
        found = [connector.subscriptions_of(account_number="ACC-1001") for _ in range(3)]

    assert found == [[TRUE]] * 3
    assert [line["event"] for line in lines].count("vendor_clock_differs") == 1
    assert refused_calls(shop) == 1


def test_clock_that_is_days_off_is_not_worked_around(make: Make) -> None:
    connector = make(utc_now=lambda: datetime.now(UTC) + timedelta(days=3))

    outcome = refusal_of(connector.check)

    assert isinstance(outcome, Rejected)
    assert "clock" in outcome.reason


def test_key_that_was_rotated_is_read_anew(make: Make) -> None:
    store = Store("old key", KEY)

    assert make(store=store).subscriptions_of(account_number="ACC-1001") == [TRUE]
    assert store.drops == 1


def test_key_that_is_rotated_between_two_calls_is_read_anew(make: Make, shop: RunningEmulator) -> None:
    store = Store(KEY, "new key")
    connector = make(store=store)
    connector.check()

    account = {"merchant_code": CODE, "secret_key": "new key"}
    shop.control.seed({"account": account, "subscriptions": SUBSCRIPTIONS})

    assert connector.subscriptions_of(account_number="ACC-1001") == [TRUE]


def test_key_that_is_wrong_is_shown_at_most_three_times_a_minute_by_fifty_runs(
    make: Make, shop: RunningEmulator
) -> None:
    connector = make(store=Store("wrong"))
    ends: list[object] = []
    threads = [threading.Thread(target=lambda: ends.append(end_of(connector.check).outcome)) for _ in range(50)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted({type(end).__name__ for end in ends}) == ["Rejected", "SignInsUsedUp"]
    assert len(ends) == 50
    assert refused_calls(shop) == 3


def test_sign_in_is_shared_by_fifty_runs(make: Make, shop: RunningEmulator) -> None:
    store = Store(KEY)
    connector = make(store=store)
    found: list[list[Subscription]] = []
    threads = [
        threading.Thread(target=lambda: found.append(connector.subscriptions_of(account_number="ACC-1001")))
        for _ in range(50)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [[TRUE]] * 50
    assert store.leases == 1
    assert len(searches(shop)) == 51


def test_secret_without_a_merchant_code_is_rejected(make: Make, shop: RunningEmulator) -> None:
    outcome = refusal_of(make(store=Store(KEY, code='x" hash="y')).check)

    assert isinstance(outcome, Rejected)
    assert shop.control.journal() == []


def find(connector: TwoCheckoutShop) -> object:
    return connector.subscriptions_of(account_number="ACC-1001")


def read(connector: TwoCheckoutShop) -> object:
    return connector.subscription(reference=FIRST, account_number="ACC-1001")


# Each call of the connector with the path it is hit at, and whether it is hit before or after the sign-in.
CALLS: dict[str, tuple[Callable[[TwoCheckoutShop], object], str, bool]] = {
    "sign in": (find, "/subscriptions/$", False),
    "search": (find, "/subscriptions/$", True),
    "read": (read, f"/subscriptions/{FIRST}/$", True),
    "upgrade": (read, "/upgrade/$", True),
    "check": (lambda connector: connector.check(), "/subscriptions/$", True),
}
# What a call may make of a status without lying: see the tests of the upgrade options above.
MEANT = {("upgrade", "status 400")}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("name", CALLS)
def test_no_fault_gives_a_false_success(make: Make, shop: RunningEmulator, name: str, fault: VendorFault) -> None:
    call, path, is_signed_in = CALLS[name]
    connector = make(deadline_seconds=0.7 if fault.is_slow else 5.0)
    if is_signed_in:
        connector.check()
    fault.strike(shop, path=path)

    end = end_of(lambda: call(connector))

    if (name, str(fault)) in MEANT:
        assert isinstance(end.value, Subscription)
        assert end.value.is_upgrade_possible is False
    else:
        assert isinstance(end.outcome, Retryable | Rejected), end


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.is_slow], ids=str)
def test_connector_works_again_after_every_fault(make: Make, shop: RunningEmulator, fault: VendorFault) -> None:
    connector = make()
    connector.check()
    fault.strike(shop, path="/subscriptions/$")
    end_of(lambda: find(connector))

    shop.control.clear_faults()

    assert find(connector) == [TRUE]


@pytest.mark.parametrize("fault", ["expired", "wrong_host", "unknown_ca"])
def test_server_with_a_wrong_certificate_gets_no_signature(fault: str, tmp_path: Path) -> None:
    arguments = ["--tls-folder", str(tmp_path), "--tls-fault", fault]
    with launch.running("twocheckout", arguments=arguments) as impostor:
        config = TwoCheckoutConfig(
            secret_reference="shop", base_url=f"{impostor.http}/rest/6.0", ca_file=impostor.ca_file
        )

        outcome = refusal_of(TwoCheckoutShop(config=config, secrets=Store(KEY)).check)

    assert isinstance(outcome, Retryable)
    assert "certificate" in outcome.problem
