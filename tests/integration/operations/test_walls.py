"""What the database itself refuses, whoever asks: rows that point to another company's, and states that cannot be."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from onhook.devices.models import Device
from onhook.operations.models import Operation, Plan
from onhook.tenancy.models import User
from tests import factories
from tests.world import World

Somebody = psycopg.Connection[Any]
ITEM = """
    INSERT INTO operations_operationitem
        (operation_id, company_id, position, device_id, number, soc_code, channel, state, problem, is_open)
    VALUES (%s, %s, 9, %s, '+12025550199', 'x', 'direct', 'pending', '', true)
"""
PLAN_ITEM = """
    INSERT INTO operations_planitem (plan_id, position, device_id, number, soc_code, channel)
    VALUES (%s, 9, %s, '+12025550199', 'x', 'direct')
"""


@pytest.fixture
def stranger(world: World) -> User:
    return factories.user(factories.company(coid=4712, name="Example Roofing"), username="bob")


@pytest.fixture
def strange_line(stranger: User) -> Device:
    return factories.device(stranger.company, line=50)


@pytest.fixture
def operation(world: World) -> Operation:
    return world.start(world.line(1))


def test_a_line_of_another_company_cannot_join_an_operation(
    somebody_else: Somebody, operation: Operation, strange_line: Device
) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="another company cannot join this operation"):
        somebody_else.execute(ITEM, [operation.pk, operation.company_id, strange_line.pk])


def test_an_item_cannot_claim_another_company_than_its_operation(
    somebody_else: Somebody, operation: Operation, strange_line: Device
) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="operation_id_same_company"):
        somebody_else.execute(ITEM, [operation.pk, strange_line.company_id, strange_line.pk])


def test_a_line_of_another_company_cannot_join_a_plan(
    world: World, somebody_else: Somebody, strange_line: Device
) -> None:
    plan = world.plan([world.line(1)])

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="a line of another company cannot join this plan"):
        somebody_else.execute(PLAN_ITEM, [plan.pk, strange_line.pk])


def test_an_item_cannot_be_turned_to_another_line_later(
    somebody_else: Somebody, operation: Operation, strange_line: Device
) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="never changes"):
        somebody_else.execute("UPDATE operations_operationitem SET device_id = %s", [strange_line.pk])


def test_an_item_of_a_plan_never_changes(world: World, somebody_else: Somebody, strange_line: Device) -> None:
    world.plan([world.line(1)])

    with pytest.raises(psycopg.errors.RaiseException, match="never changes"):
        somebody_else.execute("UPDATE operations_planitem SET device_id = %s", [strange_line.pk])


def test_a_requester_of_another_company_cannot_be_named(world: World, somebody_else: Somebody, stranger: User) -> None:
    world.plan([world.line(1)])

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="requester_id_same_company"):
        somebody_else.execute("UPDATE operations_plan SET requester_id = %s", [stranger.pk])


def test_an_operation_cannot_take_another_companys_plan(world: World, somebody_else: Somebody, stranger: User) -> None:
    plan = world.plan([world.line(1)])

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="plan_id_same_company"):
        somebody_else.execute(
            """
            INSERT INTO operations_operation (id, company_id, plan_id, action, state, outcome, outcome_reason,
                line_count, plan_hash, confirmed_by_id, surface, confirm_key, confirmed_at, generation)
            VALUES (gen_random_uuid(), %s, %s, 'delete_device', 'running', '', '', 1, '', %s, 'cli', 'k', now(), 0)
            """,
            [stranger.company_id, plan.pk, stranger.pk],
        )


@pytest.mark.parametrize("table", ["step", "question"])
def test_what_belongs_to_an_operation_belongs_to_its_company(
    world: World, somebody_else: Somebody, stranger: User, table: str
) -> None:
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="operation_id_same_company"):
        somebody_else.execute(f"UPDATE operations_{table} SET company_id = %s", [stranger.company_id])


def test_a_notice_goes_to_nobody_of_another_company(world: World, somebody_else: Somebody, stranger: User) -> None:
    world.start(world.line(1))
    world.work()

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="recipient_id_same_company"):
        somebody_else.execute("UPDATE operations_notice SET recipient_id = %s", [stranger.pk])


def test_a_line_has_one_open_item_on_the_whole_platform(
    world: World, somebody_else: Somebody, operation: Operation
) -> None:
    other = world.start(world.line(2))

    with pytest.raises(psycopg.errors.UniqueViolation, match="item_one_open_per_device"):
        somebody_else.execute(ITEM, [other.pk, other.company_id, operation.items.get().device_id])


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE operations_operation SET state = 'closed'", "operation_closed_has_outcome"),
        ("UPDATE operations_operation SET outcome = 'verified'", "operation_closed_has_outcome"),
        ("UPDATE operations_operation SET state = 'resting'", "operation_state_known"),
        ("UPDATE operations_operationitem SET state = 'resting'", "item_state_known"),
        ("UPDATE operations_operationitem SET channel = 'resting'", "item_channel_known"),
        ("UPDATE operations_plan SET line_count = 0", "plan_has_lines"),
        ("UPDATE operations_plan SET reason = 'resting'", "plan_reason_known"),
    ],
)
def test_a_state_that_cannot_be_is_refused(
    somebody_else: Somebody, operation: Operation, statement: str, constraint: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=constraint):
        somebody_else.execute(statement)


def test_a_notice_is_never_counted_a_third_time(world: World, somebody_else: Somebody) -> None:
    world.start(world.line(1))
    world.work()

    with pytest.raises(psycopg.errors.CheckViolation, match="notice_sent_at_most_twice"):
        somebody_else.execute("UPDATE operations_notice SET sendings = 3")


def test_half_an_answer_is_refused(world: World, somebody_else: Somebody) -> None:
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()

    with pytest.raises(psycopg.errors.CheckViolation, match="question_answer_is_whole"):
        somebody_else.execute("UPDATE operations_question SET answer = 'direct'")


def test_two_live_rows_of_one_number_are_refused(world: World, somebody_else: Somebody) -> None:
    world.line(1)
    other = world.line(2)

    with pytest.raises(psycopg.errors.UniqueViolation, match="device_one_live_row_per_number"):
        somebody_else.execute("UPDATE devices_device SET number = '+12025550101' WHERE id = %s", [other.pk])


def test_a_move_of_the_line_to_another_company_leaves_the_history_whole(
    world: World, operation: Operation, stranger: User
) -> None:
    world.work()

    Device.objects.update(company=stranger.company)

    assert Operation.objects.get().items.get().company == world.company
    assert Plan.objects.get().items.get().device.company == stranger.company
