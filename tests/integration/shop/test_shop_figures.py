"""No mail tells a customer a count below what they use, or to cancel while lines are live, without a person's word."""

from __future__ import annotations

import pytest

from onhook import clock
from onhook.billing.models import LicenceDecrease
from onhook.operations import billing_link
from onhook.operations.models import Operation, Question
from tests import factories
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended
from tests.integration.shop.situations import OTHER_REFERENCE
from tests.shop import REFERENCE, Vendors
from tests.world import World


def _delete(world: World, *lines: int) -> Operation:
    operation = world.start(*(world.line(line, soc_code=SHOP_SOC) for line in lines))
    world.work()
    return operation


def _in_use(world: World, count: int) -> None:
    for line in range(count):
        world.line(100 + line, soc_code=SHOP_SOC)


def _asked(world: World, operation: Operation) -> Question:
    question = world.open_question()
    assert (question.kind, question.step, ended(operation)) == ("count_unclear", "find_subscription", "waiting")
    assert LicenceDecrease.objects.filter(operation_id=operation.pk).count() == 0
    return question


def test_nobody_is_told_to_cancel_while_lines_are_live(shop_world: World, vendors: Vendors) -> None:
    vendors.seed(quantity=1)
    _in_use(shop_world, 2)

    question = _asked(shop_world, _delete(shop_world, 1))

    assert "do not fit together: 1 paid, 1 deleted and to be lowered, 2 in use." in question.text
    assert (question.evidence["paid"], question.evidence["to_lower"], question.evidence["in_use"]) == (1, 1, 2)
    assert [choice["code"] for choice in question.choices] == ["try_again", "without_link"]
    assert shop_world.messages() == []


def test_who_lowered_before_the_first_reading_is_not_told_to_lower_again(shop_world: World, vendors: Vendors) -> None:
    vendors.seed(quantity=7)
    _in_use(shop_world, 7)

    operation = _delete(shop_world, 1)
    question = _asked(shop_world, operation)
    assert question.choices[0]["label"] == "The figures are right: tell them to lower from 7 to 6"

    shop_world.answer(question, "without_link")
    shop_world.work()

    assert ended(operation) == "verified"
    assert "from 7" not in shop_world.messages()[0]["text"]


def test_a_person_who_stands_by_the_figures_is_asked_once(shop_world: World, vendors: Vendors) -> None:
    vendors.seed(quantity=7)
    _in_use(shop_world, 7)
    operation = _delete(shop_world, 1)

    shop_world.answer(shop_world.open_question(), "tell_count")
    shop_world.work()

    assert (ended(operation), Question.objects.count()) == ("verified", 1)
    assert "from 7 to 6" in shop_world.messages()[0]["text"]


def test_a_person_stands_by_the_figures_they_saw_and_by_no_others(shop_world: World, vendors: Vendors) -> None:
    vendors.seed(quantity=7)
    _in_use(shop_world, 7)
    operation = _delete(shop_world, 1)
    vendors.seed_subscriptions(shops.subscription(quantity=5))

    shop_world.answer(shop_world.open_question(), "tell_count")
    shop_world.work()

    assert "5 paid" in _asked(shop_world, operation).text
    assert shop_world.messages() == []


def test_a_count_that_was_mended_goes_on(shop_world: World, vendors: Vendors) -> None:
    vendors.seed(quantity=1)
    _in_use(shop_world, 2)
    operation = _delete(shop_world, 1)
    vendors.seed_subscriptions(shops.subscription(quantity=3))

    shop_world.answer(shop_world.open_question(), "try_again")
    shop_world.work()

    assert ended(operation) == "verified"
    assert "from 3 to 2" in shop_world.messages()[0]["text"]


def test_lines_that_others_delete_at_the_same_time_are_in_use_until_they_are_gone(
    shop_world: World, vendors: Vendors
) -> None:
    vendors.seed(quantity=3)
    later = shop_world.line(9, soc_code=SHOP_SOC)
    _in_use(shop_world, 1)
    first = _delete(shop_world, 1)
    second = shop_world.start(later)
    shop_world.work()

    assert (ended(first), ended(second)) == ("verified", "verified")
    assert "from 3 to 2" in shop_world.messages()[0]["text"]
    assert "from 3 to 1" in shop_world.messages()[1]["text"]


@pytest.mark.parametrize(("quantity", "says"), [(3, "from 3 to 2"), (1, "your other lines have another one")])
def test_lines_that_another_subscription_pays_for_are_no_contradiction(
    shop_world: World, vendors: Vendors, quantity: int, says: str
) -> None:
    vendors.seed_subscriptions(
        shops.subscription(quantity=quantity), shops.subscription(reference=OTHER_REFERENCE, quantity=40)
    )
    _in_use(shop_world, 40)
    operation = _delete(shop_world, 1)

    shop_world.answer(shop_world.open_question(), REFERENCE)
    shop_world.work()

    assert ended(operation) == "verified"
    for part in ("text", "html"):
        assert says in shop_world.messages()[0][part]
        assert "none left" not in shop_world.messages()[0][part]


def test_the_link_alone_tells_no_figure_to_ask_about(shop_world: World, vendors: Vendors) -> None:
    vendors.seed(quantity=1)
    _in_use(shop_world, 2)
    operation = billing_link.request_link(
        company=shop_world.company,
        request=factories.request(shop_world.admin),
        actor=factories.actor(shop_world.admin),
        now=clock.now(),
    )

    shop_world.work()

    assert ended(operation) == "done"
    assert "The shop bills 1 line now." in shop_world.messages()[0]["text"]
