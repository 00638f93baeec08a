"""The main job on the shop channel: the line goes, then account, subscription and checked link, then one mail."""

from onhook.operations.models import Step
from tests.factories import SHOP_SOC
from tests.shop import REFERENCE, Vendors
from tests.world import World


def test_the_customer_is_told_to_lower_the_count_behind_a_checked_link(shop_world: World, vendors: Vendors) -> None:
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))

    shop_world.work()

    operation.refresh_from_db()
    assert operation.outcome == "verified"
    (message,) = shop_world.messages()
    for part in (message["text"], message["html"]):
        assert "from 12 to 11" in part
        assert vendors.link in part
        assert "change only the number of lines" in part


def test_each_step_keeps_what_it_saw(shop_world: World, vendors: Vendors) -> None:
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))

    shop_world.work()

    steps = {step.name: step for step in Step.objects.filter(operation=operation)}
    assert list(steps) == [
        "authorise",
        "delete_devices",
        "verify_deleted",
        "find_account",
        "find_subscription",
        "notify_customer",
        "close",
    ]
    assert steps["find_account"].evidence["account_number"] == "ACC-1001"
    assert steps["find_subscription"].evidence["subscription"] == REFERENCE
    assert steps["find_subscription"].evidence["paid_lines"] == 12


def test_two_deletions_in_a_row_count_both(shop_world: World, vendors: Vendors) -> None:
    for line in (1, 2):
        shop_world.start(shop_world.line(line, soc_code=SHOP_SOC))
        shop_world.work()

    first, second = shop_world.messages()
    assert "from 12 to 11" in first["text"]
    assert "from 12 to 10" in second["text"]
    assert "1 from before" in second["text"]


def test_a_decrease_that_the_shop_has_seen_counts_no_more(shop_world: World, vendors: Vendors) -> None:
    shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    shop_world.work()
    vendors.seed(quantity=11)

    shop_world.start(shop_world.line(2, soc_code=SHOP_SOC))
    shop_world.work()

    assert "from 11 to 10" in shop_world.messages()[-1]["text"]


def test_the_direct_channel_asks_no_billing_system(shop_world: World, vendors: Vendors) -> None:
    shop_world.start(shop_world.line(1))

    shop_world.work()

    assert "upgrade.php" not in shop_world.messages()[0]["text"]
    for emulator in (vendors.vault, vendors.crm, vendors.shop):
        assert list(emulator.control.journal()) == []
