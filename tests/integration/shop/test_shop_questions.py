"""Every question about the bill, through real systems: the line is gone, the mail is held, each answer works."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django.fixtures import Settings

from onhook.billing.models import CompanyFact, LicenceDecrease
from onhook.operations.models import Operation, Question
from tests import factories
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended
from tests.integration.shop.situations import ELSEWHERE, OTHER_ACCOUNT_ID, SITUATIONS, Situation, states
from tests.shop import Vendors
from tests.world import World

LEAD = "The line is removed and checked. "


def _ask(
    world: World, vendors: Vendors, settings: Settings, situation: Situation, *, line: int = 1
) -> tuple[Operation, Question]:
    """Let a run come to its question; make sure that the line is gone and nobody was told anything."""
    situation.arrange(vendors, settings)
    told = len(world.messages())
    device = world.line(line, soc_code=SHOP_SOC)
    operation = world.start(device)
    world.work()
    question = world.open_question()
    device.refresh_from_db()
    assert (question.kind, question.step) == (situation.kind, situation.step)
    assert question.text.startswith(LEAD + situation.says)
    assert [choice["code"] for choice in question.choices][-2:] == ["try_again", "without_link"]
    assert (ended(operation), states(operation)) == ("waiting", ["verified"])
    assert device.deleted_at is not None
    assert len(world.messages()) == told
    return operation, question


def _assert_told_with_link(world: World, vendors: Vendors, operation: Operation) -> None:
    assert ended(operation) == "verified"
    (message,) = world.messages()
    for part in (message["text"], message["html"]):
        assert vendors.link in part
        assert "ower your lines from 12 to 11" in part
    assert list(LicenceDecrease.objects.values_list("lines", "seen")) == [(1, 0)]


def _assert_told_without_link(world: World, operation: Operation) -> None:
    assert ended(operation) == "verified"
    message = world.messages()[-1]
    for part in (message["text"], message["html"]):
        assert "upgrade.php" not in part
        assert "Lower your number of lines there by 1" in part
        assert "with the link to update your subscription that the shop mailed to you" in part
        assert "On that page change only the number of lines" in part
    decrease = LicenceDecrease.objects.get(operation_id=operation.pk)
    assert (decrease.reference, decrease.lines, decrease.seen) == ("", 1, 0)


@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
def test_a_question_holds_the_mail_until_it_is_mended_or_goes_on_without_a_link(
    shop_world: World, vendors: Vendors, settings: Settings, situation: Situation
) -> None:
    first, question = _ask(shop_world, vendors, settings, situation)
    situation.mend(vendors, settings)

    shop_world.answer(question, "try_again")
    shop_world.work()

    _assert_told_with_link(shop_world, vendors, first)
    # Connectors that have not signed in yet, as after a restart of the worker.
    world = shops.join(shop_world, vendors)
    second, question = _ask(world, vendors, settings, situation, line=2)

    world.answer(question, "without_link")
    world.work()

    _assert_told_without_link(world, second)


@pytest.mark.parametrize("situation", [situation for situation in SITUATIONS if situation.choice], ids=str)
def test_a_choice_goes_on_and_the_question_does_not_return_for_this_company(
    shop_world: World, vendors: Vendors, settings: Settings, situation: Situation
) -> None:
    first, question = _ask(shop_world, vendors, settings, situation)

    shop_world.answer(question, situation.choice)
    shop_world.work()

    _assert_told_with_link(shop_world, vendors, first)
    fact = CompanyFact.objects.get()
    assert (fact.company_id, fact.decided_by) == (shop_world.company.pk, shop_world.agent.login)
    second = shop_world.start(shop_world.line(2, soc_code=SHOP_SOC))
    shop_world.work()
    assert (ended(second), Question.objects.count()) == ("verified", 1)
    assert vendors.link in shop_world.messages()[-1]["text"]


@pytest.mark.parametrize("kind", ["no_account", "several_accounts", "link_differs", "count_unclear"])
def test_a_question_whose_cause_stays_comes_again_as_another_one(
    shop_world: World, vendors: Vendors, settings: Settings, kind: str
) -> None:
    situation = next(situation for situation in SITUATIONS if situation.kind == kind)
    operation, question = _ask(shop_world, vendors, settings, situation)

    shop_world.answer(question, "try_again")
    shop_world.work()

    again = shop_world.open_question()
    assert (again.kind, again.subject) == (kind, "time 2")
    assert (ended(operation), shop_world.messages()) == ("waiting", [])


def test_what_is_decided_for_one_company_says_nothing_about_another(
    shop_world: World, vendors: Vendors, settings: Settings
) -> None:
    situation = next(situation for situation in SITUATIONS if situation.kind == "link_differs")
    _, question = _ask(shop_world, vendors, settings, situation)
    shop_world.answer(question, situation.choice)
    shop_world.work()
    company = factories.company(coid=4712, name="Example Roofing")
    other = replace(shop_world, company=company, admin=factories.user(company, username="bob"))
    vendors.seed_accounts(
        shops.account(stored_link=ELSEWHERE),
        shops.account(
            account_id=OTHER_ACCOUNT_ID, name="Example Roofing", number="ACC-2002", coid="4712", stored_link=ELSEWHERE
        ),
    )
    vendors.seed_subscriptions(
        shops.subscription(), shops.subscription(reference="BB8RK2M9XA", number="ACC-2002", quantity=5)
    )

    operation = other.start(other.line(3, soc_code=SHOP_SOC))
    other.work()

    question = other.open_question()
    assert (question.kind, question.company_id) == ("link_differs", 4712)
    other.answer(question, "use_shop_link")
    other.work()
    assert ended(operation) == "verified"
    assert "from 5 to 4" in other.messages()[-1]["text"]
    assert "LICENSE=BB8RK2M9XA" in other.messages()[-1]["text"]


def test_a_stored_link_that_changes_after_it_was_decided_on_asks_anew(
    shop_world: World, vendors: Vendors, settings: Settings
) -> None:
    situation = next(situation for situation in SITUATIONS if situation.kind == "link_differs")
    _, question = _ask(shop_world, vendors, settings, situation)
    shop_world.answer(question, situation.choice)
    shop_world.work()
    vendors.seed_accounts(shops.account(stored_link=f"{ELSEWHERE}&QTY=3"))

    shop_world.start(shop_world.line(2, soc_code=SHOP_SOC))
    shop_world.work()

    assert shop_world.open_question().evidence["salesforce_link"] == f"{ELSEWHERE}&QTY=3"


def test_the_question_about_a_link_shows_both_and_the_part_that_differs(
    shop_world: World, vendors: Vendors, settings: Settings
) -> None:
    situation = next(situation for situation in SITUATIONS if situation.name == "link differs")

    _, question = _ask(shop_world, vendors, settings, situation)

    assert question.evidence == {
        "shop_link": vendors.link,
        "salesforce_link": ELSEWHERE,
        "differences": [
            "host: its own at the shop, secure.2checkout.com in Salesforce",
            "LICENSE: Q7RK2M9XA4 at the shop, ZZ9PLURAL5 in Salesforce",
        ],
    }


def test_the_question_about_accounts_shows_what_tells_them_apart(
    shop_world: World, vendors: Vendors, settings: Settings
) -> None:
    situation = next(situation for situation in SITUATIONS if situation.kind == "several_accounts")

    _, question = _ask(shop_world, vendors, settings, situation)

    assert [choice["label"] for choice in question.choices[:2]] == [
        "Example Plumbing, account number ACC-1001",
        "Example Plumbing, account number ACC-2002",
    ]
    shown = question.evidence["accounts"][0]
    assert shown["classic"].startswith(f"{vendors.crm.http}/0018d00000AbCdEAAV")
    assert "/lightning/r/Account/0018d00000AbCdEAAV/view" in shown["lightning"]
