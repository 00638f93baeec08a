"""A changed fact voids the plan: at confirming, with a new plan beside it, and in the run, before it deletes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.billing import rules
from onhook.billing.channels import Channel, Match, Rule
from onhook.devices.models import Device
from onhook.operations.confirming import PlanVoid, UnableToConfirm
from onhook.operations.models import Operation, Plan
from onhook.tenancy import walls
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.integration.operations.conftest import AtPoint
from tests.integration.operations.looking import ended, lines, tags
from tests.world import World


@dataclass(frozen=True)
class Change:
    """Something that happens to one line, and the words in which it is told."""

    do: Callable[[World, Device], Any]
    words: str


def _move(world: World, device: Device) -> None:
    other = factories.company(coid=4712, name="Example Roofing")
    Device.objects.filter(pk=device.pk).update(company=other)


def _delete(world: World, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(deleted_at=clock.now())


def _sell_anew(world: World, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(soc_code="CKSWDirectAdv2020")


def _hold(world: World, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(held_at=clock.now(), hold_reason="a court asks for it")


def _renumber(world: World, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(number="+12025550199")


CHANGES = [
    pytest.param(Change(_move, "1 line was moved to another company"), id="moved"),
    pytest.param(Change(_delete, "1 line was already deleted"), id="deleted"),
    pytest.param(Change(_sell_anew, "1 line got another SOC code"), id="soc_code"),
    pytest.param(Change(_hold, "1 line was put on hold"), id="held"),
    pytest.param(Change(_renumber, "1 line got another number"), id="number"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_line_voids_the_plan_when_it_is_confirmed(world: World, change: Change) -> None:
    changed, other = world.line(1), world.line(2)
    plan = world.plan([changed, other])
    change.do(world, changed)

    with pytest.raises(PlanVoid) as refusal:
        world.confirm(plan)

    plan.refresh_from_db()
    assert str(refusal.value) == (f"Nothing was started: since the plan was made, {change.words}. The plan is void.")
    assert (plan.state, plan.void_reason) == ("void", change.words)
    assert not Operation.objects.exists()
    assert world.work() == 0
    event = AuditEvent.objects.get(tag="plan:voided")
    assert (event.subject, event.after) == (f"plan:{plan.pk}", {"reason": change.words})


@pytest.mark.parametrize("change", CHANGES)
def test_a_voided_plan_comes_with_a_new_one_of_the_lines_that_are_left(world: World, change: Change) -> None:
    changed, other = world.line(1), world.line(2)
    plan = world.plan([changed, other])
    change.do(world, changed)

    with pytest.raises(PlanVoid) as refusal:
        world.confirm(plan)

    replacement = refusal.value.replacement
    assert replacement is not None
    is_still_here = Device.objects.filter(pk=changed.pk, company=world.company, deleted_at=None).exists()
    planned = list(replacement.items.values_list("device_id", "number", "soc_code"))
    changed.refresh_from_db()
    expected = [changed, other] if is_still_here else [other]
    assert planned == [(line.pk, line.number, line.soc_code) for line in expected]
    assert (replacement.state, replacement.requester, replacement.reason) == ("open", world.admin, "lost")
    assert replacement.plan_hash != plan.plan_hash


@pytest.mark.parametrize("change", CHANGES)
def test_a_customer_behind_the_wall_is_told_the_same(world: World, change: Change) -> None:
    changed, other = world.line(1), world.line(2)
    plan = world.plan([changed, other])
    change.do(world, changed)

    with pytest.raises(PlanVoid, match=change.words), walls.confined(company_id=world.company.pk):
        world.confirm(plan)

    plan.refresh_from_db()
    assert plan.state == "void"
    assert not Operation.objects.exists()


def test_the_new_plan_can_be_confirmed_and_runs(world: World) -> None:
    changed, other = world.line(1), world.line(2)
    plan = world.plan([changed, other])
    _delete(world, changed)
    with pytest.raises(PlanVoid) as refusal:
        world.confirm(plan)

    assert refusal.value.replacement is not None
    operation = world.confirm(refusal.value.replacement)
    world.work()

    assert ended(operation) == "verified"


def test_there_is_no_new_plan_when_no_line_is_left(world: World) -> None:
    changed = world.line(1)
    plan = world.plan([changed])
    _delete(world, changed)

    with pytest.raises(PlanVoid) as refusal:
        world.confirm(plan)

    assert refusal.value.replacement is None


def test_a_void_plan_stays_void(world: World) -> None:
    changed = world.line(1)
    plan = world.plan([changed])
    _hold(world, changed)
    with pytest.raises(PlanVoid):
        world.confirm(plan)
    Device.objects.update(held_at=None, hold_reason="")

    with pytest.raises(UnableToConfirm, match="This plan is void: 1 line was put on hold"):
        world.confirm(plan)


@pytest.mark.parametrize("change", CHANGES)
def test_a_line_changed_after_confirming_voids_the_operation_and_nothing_is_deleted(
    world: World, change: Change
) -> None:
    changed, other = world.line(1), world.line(2)
    operation = world.start(changed, other)
    change.do(world, changed)

    world.work()

    assert ended(operation) == "void"
    assert operation.outcome_reason == (
        f"After it was confirmed, {change.words}. Nothing was deleted; make a new plan."
    )
    assert lines(operation) == [("released", False), ("released", False)]
    assert Device.objects.get(pk=other.pk).deleted_at is None
    assert tags(operation) == ["plan:confirmed", "operation:voided"]
    assert world.messages() == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_line_changed_between_check_and_deletion_is_left_as_it_is(
    world: World, at_point: AtPoint, change: Change
) -> None:
    changed, other = world.line(1), world.line(2)
    operation = world.start(changed, other)
    before: list[Any] = []

    def happen() -> None:
        change.do(world, changed)
        before.append(Device.objects.filter(pk=changed.pk).values().get())

    at_point("authorise:after_commit", happen)
    world.work()

    assert [Device.objects.filter(pk=changed.pk).values().get()] == before
    assert ended(operation) == "waiting"
    assert lines(operation) == [("skipped", True), ("verified", True)]
    assert tags(operation) == [
        "plan:confirmed",
        "operation:authorised",
        "device:skipped",
        "device:deleted",
        "deletion:mismatched",
        "question:opened",
    ]


def _suspend(user: User) -> None:
    User.objects.filter(pk=user.pk).update(suspended_at=clock.now())


def _demote(user: User) -> None:
    role = Role.AUDITOR if user.is_staff_member else Role.VIEWER
    User.objects.filter(pk=user.pk).update(role=role.value)


@pytest.mark.parametrize("take_away", [_suspend, _demote])
def test_a_confirmer_who_lost_the_right_cannot_confirm(world: World, take_away: Callable[[User], None]) -> None:
    plan = world.plan([world.line(1)])
    take_away(world.agent)
    world.agent.refresh_from_db()

    with pytest.raises(UnableToConfirm, match="1/sam may not confirm deletions for this company"):
        world.confirm(plan, by=world.agent)

    assert not Operation.objects.exists()


@pytest.mark.parametrize("take_away", [_suspend, _demote])
def test_a_confirmer_who_lost_the_right_after_confirming_voids_the_operation(
    world: World, take_away: Callable[[User], None]
) -> None:
    device = world.line(1)
    operation = world.confirm(world.plan([device], by=world.agent), by=world.agent)
    take_away(world.agent)

    world.work()

    assert ended(operation) == "void"
    assert operation.outcome_reason == (
        "The person who confirmed may no longer confirm deletions here. Nothing was deleted."
    )
    assert Device.objects.get().is_live


@pytest.mark.parametrize("take_away", [_suspend, _demote])
def test_a_requester_who_lost_the_role_voids_the_plan_when_it_is_confirmed(
    world: World, take_away: Callable[[User], None]
) -> None:
    plan = world.plan([world.line(1)], by=world.agent)
    take_away(world.admin)

    with pytest.raises(PlanVoid, match="the requester is no longer an Admin or Super User") as refusal:
        world.confirm(plan, by=world.agent)

    plan.refresh_from_db()
    replacement = refusal.value.replacement
    assert plan.state == "void"
    assert replacement is not None
    assert [block["code"] for block in replacement.blocks] == ["requester"]


@pytest.mark.parametrize("take_away", [_suspend, _demote])
def test_a_requester_who_lost_the_role_after_confirming_voids_the_operation(
    world: World, take_away: Callable[[User], None]
) -> None:
    operation = world.confirm(world.plan([world.line(1)], by=world.agent), by=world.agent)
    take_away(world.admin)

    world.work()

    assert ended(operation) == "void"
    assert operation.outcome_reason == (
        "The requester is no longer an Admin or Super User of the company. Nothing was deleted."
    )
    assert Device.objects.get().is_live


@pytest.mark.parametrize("who", ["agent", "admin"])
def test_a_right_lost_between_check_and_deletion_still_stops_the_deletion(
    world: World, at_point: AtPoint, who: str
) -> None:
    operation = world.confirm(world.plan([world.line(1)], by=world.agent), by=world.agent)
    at_point("authorise:after_commit", lambda: _suspend(getattr(world, who)))

    world.work()

    assert ended(operation) == "void"
    assert lines(operation) == [("released", False)]
    assert Device.objects.get().is_live


def _publish(world: World, channel: Channel) -> None:
    lead = factories.agent(username="lee", role=Role.LEAD)
    rule = Rule(match=Match.PREFIX, pattern="CKSWDirectAdv", channel=channel, meaning="Newly sorted")
    rules.publish(actor=factories.actor(lead), rules=[rule], note="for this test", now=clock.now())


def test_rules_that_give_a_line_another_channel_void_the_plan(world: World) -> None:
    plan = world.plan([world.line(1)])
    _publish(world, Channel.CONTRACT)

    with pytest.raises(PlanVoid, match="1 line got another billing channel") as refusal:
        world.confirm(plan)

    assert refusal.value.replacement is not None
    assert refusal.value.replacement.items.get().channel == "contract"


def test_new_rules_that_change_nothing_for_the_lines_do_not_void_the_plan(world: World) -> None:
    plan = world.plan([world.line(1)])
    _publish(world, Channel.DIRECT)

    operation = world.confirm(plan)
    world.work()

    assert ended(operation) == "verified"


def test_the_lines_of_a_void_operation_are_free_for_another(world: World) -> None:
    changed, other = world.line(1), world.line(2)
    void = world.start(changed, other)
    _hold(world, changed)
    world.work()
    assert ended(void) == "void"

    operation = world.start(other)
    world.work()

    assert ended(operation) == "verified"
    assert Plan.objects.count() == 2
