"""What a plan shows of the bill: read with a short deadline, never part of the hash, and never in the plan's way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from onhook.billing import company_facts
from onhook.billing.channels import FactKind
from onhook.operations.models import Plan
from onhook.tenancy import walls
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.shop.situations import (
    ELSEWHERE,
    OTHER_REFERENCE,
    SITUATIONS,
    two_of_one_name,
    two_subscriptions,
)
from tests.integration.shop.test_shop_vendors_down import _cut, _failing, _not_set_up, _stopped
from tests.shop import ACCOUNT_ID, REFERENCE, Vendors
from tests.world import World


@pytest.fixture(autouse=True)
def patient(settings: Settings) -> None:
    """Let a plan wait for a busy machine; it waits no longer than the vendors need."""
    settings.PREVIEW_SECONDS = 60


def _plan(world: World, *, soc_code: str = SHOP_SOC, line: int = 1) -> Plan:
    return world.plan([world.line(line, soc_code=soc_code)], ports=world.ports)


def test_a_plan_shows_the_account_the_subscription_and_the_lines_paid_beside_those_in_use(
    shop_world: World, vendors: Vendors
) -> None:
    shop_world.line(7, soc_code=SHOP_SOC)
    shop_world.line(8)  # billed directly: the shop does not count it

    preview = _plan(shop_world).preview

    account = preview.pop("account")
    assert (account["account_id"], account["account_number"]) == (ACCOUNT_ID, "ACC-1001")
    assert preview == {
        "state": "known",
        "lines": 3,
        "lines_in_use": 2,
        "subscription": REFERENCE,
        "product": "Device plan",
        "paid_lines": 12,
        "status": "active",
        "renews_on": "2027-03-01",
        "link": "fits",
    }


@pytest.mark.parametrize("name", ["vault", "crm", "shop"])
def test_a_slow_system_is_not_waited_for(shop_world: World, vendors: Vendors, settings: Settings, name: str) -> None:
    settings.PREVIEW_SECONDS = 3
    if name == "shop":
        shop_world.ports.accounts.check()  # type: ignore[union-attr]  # signed in, so that it is only the shop that is slow
    getattr(vendors, name).control.add_fault("delay", times=None, seconds=60)

    began = time.monotonic()
    plan = _plan(shop_world)

    # Far below the vendor's minute and the connectors' own deadline.
    assert time.monotonic() - began < 25
    assert plan.preview["state"] == "not_known_yet"
    assert ("account" in plan.preview) == (name == "shop")


def test_the_shop_signs_us_in_while_the_crm_is_still_looking(
    shop_world: World, vendors: Vendors, settings: Settings
) -> None:
    settings.PREVIEW_SECONDS = 1
    vendors.crm.control.add_fault("delay", times=None, seconds=60)

    plan = _plan(shop_world)

    assert plan.preview["state"] == "not_known_yet"
    assert vendors.shop.control.journal(at_least=1, wait_seconds=60), "nobody signed in at the shop"


@pytest.mark.parametrize("bring_down", [_stopped, _cut, _failing, _not_set_up])
def test_a_plan_is_made_and_confirmed_while_every_vendor_is_down(
    shop_world: World, vendors: Vendors, bring_down: Callable[[World, Vendors], World]
) -> None:
    world = bring_down(shop_world, vendors)

    plan = _plan(world)

    assert plan.preview["state"] == ("not_set_up" if bring_down is _not_set_up else "not_known_yet")
    assert plan.preview["lines_in_use"] == 1
    assert world.confirm(plan).state == "running"


def test_the_hash_of_a_plan_is_the_same_whatever_the_vendors_say(shop_world: World, vendors: Vendors) -> None:
    known = _plan(shop_world)
    Plan.objects.filter(pk=known.pk).update(preview={"state": "not_known_yet"})

    operation = shop_world.confirm(Plan.objects.get(pk=known.pk), plan_hash=known.plan_hash)

    assert operation.plan_hash == known.plan_hash


def _seed(vendors: Vendors, situation: str, settings: Settings) -> None:
    next(found for found in SITUATIONS if found.name == situation).arrange(vendors, settings)


@pytest.mark.parametrize(
    ("situation", "says"),
    [
        ("no account", {"problem": "Salesforce has no account with an account number"}),
        ("account without number", {}),
        ("two accounts of one name", {"problem": "Salesforce has several: a person chooses"}),
        ("no subscription", {"problem": "the shop has no active subscription"}),
        ("two subscriptions", {"problem": "the shop has several: a person chooses"}),
        ("link differs", {"link": "differs"}),
        ("link not acceptable", {"link": "not_acceptable"}),
    ],
)
def test_a_plan_says_beforehand_that_a_person_will_have_to_decide(
    shop_world: World, vendors: Vendors, settings: Settings, situation: str, says: dict[str, Any]
) -> None:
    _seed(vendors, situation, settings)

    preview = _plan(shop_world).preview

    assert preview["state"] == "needs_person"
    assert {name: preview[name] for name in says} == says


def test_what_was_decided_is_used_for_the_preview_too(shop_world: World, vendors: Vendors) -> None:
    for kind, value in (
        (FactKind.ACCOUNT, ACCOUNT_ID),
        (FactKind.SUBSCRIPTION, OTHER_REFERENCE),
        (FactKind.STORED_LINK, ELSEWHERE),
    ):
        company_facts.remember(
            company_id=4711, kind=kind, value=value, decided_by="1/sam", now=shop_world.company.created_at
        )
    accounts = two_of_one_name()
    accounts[0][shops.LINK_FIELD] = ELSEWHERE
    vendors.seed_accounts(*accounts)
    vendors.seed_subscriptions(*two_subscriptions())

    preview = _plan(shop_world).preview

    assert (preview["state"], preview["subscription"]) == ("known", OTHER_REFERENCE)


def test_a_plan_of_direct_lines_asks_no_billing_system(shop_world: World, vendors: Vendors) -> None:
    plan = _plan(shop_world, soc_code="CKSWDirectAdv1515")

    assert not plan.preview
    for emulator in (vendors.vault, vendors.crm, vendors.shop):
        assert emulator.control.journal() == []


def test_a_customer_plans_behind_the_wall_of_the_database(shop_world: World, vendors: Vendors) -> None:
    device = shop_world.line(1, soc_code=SHOP_SOC)

    with walls.confined(company_id=4711):
        plan = shop_world.plan([device], ports=shop_world.ports)

    assert plan.preview["state"] == "known"


def test_a_character_that_no_database_keeps_does_not_stop_a_plan(shop_world: World, vendors: Vendors) -> None:
    vendors.seed_accounts(shops.account(stored_link=f"{vendors.link}\x00"))

    preview = _plan(shop_world).preview

    assert (preview["state"], preview["link"]) == ("needs_person", "differs")
