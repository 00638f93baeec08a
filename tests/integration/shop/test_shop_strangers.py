"""The link of one customer never goes to another: not by a name that two share, not by a subscription that two have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django.fixtures import Settings

from onhook import clock
from onhook.billing import company_facts
from onhook.billing.channels import FactKind
from onhook.billing.models import LicenceDecrease, SubscriptionReading
from onhook.operations.models import Operation
from tests import factories
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended
from tests.integration.shop.situations import OTHER_ACCOUNT_ID, two_of_one_name
from tests.shop import ACCOUNT_ID, REFERENCE, Vendors
from tests.world import World

FLORISTS = "FLORIST3X7"


def _delete(world: World, line: int) -> Operation:
    operation = world.start(world.line(line, soc_code=SHOP_SOC))
    world.work()
    return operation


def _assert_asked(world: World, operation: Operation, kind: str) -> None:
    assert (world.open_question().kind, ended(operation)) == (kind, "waiting")
    assert world.messages() == []


@pytest.mark.parametrize("coid", ["9999", "COID 9999"])
def test_an_account_of_the_same_name_with_another_coid_is_not_the_companys(
    shop_world: World, vendors: Vendors, coid: str
) -> None:
    vendors.seed_accounts(shops.account(coid=coid))

    operation = _delete(shop_world, 1)

    _assert_asked(shop_world, operation, "no_account")
    assert "One of that name that carries another COID is another company's." in shop_world.open_question().text


def test_a_plan_shows_nothing_of_an_account_that_is_another_companys(
    shop_world: World, vendors: Vendors, settings: Settings
) -> None:
    settings.PREVIEW_SECONDS = 60
    vendors.seed_accounts(shops.account(coid="9999"))
    kind, now = FactKind.ACCOUNT, clock.now()
    company_facts.remember(company_id=4711, kind=kind, value=ACCOUNT_ID, decided_by="0/sam", now=now)

    preview = shop_world.plan([shop_world.line(1, soc_code=SHOP_SOC)], ports=shop_world.ports).preview

    assert preview["state"] == "needs_person"
    assert "account" not in preview


def test_an_account_that_was_chosen_and_is_another_companys_now_is_not_used(
    shop_world: World, vendors: Vendors
) -> None:
    vendors.seed_accounts(*two_of_one_name())
    _delete(shop_world, 1)
    shop_world.answer(shop_world.open_question(), ACCOUNT_ID)
    shop_world.work()
    assert len(shop_world.messages()) == 1
    vendors.seed_accounts(shops.account(coid="9999"))

    operation = _delete(shop_world, 2)

    assert (shop_world.open_question().kind, ended(operation)) == ("no_account", "waiting")
    assert len(shop_world.messages()) == 1


@pytest.fixture
def shared(shop_world: World, vendors: Vendors) -> World:
    """Give the company Example Florists, whose account has the number of Example Plumbing's, which lowers by three."""
    shop_world.start(*(shop_world.line(line, soc_code=SHOP_SOC) for line in (1, 2, 3)))
    shop_world.work()
    assert "from 12 to 9" in shop_world.messages()[0]["text"]
    company = factories.company(coid=4712, name="Example Florists")
    vendors.seed_accounts(
        shops.account(), shops.account(account_id=OTHER_ACCOUNT_ID, name="Example Florists", coid="4712")
    )
    return replace(shop_world, company=company, admin=factories.user(company, username="bob"))


def test_a_subscription_that_another_companys_lines_were_counted_at_is_asked_about(shared: World) -> None:
    operation = _delete(shared, 4)

    question = shared.open_question()
    assert (question.kind, question.company_id, ended(operation)) == ("count_unclear", 4712, "waiting")
    assert f"The subscription {REFERENCE} was counted for another company until now, COID 4711." in question.text
    assert [choice["code"] for choice in question.choices] == ["take_over", "try_again", "without_link"]
    assert len(shared.messages()) == 1
    assert SubscriptionReading.objects.get().company_id == 4711
    assert LicenceDecrease.objects.filter(company_id=4712).count() == 0


def test_a_subscription_that_a_person_takes_over_counts_only_the_companys_own_lines(shared: World) -> None:
    _delete(shared, 4)

    shared.answer(shared.open_question(), "take_over")
    shared.work()

    assert "from 12 to 11" in shared.messages()[-1]["text"]
    assert SubscriptionReading.objects.get().company_id == 4712
    assert ended(_delete(shared, 5)) == "verified"
    assert "from 12 to 10" in shared.messages()[-1]["text"]


def test_without_a_link_the_other_companys_count_stays_as_it_was(shared: World) -> None:
    operation = _delete(shared, 4)

    shared.answer(shared.open_question(), "without_link")
    shared.work()

    assert ended(operation) == "verified"
    assert "upgrade.php" not in shared.messages()[-1]["text"]
    assert SubscriptionReading.objects.get().company_id == 4711
