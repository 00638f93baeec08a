"""A billing system that is silent: waited for at no cost, then put to a person; never asked in a tight loop."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from emulators.control.launch import RunningEmulator
from onhook.operations.models import Operation, Question
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended, let_time_pass, step
from tests.shop import Vendors
from tests.world import World


def _let_patience_end(operation: Operation) -> None:
    """Make everything of the run seem to have happened an hour earlier than it did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE operations_step SET started_at = started_at - interval '1 hour' WHERE operation_id = %s",
            [operation.pk],
        )
        cursor.execute(
            "UPDATE operations_question SET opened_at = opened_at - interval '1 hour', "
            "answered_at = answered_at - interval '1 hour' WHERE operation_id = %s",
            [operation.pk],
        )
    let_time_pass()


def _silence(emulator: RunningEmulator) -> None:
    emulator.control.add_fault("cut_before", times=None)


@pytest.mark.parametrize("name", ["vault", "crm", "shop"])
def test_a_silent_system_is_asked_again_until_it_answers(shop_world: World, vendors: Vendors, name: str) -> None:
    emulator: RunningEmulator = getattr(vendors, name)
    _silence(emulator)
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    shop_world.work()
    assert (ended(operation), Question.objects.count(), shop_world.messages()) == ("running", 0, [])
    emulator.control.clear_faults()

    let_time_pass()
    shop_world.work()

    assert ended(operation) == "verified"
    assert vendors.link in shop_world.messages()[0]["text"]
    waited = step(operation, "find_subscription" if name == "shop" else "find_account")
    assert (waited.tries, waited.state, waited.problem) == (1, "done", "")


def test_a_person_is_asked_when_the_patience_is_over_and_not_before(shop_world: World, vendors: Vendors) -> None:
    _silence(vendors.shop)
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    shop_world.work()
    let_time_pass()
    shop_world.work()
    assert Question.objects.count() == 0

    _let_patience_end(operation)
    shop_world.work()

    question = shop_world.open_question()
    assert question.kind == "vendor_silent"
    assert question.text == (
        "The line is removed and checked. A billing system does not answer: "
        "2Checkout broke the connection off before its answer was whole."
    )


def test_an_answer_gives_the_system_its_time_again(shop_world: World, vendors: Vendors) -> None:
    _silence(vendors.shop)
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    shop_world.work()
    _let_patience_end(operation)
    shop_world.work()

    shop_world.answer(shop_world.open_question(), "try_again")
    shop_world.work()

    assert (ended(operation), Question.objects.filter(answered_at=None).count()) == ("running", 0)
    _let_patience_end(operation)
    shop_world.work()
    assert shop_world.open_question().subject == "time 2"


def test_two_systems_that_are_silent_in_turn_are_two_questions(
    shop_world: World, vendors: Vendors, settings: Settings
) -> None:
    settings.VENDOR_PATIENCE_SECONDS = 0
    _silence(vendors.crm)
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    shop_world.work()
    _silence(vendors.shop)
    vendors.crm.control.clear_faults()
    calls = len(vendors.shop.control.journal())

    shop_world.answer(shop_world.open_question(), "try_again")
    shop_world.work()

    question = shop_world.open_question()
    assert (question.kind, question.step, question.subject) == ("vendor_silent", "find_subscription", "time 2")
    assert ended(operation) == "waiting"
    # One call with its repeats, not one after the other without end.
    assert len(vendors.shop.control.journal()) - calls == 3
