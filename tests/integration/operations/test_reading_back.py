"""The read-back and its ends: verified, mismatch, timed out, and what a person decides on them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from pytest_django import Settings

from onhook.devices import csu
from onhook.devices.models import Device
from onhook.operations.models import Notice, Operation, Question, Step
from tests import factories
from tests.integration.operations.conftest import AtPoint
from tests.integration.operations.looking import ended, let_time_pass, lines, step, tags
from tests.world import World

AFTER_DELETION = "delete_devices:1:after_commit"
Somebody = psycopg.Connection[Any]


def _problem(operation: Operation) -> str:
    return str(operation.items.get(position=1).problem)


def _blank(somebody: Somebody, device: Device) -> Callable[[], Any]:
    return lambda: somebody.execute("UPDATE devices_device SET deleted_at = NULL WHERE id = %s", [device.pk])


def _into_use_again(somebody: Somebody, device: Device) -> Callable[[], Any]:
    return lambda: somebody.execute(
        "INSERT INTO devices_device (company_id, number, worker, model, soc_code, hold_reason) "
        "SELECT company_id, number, 'Somebody new', model, soc_code, '' FROM devices_device WHERE id = %s",
        [device.pk],
    )


def _antedate(somebody: Somebody, device: Device) -> Callable[[], Any]:
    return lambda: somebody.execute(
        "UPDATE devices_device SET deleted_at = deleted_at - interval '1 day' WHERE id = %s", [device.pk]
    )


def _renumber(somebody: Somebody, device: Device) -> Callable[[], Any]:
    return lambda: somebody.execute("UPDATE devices_device SET number = '+12025550199' WHERE id = %s", [device.pk])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_blank, "The Deleted Datetime is blank."),
        (_into_use_again, "A live row of the company carries the number."),
        (_antedate, "The Deleted Datetime is outside the time of this run."),
        (_renumber, "The row was not found."),
    ],
)
def test_a_row_changed_after_the_deletion_is_a_mismatch_and_a_person_decides(
    world: World,
    somebody_else: Somebody,
    at_point: AtPoint,
    change: Callable[[Somebody, Device], Callable[[], Any]],
    problem: str,
) -> None:
    device = world.line(1)
    operation = world.start(device)
    at_point(AFTER_DELETION, change(somebody_else, device))
    world.work()

    assert ended(operation) == "waiting"
    assert (lines(operation), _problem(operation)) == ([("mismatch", True)], problem)
    world.answer(world.open_question(), "close_silently")
    world.work()

    assert ended(operation) == "mismatch"
    assert lines(operation) == [("mismatch", False)]
    assert world.messages() == []
    assert tags(operation)[-5:] == [
        "device:deleted",
        "deletion:mismatched",
        "question:opened",
        "question:answered",
        "operation:closed",
    ]


def test_a_live_row_of_another_company_with_the_number_is_no_mismatch(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    device, other = world.line(1), factories.company(coid=4712, name="Example Roofing")
    operation = world.start(device)
    at_point(
        AFTER_DELETION,
        lambda: somebody_else.execute(
            "INSERT INTO devices_device (company_id, number, worker, model, soc_code, hold_reason) "
            "VALUES (%s, %s, '', '', 'CKSWDirectAdv1515', '')",
            [other.pk, device.number],
        ),
    )

    world.work()

    assert ended(operation) == "verified"


def test_reading_back_again_after_the_row_was_mended_verifies(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    device = world.line(1)
    operation = world.start(device)
    at_point(AFTER_DELETION, _blank(somebody_else, device))
    world.work()
    somebody_else.execute("UPDATE devices_device SET deleted_at = clock_timestamp() WHERE id = %s", [device.pk])

    world.answer(world.open_question(), "check_again")
    world.work()

    assert ended(operation) == "verified"
    assert lines(operation) == [("verified", False)]
    assert len(world.messages()) == 1


def test_reading_back_again_in_vain_asks_anew(world: World, somebody_else: Somebody, at_point: AtPoint) -> None:
    device = world.line(1)
    operation = world.start(device)
    at_point(AFTER_DELETION, _blank(somebody_else, device))
    world.work()
    first = world.open_question()

    world.answer(first, "check_again")
    world.work()

    second = world.open_question()
    assert (second.pk != first.pk, second.subject) == (True, "round 2")
    assert ended(operation) == "waiting"


def test_the_customer_may_be_told_about_the_lines_that_were_verified(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    gone, kept = world.line(1), world.line(2)
    operation = world.start(gone, kept)
    at_point(AFTER_DELETION, _blank(somebody_else, kept))
    world.work()

    world.answer(world.open_question(), "tell")
    world.work()

    assert ended(operation) == "mismatch"
    assert lines(operation) == [("verified", False), ("mismatch", False)]
    (message,) = world.messages()
    assert message["subject"] == "1 phone line removed [T-1001]"
    assert "+1 202-555-0101" in message["text"]
    assert "+1 202-555-0102" not in message["text"]


def test_a_person_is_not_offered_to_tell_about_nothing(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    device = world.line(1)
    world.start(device)
    at_point(AFTER_DELETION, _blank(somebody_else, device))

    world.work()

    codes = [choice["code"] for choice in world.open_question().choices]
    assert codes == ["check_again", "close_silently"]


@pytest.fixture
def locked_csu(world: World, settings: Settings, at_point: AtPoint) -> psycopg.Connection[Any]:
    """Give a connection that locks the device rows from the moment they were deleted on."""
    settings.VERIFY_READ_SECONDS = 0.2
    blocker = psycopg.connect(world.url)
    at_point(AFTER_DELETION, lambda: blocker.execute("LOCK TABLE devices_device IN ACCESS EXCLUSIVE MODE"))
    return blocker


def test_a_read_back_that_cannot_be_done_in_time_ends_as_timed_out(
    world: World, settings: Settings, locked_csu: Somebody
) -> None:
    settings.VERIFY_WINDOW_SECONDS = 0
    operation = world.start(world.line(1))
    with locked_csu:
        world.work()
        assert ended(operation) == "waiting"
        assert step(operation, "verify_deleted").evidence["result"] == "timed_out"

        world.answer(world.open_question(), "close_silently")
        world.work()

    assert ended(operation) == "timed_out"
    assert lines(operation) == [("deleted", False)]
    assert "deletion:unreadable" in tags(operation)
    assert not Notice.objects.exists()


def test_a_read_back_that_is_too_slow_once_is_tried_again_inside_the_window(
    world: World, settings: Settings, locked_csu: Somebody
) -> None:
    operation = world.start(world.line(1))
    with locked_csu:
        world.work()
        assert (ended(operation), step(operation, "verify_deleted").problem) == (
            "running",
            "CSU could not be read in time",
        )

    settings.VERIFY_READ_SECONDS = 20
    let_time_pass()
    world.work()

    assert ended(operation) == "verified"
    assert not Question.objects.exists()


def test_reading_back_again_has_a_window_of_its_own(world: World, settings: Settings, locked_csu: Somebody) -> None:
    settings.VERIFY_WINDOW_SECONDS = 0
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    operation = world.start(world.line(1))
    with locked_csu:
        world.work()
        settings.VERIFY_WINDOW_SECONDS = 300
        # The first round began long ago: a person took their time.
        Step.objects.filter(name="verify_deleted").update(started_at=long_ago)
        world.answer(world.open_question(), "check_again")
        world.work()
        assert (ended(operation), Question.objects.count()) == ("running", 1)

    settings.VERIFY_READ_SECONDS = 20
    let_time_pass()
    world.work()

    assert ended(operation) == "verified"


def test_the_deadline_of_the_read_does_not_hang_over_what_follows(world: World) -> None:
    device = world.line(1)
    with transaction.atomic(), connection.cursor() as cursor:
        csu.read_back(company_id=world.company.pk, lines=[(device.pk, device.number)], deadline_seconds=20)

        cursor.execute("SELECT current_setting('statement_timeout')")

        assert cursor.fetchone() == ("0",)
