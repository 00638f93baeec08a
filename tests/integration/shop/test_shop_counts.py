"""The count in the mails over several operations, while the customer really lowers it on the shop's hosted page."""

from __future__ import annotations

import re

import httpx

from emulators.control.tls import trusting
from onhook.billing.models import LicenceDecrease
from onhook.operations.models import Operation
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.conftest import AtPoint
from tests.integration.operations.looking import ended, let_time_pass, step
from tests.shop import REFERENCE, Vendors
from tests.world import World


def _delete(world: World, *lines: int) -> Operation:
    operation = world.start(*(world.line(line, soc_code=SHOP_SOC) for line in lines))
    world.work()
    return operation


def _said(world: World) -> list[str]:
    """Return what each mail says, oldest first."""
    return [
        found[0] if (found := re.findall(r"from \d+ to \d+", message["text"])) else "no count"
        for message in world.messages()
    ]


def _set_count_on_the_page(vendors: Vendors, quantity: int) -> None:
    """Open the link of the mail as a customer does, and order another count."""
    assert vendors.shop.ca_file is not None
    with httpx.Client(verify=trusting(vendors.shop.ca_file), trust_env=False) as browser:
        assert "Place order" in browser.get(vendors.link).text
        assert browser.post(vendors.link, data={"QTY": str(quantity)}).status_code == 200


def test_each_mail_counts_what_the_customer_has_not_lowered_yet(shop_world: World, vendors: Vendors) -> None:
    _delete(shop_world, 1)
    _delete(shop_world, 2, 3)
    _set_count_on_the_page(vendors, 11)  # only what the first mail said
    _delete(shop_world, 4)
    _set_count_on_the_page(vendors, 8)  # all of it
    _delete(shop_world, 5)

    assert _said(shop_world) == ["from 12 to 11", "from 12 to 9", "from 11 to 8", "from 8 to 7"]
    rows = LicenceDecrease.objects.order_by("told_at").values_list("lines", "seen")
    assert list(rows) == [(1, 1), (2, 2), (1, 1), (1, 0)]


def test_lines_bought_meanwhile_do_not_count_as_lowered(shop_world: World, vendors: Vendors) -> None:
    _delete(shop_world, 1)
    _set_count_on_the_page(vendors, 15)
    _delete(shop_world, 2)

    assert _said(shop_world) == ["from 12 to 11", "from 15 to 13"]


def test_a_count_that_goes_down_only_at_the_renewal_counts_until_then(shop_world: World, vendors: Vendors) -> None:
    account = {"merchant_code": shops.MERCHANT, "secret_key": shops.SECRET_KEY}
    vendors.shop.control.seed(
        {"account": account, "settings": {"lowering": "at_renewal"}, "subscriptions": [shops.subscription()]}
    )
    _delete(shop_world, 1)
    _set_count_on_the_page(vendors, 11)
    _delete(shop_world, 2)
    vendors.shop.control.call("POST", "renew", {"SubscriptionReference": REFERENCE, "Days": 30})
    _delete(shop_world, 3)

    assert _said(shop_world) == ["from 12 to 11", "from 12 to 10", "from 11 to 9"]


def test_a_decrease_told_without_a_link_counts_as_soon_as_the_subscription_is_known(
    shop_world: World, vendors: Vendors
) -> None:
    vendors.seed_accounts()
    _delete(shop_world, 1)
    shop_world.answer(shop_world.open_question(), "without_link")
    shop_world.work()
    vendors.seed_accounts(shops.account())

    _delete(shop_world, 2)

    assert _said(shop_world) == ["no count", "from 12 to 10"]
    assert "1 for this request, and 1 from before" in shop_world.messages()[-1]["text"]


def test_what_was_lowered_for_a_decrease_told_without_a_link_is_seen(shop_world: World, vendors: Vendors) -> None:
    _delete(shop_world, 1)
    vendors.seed_accounts()
    _delete(shop_world, 2)
    shop_world.answer(shop_world.open_question(), "without_link")
    shop_world.work()
    vendors.seed_accounts(shops.account())
    _set_count_on_the_page(vendors, 10)

    _delete(shop_world, 3)

    assert _said(shop_world) == ["from 12 to 11", "no count", "from 10 to 9"]


def test_an_operation_that_overtakes_another_one_is_counted_by_it(
    shop_world: World, vendors: Vendors, at_point: AtPoint
) -> None:
    slow = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    at_point("find_subscription:after_call", lambda: _delete(shop_world, 2))

    shop_world.work()

    assert ended(slow) == "verified"
    assert _said(shop_world) == ["from 12 to 11", "from 12 to 10"]


def test_a_count_that_was_overtaken_is_read_again(shop_world: World, vendors: Vendors, at_point: AtPoint) -> None:
    def meanwhile() -> None:
        _delete(shop_world, 2)
        _set_count_on_the_page(vendors, 11)
        _delete(shop_world, 3)

    slow = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    at_point("find_subscription:after_call", meanwhile)
    shop_world.work()
    assert ended(slow) == "running"
    assert step(slow, "find_subscription").problem == "another operation read the same subscription meanwhile"

    let_time_pass()
    shop_world.work()

    assert ended(slow) == "verified"
    assert _said(shop_world) == ["from 12 to 11", "from 11 to 10", "from 11 to 9"]


def test_only_lines_of_the_shop_are_lowered(shop_world: World, vendors: Vendors) -> None:
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC), shop_world.line(2))

    shop_world.work()

    assert ended(operation) == "verified"
    assert _said(shop_world) == ["from 12 to 11"]
    assert "1 line: The line is billed directly" in shop_world.messages()[0]["text"]
