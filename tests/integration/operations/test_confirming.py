"""Confirming: who may, what exactly, once, and only one of those who try at the same moment."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.operations import confirming
from onhook.operations.confirming import AlreadyConfirmed, UnableToConfirm
from onhook.operations.models import Operation, OperationItem, Plan
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.integration.operations.conftest import AtPoint
from tests.integration.operations.looking import ended, tags, wait_until_somebody_waits
from tests.world import World


def _nothing_was_started() -> bool:
    runs = Operation.objects.count() + OperationItem.objects.count()
    return runs == 0 and not AuditEvent.objects.exclude(tag="plan:made").exists()


def test_the_same_key_gives_the_same_operation_again(world: World) -> None:
    plan = world.plan([world.line(1)])

    operations = {world.confirm(plan, confirm_key="request-1").pk for _ in range(3)}
    world.work()

    assert operations == {Operation.objects.get().pk}
    assert tags(Operation.objects.get()).count("plan:confirmed") == 1


def test_the_same_key_gives_the_same_answer_when_the_operation_is_over(world: World) -> None:
    plan = world.plan([world.line(1)])
    operation = world.confirm(plan, confirm_key="request-1")
    world.work()

    assert world.confirm(plan, confirm_key="request-1") == operation
    assert world.work() == 0


def test_without_a_key_a_person_confirms_a_plan_once(world: World) -> None:
    plan = world.plan([world.line(1)])

    assert world.confirm(plan) == world.confirm(plan)


def test_another_key_is_refused_and_names_the_operation(world: World) -> None:
    plan = world.plan([world.line(1)])
    operation = world.confirm(plan, confirm_key="request-1")

    with pytest.raises(AlreadyConfirmed, match=str(operation.pk)) as refusal:
        world.confirm(plan, confirm_key="request-2")

    assert refusal.value.operation == operation
    assert Operation.objects.count() == 1


def test_another_plan_for_the_same_line_is_refused_and_names_the_open_operation(world: World) -> None:
    device = world.line(1)
    first, second = world.plan([device]), world.plan([device])
    operation = world.confirm(first)

    with pytest.raises(UnableToConfirm, match=f"Operation {operation.pk} already has lines of this plan"):
        world.confirm(second)

    second.refresh_from_db()
    assert (second.state, Operation.objects.count()) == ("open", 1)


def test_a_key_that_confirmed_another_plan_is_refused(world: World) -> None:
    first, second = world.plan([world.line(1)]), world.plan([world.line(2)])
    operation = world.confirm(first, confirm_key="request-1")

    with pytest.raises(UnableToConfirm, match=f"already confirmed another plan .operation {operation.pk}."):
        world.confirm(second, confirm_key="request-1")


def test_a_plan_that_expired_is_refused_at_the_very_moment(world: World) -> None:
    plan = world.plan([world.line(1)])

    with pytest.raises(UnableToConfirm, match="The plan expired at"):
        world.confirm(plan, now=plan.expires_at)

    assert _nothing_was_started()
    assert world.confirm(plan, now=plan.expires_at - timedelta(microseconds=1)).plan == plan


@pytest.mark.parametrize("shown", ["", "0" * 64, "another"])
def test_another_hash_than_the_plans_is_refused(world: World, shown: str) -> None:
    plan = world.plan([world.line(1)])

    with pytest.raises(UnableToConfirm, match="the hash differs"):
        world.confirm(plan, plan_hash=shown)

    assert _nothing_was_started()


def test_the_hash_of_a_shorter_prefix_is_refused(world: World) -> None:
    plan = world.plan([world.line(1)])

    with pytest.raises(UnableToConfirm, match="the hash differs"):
        world.confirm(plan, plan_hash=plan.plan_hash[:12])


def test_a_plan_with_a_block_is_refused_with_its_reason(world: World) -> None:
    device = world.line(1)
    Device.objects.update(held_at=clock.now(), hold_reason="a court asks for it")
    plan = world.plan([device])

    with pytest.raises(UnableToConfirm, match=re.escape("The plan cannot be confirmed: 1 line is on hold.")):
        world.confirm(plan)

    assert _nothing_was_started()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_a_person_without_the_right_is_told_to_send_the_plan_on(world: World, role: Role) -> None:
    plan = world.plan([world.line(1)])
    bystander = factories.user(world.company, username="vic", role=role)

    with pytest.raises(UnableToConfirm, match=r"4711/vic may not confirm .* send the plan to somebody who may"):
        world.confirm(plan, by=bystander)

    assert _nothing_was_started()


def test_an_auditor_of_the_operator_may_not_confirm(world: World) -> None:
    plan = world.plan([world.line(1)])

    with pytest.raises(UnableToConfirm, match="may not confirm"):
        world.confirm(plan, by=factories.agent(username="aud", role=Role.AUDITOR))


def _planned_by_a_manager(world: World) -> Plan:
    """Plan with the admin named as who asks: so far only the manager says so."""
    return world.plan([world.line(1)], by=factories.user(world.company, username="mia", role=Role.MANAGER))


def test_whom_a_manager_named_confirms_and_only_then_signed_in_is_true(world: World) -> None:
    plan = _planned_by_a_manager(world)
    other = factories.user(world.company, username="bob", role=Role.ADMIN)

    for bystander in (world.agent, other):
        with pytest.raises(UnableToConfirm, match=r"Ada Example has not asked for this themselves yet\. Nothing was"):
            world.confirm(plan, by=bystander)

    assert _nothing_was_started()
    operation = world.confirm(plan)
    assert (operation.confirmed_by, operation.plan.how_checked) == (world.admin, "signed_in")


def test_what_a_requester_planned_themselves_an_agent_may_confirm(world: World) -> None:
    plan = world.plan([world.line(1)])

    assert world.confirm(plan, by=world.agent).confirmed_by == world.agent


def _stranger() -> User:
    return factories.user(factories.company(coid=4712, name="Example Roofing"), username="bob")


def test_the_plan_of_another_company_and_a_missing_one_look_the_same(world: World) -> None:
    plan, stranger = world.plan([world.line(1)]), _stranger()
    messages = []
    for plan_id in (plan.pk, uuid4()):
        with pytest.raises(UnableToConfirm) as refusal:
            confirming.confirm(
                company=stranger.company,
                plan_id=plan_id,
                plan_hash=plan.plan_hash,
                actor=factories.actor(stranger),
                now=clock.now(),
            )
        messages.append(str(refusal.value))

    assert messages == ["There is no such plan in this company. Nothing was started."] * 2
    assert _nothing_was_started()


def test_a_person_of_another_company_may_not_confirm(world: World) -> None:
    plan = world.plan([world.line(1)])

    with pytest.raises(UnableToConfirm, match="4712/bob may not confirm"):
        world.confirm(plan, by=_stranger())

    assert _nothing_was_started()


def _at_once(*acts: object) -> list[object]:
    """Do all acts at the same moment, each in a thread with its own connection; return results and refusals."""
    barrier = threading.Barrier(len(acts))

    def do(act: object) -> object:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            return act()  # type: ignore[operator]
        except UnableToConfirm as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def test_two_people_who_confirm_plans_for_one_line_at_once_start_one_operation(world: World) -> None:
    device, other = world.line(1), world.line(2)
    first, second = world.plan([device, other]), world.plan([other, device], by=world.agent)

    results = _at_once(lambda: world.confirm(first), lambda: world.confirm(second, by=world.agent))

    operation = Operation.objects.get()
    (refusal,) = (result for result in results if isinstance(result, UnableToConfirm))
    assert operation in results
    assert f"Operation {operation.pk} already has lines of this plan." in str(refusal)
    world.work()
    assert ended(operation) == "verified"
    assert tags(operation).count("device:deleted") == 2


def test_the_second_of_two_waits_for_the_first_and_then_names_it(world: World, at_point: AtPoint) -> None:
    device = world.line(1)
    first, second = world.plan([device]), world.plan([device], by=world.agent)
    with ThreadPoolExecutor(1) as pool:

        def let_the_second_run_into_us() -> None:
            future.append(pool.submit(_at_once, lambda: world.confirm(second, by=world.agent)))
            wait_until_somebody_waits()

        future: list[object] = []
        # Our rows are written and not committed.
        at_point("confirm:after_items", let_the_second_run_into_us)
        operation = world.confirm(first)
        (refusal,) = future[0].result(30)  # type: ignore[attr-defined]

    assert isinstance(refusal, UnableToConfirm)
    assert str(operation.pk) in str(refusal)


def test_two_people_who_confirm_one_plan_at_once_start_one_operation(world: World) -> None:
    plan = world.plan([world.line(1)])

    results = _at_once(lambda: world.confirm(plan), lambda: world.confirm(plan, by=world.agent))

    operation = Operation.objects.get()
    (refusal,) = (result for result in results if isinstance(result, UnableToConfirm))
    assert isinstance(refusal, AlreadyConfirmed)
    assert (refusal.operation, operation in results) == (operation, True)


def test_one_person_who_clicks_many_times_at_once_starts_one_operation(world: World) -> None:
    plan = world.plan([world.line(1)])

    results = _at_once(*[lambda: world.confirm(plan)] * 4)

    assert results == [Operation.objects.get()] * 4


def test_one_key_for_two_plans_at_once_starts_one_operation_and_says_why(world: World) -> None:
    plans = [world.plan([world.line(1)]), world.plan([world.line(2)])]

    results = _at_once(*[lambda plan=plan: world.confirm(plan, confirm_key="request-1") for plan in plans])

    operation = Operation.objects.get()
    (refusal,) = (result for result in results if isinstance(result, UnableToConfirm))
    assert "already confirmed another plan" in str(refusal)
    assert operation in results


def test_a_line_that_moves_while_it_is_confirmed_is_refused_in_words(world: World, at_point: AtPoint) -> None:
    device = world.line(1)
    plan = world.plan([device])
    other = factories.company(coid=4712, name="Example Roofing")
    at_point("confirm:after_operation", lambda: Device.objects.update(company=other))

    with pytest.raises(UnableToConfirm, match="A line changed at this very moment"):
        world.confirm(plan)

    assert _nothing_was_started()
    assert Plan.objects.get().state == "open"
