"""Deletion in chunks: each its own transaction, a result for each line, and no line between two chunks is forgotten."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.operations.models import OperationItem
from tests.integration.operations.conftest import AtPoint
from tests.integration.operations.looking import ended, let_time_pass, lines, step, tags
from tests.world import World


def _hold(*devices: Device) -> None:
    Device.objects.filter(pk__in=[device.pk for device in devices]).update(held_at=clock.now(), hold_reason="a test")


def test_a_line_changed_between_two_chunks_is_skipped_and_the_others_go(
    world: World, settings: Settings, at_point: AtPoint
) -> None:
    settings.CHUNK_LINES = 2
    devices = [world.line(line) for line in range(1, 6)]
    operation = world.start(*devices)
    at_point("delete_devices:1:after_commit", lambda: _hold(devices[2]))

    world.work()

    assert lines(operation) == [
        ("verified", True),
        ("verified", True),
        ("skipped", True),
        ("verified", True),
        ("verified", True),
    ]
    skipped = OperationItem.objects.get(state="skipped")
    assert (skipped.problem, skipped.deleted_at) == (
        "The line changed after it was checked; it was left as it is.",
        None,
    )
    assert list(Device.objects.filter(deleted_at=None)) == [devices[2]]
    assert step(operation, "delete_devices").evidence["lines_deleted"] == 4
    assert step(operation, "delete_devices").evidence["lines_skipped"] == 1
    assert world.open_question().text.startswith("CSU shows 4 of 5 lines as deleted")
    assert tags(operation).count("device:deleted") == 4
    event = AuditEvent.objects.get(tag="device:skipped")
    assert (event.subject, event.before) == (f"device:{devices[2].pk}", {"number": devices[2].number})


def test_the_customer_is_told_about_the_lines_that_went(world: World, settings: Settings, at_point: AtPoint) -> None:
    settings.CHUNK_LINES = 1
    devices = [world.line(line) for line in range(1, 4)]
    operation = world.start(*devices)
    at_point("delete_devices:1:after_commit", lambda: _hold(devices[1]))
    world.work()

    world.answer(world.open_question(), "tell")
    world.work()

    (message,) = world.messages()
    assert ended(operation) == "mismatch"
    assert message["subject"] == "2 phone lines removed [T-1001]"
    assert "+1 202-555-0102" not in message["text"]
    assert [item.is_open for item in OperationItem.objects.all()] == [False] * 3


def test_lines_that_all_changed_before_their_turn_void_the_operation(world: World, at_point: AtPoint) -> None:
    devices = [world.line(1), world.line(2)]
    operation = world.start(*devices)
    at_point("authorise:after_commit", lambda: _hold(*devices))

    world.work()

    assert ended(operation) == "void"
    assert lines(operation) == [("skipped", False), ("skipped", False)]
    assert operation.irreversible_at is None


def test_the_lines_of_one_chunk_share_one_moment_and_those_of_two_do_not(world: World, settings: Settings) -> None:
    settings.CHUNK_LINES = 2
    operation = world.start(*(world.line(line) for line in range(1, 5)))

    world.work()

    moments = list(operation.items.order_by("position").values_list("deleted_at", flat=True))
    assert moments[0] == moments[1]
    assert moments[2] == moments[3]
    assert moments[0] < moments[2]
    assert operation.confirmed_at < moments[0]
    operation.refresh_from_db()
    assert operation.irreversible_at == moments[0]


@pytest.mark.parametrize("size_after", [1, 3, 100])
def test_another_chunk_size_after_a_restart_forgets_no_line(
    world: World, settings: Settings, at_point: AtPoint, size_after: int
) -> None:
    settings.CHUNK_LINES = 2
    operation = world.start(*(world.line(line) for line in range(1, 6)))

    def lose_the_database_for_a_moment() -> None:
        settings.CHUNK_LINES = size_after
        raise ConnectionError("the worker lost its way after the first chunk")

    at_point("delete_devices:2:before_effect", lose_the_database_for_a_moment)
    world.work()
    assert ended(operation) == "running"

    let_time_pass()
    world.work()

    assert ended(operation) == "verified"
    assert not Device.objects.filter(deleted_at=None).exists()


@pytest.mark.parametrize("count", [1, 10])
def test_the_number_of_statements_does_not_grow_with_the_lines(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    world.start(*(world.line(line) for line in range(1, count + 1)))

    with django_assert_max_num_queries(100):
        world.work()

    assert Device.objects.filter(deleted_at=None).count() == 0
