"""The plans that wait for a person: the list of them and the number beside it tell the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from onhook import clock
from onhook.devices.models import Device
from onhook.operations import confirming, handing_over, planning
from onhook.operations.models import Plan
from onhook.operations.vocabulary import Action, HowChecked, PlanState
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
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
    assert not handing_over.can_be_confirmed(plan=plan, now=clock.now())


@pytest.mark.parametrize(
    "change",
    [
        {"held_at": factories.ACTIVATED, "hold_reason": "Number is being ported out"},
        {"number": factories.number(9)},
        {"soc_code": factories.UNKNOWN_SOC},
        {"deleted_at": factories.ACTIVATED},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_plan_waits_for_nobody_when_a_line_is_not_what_was_planned(world: World, change: dict[str, Any]) -> None:
    plan = world.plan([world.line(1), world.line(2)], by=world.agent)
    assert waiting(world.admin) == (1, 1)

    Device.objects.filter(number=factories.number(1)).update(**change)

    assert waiting(world.admin) == (0, 0)
    assert not handing_over.can_be_confirmed(plan=plan, now=clock.now())


def test_how_support_made_sure_who_asks_is_not_the_word_of_a_customer_who_plans_again(world: World) -> None:
    """Otherwise a Manager made of support's plan one that a second person confirms in the requester's stead."""
    plan = world.plan([world.line(1)], by=world.agent)
    assert plan.how_checked == "called_back"
    manager = factories.user(world.company, username="mia", role=Role.MANAGER)
    other = factories.user(world.company, username="sam", role=Role.SUPER_USER)

    again = handing_over.renew(plan=plan, actor=factories.actor(manager), now=clock.now())

    assert (again.how_checked, again.requester, again.created_by) == ("signed_in", world.admin, manager)
    with pytest.raises(confirming.UnableToConfirm, match="has not asked for this themselves"):
        world.confirm(again, by=other)
    assert world.confirm(again, by=world.admin).plan == again


def test_support_takes_its_word_along_into_a_plan_made_again(world: World) -> None:
    plan = world.plan([world.line(1)], by=world.agent)

    again = handing_over.renew(plan=plan, actor=factories.actor(world.agent), now=clock.now())

    assert again.how_checked == "called_back"
    assert world.confirm(again, by=world.agent).plan == again


def test_a_plan_that_comes_in_place_of_a_void_one_has_no_word_of_support_when_a_customer_confirmed(
    world: World,
) -> None:
    line = world.line(1)
    plan = world.plan([line], by=world.agent)
    other = factories.user(world.company, username="sam", role=Role.SUPER_USER)
    Device.objects.filter(pk=line.pk).update(soc_code=factories.UNKNOWN_SOC)

    with pytest.raises(confirming.PlanVoid) as void:
        world.confirm(plan, by=other)

    assert void.value.replacement is not None
    assert void.value.replacement.how_checked == "signed_in"


def test_only_support_says_how_it_made_sure_who_asks(world: World) -> None:
    with pytest.raises(planning.UnableToPlan, match="Only support says how it made sure who asks"):
        planning.plan(
            company=world.company,
            device_ids=[world.line(1).pk],
            request=factories.request(world.admin, how_checked=HowChecked.CALLED_BACK),
            actor=factories.actor(world.admin),
            now=clock.now(),
        )

    assert not Plan.objects.exists()
