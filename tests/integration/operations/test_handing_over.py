"""The plans that wait for a person: the list of them and the number beside it tell the same."""

from __future__ import annotations

from datetime import timedelta

from onhook import clock
from onhook.devices.models import Device
from onhook.operations import handing_over
from onhook.operations.models import Plan
from onhook.operations.vocabulary import Action, PlanState
from onhook.tenancy.models import User
from tests import factories
from tests.world import World


def waiting(person: User) -> tuple[int, int]:
    listed = handing_over.waiting_for(person=person, now=clock.now())
    return len(listed), handing_over.waiting_count(person=person)


def test_a_plan_waits_for_its_requester_until_its_end_and_is_counted_as_long(world: World) -> None:
    plan, _own = world.plan([world.line(1)], by=world.agent), world.plan([world.line(2)])

    assert waiting(world.admin) == (1, 1)
    assert waiting(world.agent) == (0, 0)
    for end in (
        {"state": PlanState.VOID.value},
        {"line_count": 0, "action": Action.SEND_BILLING_LINK.value},
        {"expires_at": clock.now() - timedelta(seconds=1)},
    ):
        was = {name: getattr(plan, name) for name in end}
        Plan.objects.filter(pk=plan.pk).update(**end)
        assert waiting(world.admin) == (0, 0), end
        Plan.objects.filter(pk=plan.pk).update(**was)


def test_a_plan_waits_for_nobody_when_a_line_is_gone_or_something_stops_it(world: World) -> None:
    held = world.line(2)
    Device.objects.filter(pk=held.pk).update(held_at=clock.now(), hold_reason="Under investigation.")
    plan, _stopped = world.plan([world.line(1), world.line(3)], by=world.agent), world.plan([held], by=world.agent)
    assert waiting(world.admin) == (1, 1)

    Device.objects.filter(number=factories.number(3)).update(deleted_at=clock.now())

    assert waiting(world.admin) == (0, 0)
    assert handing_over.gone_count(plan=plan) == 1
