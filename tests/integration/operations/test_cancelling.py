"""Cancelling: whole before the first irreversible step, refused after it, and never in a tangle with an answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections

from onhook import clock
from onhook.devices.models import Device
from onhook.operations import cancelling
from onhook.operations.cancelling import UnableToCancel
from onhook.operations.models import Operation
from onhook.operations.questions import UnableToAnswer
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.integration.operations.conftest import AtPoint
from tests.integration.operations.looking import ended, lines, tags, wait_until_somebody_waits
from tests.world import World


def _cancel(world: World, operation: Operation, *, by: User | None = None, company: Company | None = None) -> Operation:
    return cancelling.cancel(
        company=company or world.company,
        operation_id=operation.pk,
        actor=factories.actor(by or world.admin),
        reason="found the phone",
        now=clock.now(),
    )


def test_an_operation_cancelled_before_its_run_deletes_nothing(world: World) -> None:
    operation = world.start(world.line(1))

    _cancel(world, operation)
    world.work()

    assert (ended(operation), operation.outcome_reason) == ("cancelled", "found the phone")
    assert lines(operation) == [("released", False)]
    assert Device.objects.get().is_live
    assert tags(operation) == ["plan:confirmed", "operation:cancelled"]
    assert world.messages() == []


def test_an_operation_cancelled_between_check_and_deletion_deletes_nothing(world: World, at_point: AtPoint) -> None:
    operation = world.start(world.line(1))
    at_point("authorise:after_commit", lambda: _cancel(world, operation))

    world.work()

    assert ended(operation) == "cancelled"
    assert Device.objects.get().is_live
    assert tags(operation) == ["plan:confirmed", "operation:authorised", "operation:cancelled"]


@pytest.mark.parametrize("point", ["delete_devices:1:after_commit", "verify_deleted:1:after_commit"])
def test_cancelling_is_refused_once_a_line_was_deleted_and_the_run_goes_on(
    world: World, at_point: AtPoint, point: str
) -> None:
    operation = world.start(world.line(1))

    def cancel_in_vain() -> None:
        with pytest.raises(UnableToCancel, match="A deletion cannot be taken back"):
            _cancel(world, operation)

    at_point(point, cancel_in_vain)
    world.work()

    assert ended(operation) == "verified"


def test_an_operation_cancelled_while_it_asks_ends_and_withdraws_the_question(world: World) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.open_question()

    _cancel(world, operation)
    runs = world.work()

    question.refresh_from_db()
    assert (ended(operation), question.is_open, question.answer) == ("cancelled", False, "")
    assert Device.objects.get().is_live
    assert runs == 1, "the waiting run did not wake up to see that it is over"
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM absurd.t_onhook")
        assert cursor.fetchall() == [("completed",)]
    with pytest.raises(UnableToAnswer, match="The operation is over"):
        world.answer(question, "direct")


def test_cancelling_twice_is_cancelling_once(world: World) -> None:
    operation = world.start(world.line(1))
    _cancel(world, operation)

    assert _cancel(world, operation) == operation

    assert tags(operation).count("operation:cancelled") == 1


def test_an_operation_that_is_over_cannot_be_cancelled(world: World) -> None:
    operation = world.start(world.line(1))
    world.work()

    with pytest.raises(UnableToCancel, match=r"The operation is over \(verified\)"):
        _cancel(world, operation)


def test_a_person_without_the_right_may_not_cancel(world: World) -> None:
    operation = world.start(world.line(1))

    with pytest.raises(UnableToCancel, match="4711/vic may not cancel"):
        _cancel(world, operation, by=factories.user(world.company, username="vic", role=Role.MANAGER))

    assert ended(operation) == "running"


def test_the_operation_of_another_company_and_a_missing_one_look_the_same(world: World) -> None:
    operation = world.start(world.line(1))
    stranger = factories.user(factories.company(coid=4712, name="Example Roofing"), username="bob")
    messages = []
    for wanted in (operation, Operation(pk=uuid4())):
        with pytest.raises(UnableToCancel) as refusal:
            _cancel(world, wanted, by=stranger, company=stranger.company)
        messages.append(str(refusal.value))

    assert messages == ["There is no such operation in this company. Nothing was changed."] * 2
    assert ended(operation) == "running"


def test_the_lines_of_a_cancelled_operation_are_free_for_another(world: World) -> None:
    device = world.line(1)
    _cancel(world, world.start(device))

    operation = world.start(device)
    world.work()

    assert ended(operation) == "verified"


def test_an_answer_waits_for_the_operation_before_it_takes_the_question(
    world: World, somebody_else: psycopg.Connection[Any]
) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.open_question()
    with ThreadPoolExecutor(1) as pool:
        # Somebody is cancelling: first the operation, and then its questions, as `cancelling.cancel` does it.
        with somebody_else.transaction():
            somebody_else.execute("SELECT FROM operations_operation WHERE id = %s FOR UPDATE", [operation.pk])
            answer = pool.submit(_said, threading.Barrier(1), lambda: world.answer(question, "direct"))
            wait_until_somebody_waits()

            somebody_else.execute("UPDATE operations_question SET withdrawn_at = now() WHERE id = %s", [question.pk])

        assert answer.result(30) == "UnableToAnswer"


def _said(barrier: threading.Barrier, act: object) -> str:
    """Do `act` with the others, and return the kind of error it came to."""
    try:
        connection.ensure_connection()
        barrier.wait(30)
        act()  # type: ignore[operator]
    except Exception as fault:  # noqa: BLE001  # any kind is compared
        return type(fault).__name__
    finally:
        connections.close_all()
    return ""


def test_a_cancellation_waits_for_the_deletion_that_is_under_way(world: World, at_point: AtPoint) -> None:
    operation = world.start(world.line(1))
    refusals: list[object] = []

    def cancel_meanwhile() -> None:
        thread = threading.Thread(target=lambda: refusals.append(_outcome_of_cancelling(world, operation)))
        thread.start()
        threads.append(thread)

    threads: list[threading.Thread] = []
    at_point("delete_devices:1:after_effect", cancel_meanwhile)
    world.work()
    threads[0].join(30)

    assert refusals == ["UnableToCancel"]
    assert ended(operation) == "verified"


def _outcome_of_cancelling(world: World, operation: Operation) -> str:
    return _said(threading.Barrier(1), lambda: _cancel(world, operation))
