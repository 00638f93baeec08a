"""Steps that fail for causes nobody foresaw: tried again, then handed to a person, and never in a tight loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connection
from pytest_django import Settings

from onhook.devices.models import Device
from onhook.operations import cancelling
from onhook.operations.models import Operation, Question
from tests import factories
from tests.integration.operations.conftest import AtPoint
from tests.integration.operations.looking import ended, let_time_pass, lines, step, tags
from tests.world import World

Somebody = psycopg.Connection[Any]
TRIES = 3


@pytest.fixture(autouse=True)
def _few_tries(settings: Settings) -> None:
    settings.STEP_TRIES = TRIES


def _until_asked(world: World, operation: Operation) -> Question:
    for _ in range(TRIES):
        world.work()
        let_time_pass()
    assert ended(operation) == "waiting"
    return world.open_question()


def _lose_column(somebody: Somebody, table: str, column: str) -> None:
    """Do what a half-finished migration of somebody else's would do."""
    somebody.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO lost")


def _mend_column(somebody: Somebody, table: str, column: str) -> None:
    somebody.execute(f"ALTER TABLE {table} RENAME COLUMN lost TO {column}")


@dataclass(frozen=True)
class Loss:
    """A column that is gone from a point of the run on, and the checkpoint that then fails."""

    table: str
    column: str
    after: str
    checkpoint: str


@pytest.mark.parametrize(
    "loss",
    [
        Loss("devices_device", "held_at", after="authorise", checkpoint="delete_devices:1"),
        Loss("devices_device", "deleted_at", after="delete_devices:1", checkpoint="verify_deleted:1"),
        Loss("operations_notice", "html", after="verify_deleted:1", checkpoint="notify_customer:write"),
        Loss("operations_notice", "problem", after="notify_customer:write", checkpoint="notify_customer:send"),
        Loss("operations_operationitem", "is_open", after="notify_customer:send", checkpoint="close"),
    ],
    ids=lambda loss: loss.checkpoint,
)
def test_a_step_that_fails_again_and_again_asks_a_person_and_goes_on_when_its_cause_is_mended(
    world: World, somebody_else: Somebody, at_point: AtPoint, loss: Loss
) -> None:
    operation = world.start(world.line(1))
    at_point(f"{loss.after}:after_commit", lambda: _lose_column(somebody_else, loss.table, loss.column))
    question = _until_asked(world, operation)
    name = loss.checkpoint.partition(":")[0]
    assert (question.kind, question.step, question.subject) == ("step_failed", name, loss.checkpoint)
    assert question.evidence == {"problem": "an unexpected fault (ProgrammingError)", "tries": TRIES}
    assert step(operation, name).tries == TRIES

    _mend_column(somebody_else, loss.table, loss.column)
    world.answer(question, "try_again")
    world.work()

    assert ended(operation) == "verified"
    assert lines(operation) == [("verified", False)]
    assert len(world.messages()) == 1
    assert tags(operation).count("device:deleted") == 1


def test_a_step_whose_cause_is_not_mended_asks_again(world: World, somebody_else: Somebody) -> None:
    operation = world.start(world.line(1))
    _lose_column(somebody_else, "billing_socrule", "pattern")
    first = _until_asked(world, operation)
    world.answer(first, "try_again")

    second = _until_asked(world, operation)

    assert second.pk != first.pk
    assert second.evidence["tries"] == 2 * TRIES


def test_a_fault_that_passes_needs_nobody(world: World, somebody_else: Somebody) -> None:
    operation = world.start(world.line(1))
    _lose_column(somebody_else, "billing_socrule", "pattern")
    world.work()
    _mend_column(somebody_else, "billing_socrule", "pattern")
    assert step(operation, "authorise").problem == "unexpected fault (ProgrammingError)"

    let_time_pass()
    world.work()

    assert ended(operation) == "verified"
    assert not Question.objects.exists()
    assert step(operation, "authorise").problem == ""


def test_an_operation_stuck_before_it_deleted_can_be_cancelled(world: World, somebody_else: Somebody) -> None:
    operation = world.start(world.line(1))
    _lose_column(somebody_else, "billing_socrule", "pattern")
    _until_asked(world, operation)

    cancelling.cancel(
        company=world.company,
        operation_id=operation.pk,
        actor=factories.actor(world.agent),
        reason="stuck",
        now=operation.confirmed_at,
    )
    world.work()

    assert ended(operation) == "cancelled"
    assert Device.objects.get().is_live


def test_refusals_and_faults_of_one_step_never_share_a_question(world: World, settings: Settings) -> None:
    settings.RETRY_TRIES, settings.STEP_TRIES = 3, 1
    world.mailbox.control.add_fault("refuse", match={"method": "MAIL"}, code=451, times=6)
    operation = world.start(world.line(1))
    asked = []
    for _ in range(8):
        world.work()
        let_time_pass()
        for question in Question.objects.filter(answered_at=None, withdrawn_at=None):
            asked.append(question.evidence["tries"])
            world.answer(question, "try_again")

    assert asked == [3, 6]
    assert ended(operation) == "verified"


def test_a_fault_outside_the_steps_waits_before_the_run_is_taken_up_again(
    world: World, somebody_else: Somebody
) -> None:
    operation = world.start(world.line(1))
    _lose_column(somebody_else, "operations_step", "tries")

    assert world.work() == 1
    assert world.work() == 0

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, available_at > clock_timestamp() - interval '1 hour' FROM absurd.r_onhook "
            "WHERE state <> 'failed'"
        )
        assert cursor.fetchall() == [("sleeping", True)]
    _mend_column(somebody_else, "operations_step", "tries")
    let_time_pass()
    world.work()
    assert ended(operation) == "verified"


def test_what_the_engine_keeps_of_a_fault_is_its_kind_and_nothing_else(world: World, somebody_else: Somebody) -> None:
    somebody_else.execute(
        """
        CREATE FUNCTION tell_a_secret() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the password is hunter2 for %', NEW.company_id; END $$;
        CREATE TRIGGER tell_a_secret BEFORE INSERT ON operations_step FOR EACH ROW EXECUTE FUNCTION tell_a_secret();
        """
    )
    world.start(world.line(1))

    world.work()

    with connection.cursor() as cursor:
        cursor.execute("SELECT failure_reason FROM absurd.r_onhook WHERE state = 'failed'")
        ((reason,),) = cursor.fetchall()
    assert '"RunFailed"' in reason
    assert "InternalError" in reason or "ProgrammingError" in reason
    assert "hunter2" not in reason
    assert "4711" not in reason


def test_a_deadlock_with_somebody_else_is_only_a_fault_that_passes(world: World, somebody_else: Somebody) -> None:
    device = world.line(1)
    operation = world.start(device)
    somebody_else.execute("SET lock_timeout = '30s'")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    with somebody_else.transaction():
        somebody_else.execute("UPDATE devices_device SET model = 'Example Phone 4' WHERE id = %s", [device.pk])
        world.work()
        assert step(operation, "delete_devices").problem == "unexpected fault (OperationalError)"
    let_time_pass()

    world.work()

    assert ended(operation) == "verified"
