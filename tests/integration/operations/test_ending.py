"""A plan that nobody confirmed is declined by whoever was asked, or withdrawn by whoever made it: once, for good."""

from __future__ import annotations

import pytest

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.operations import confirming, ending, handing_over
from onhook.operations.models import Operation, Plan
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.world import World


def decline(world: World, plan: Plan, *, by: User | None = None, words: str = "Omar keeps this phone.") -> Plan:
    return ending.decline(company=world.company, plan_id=plan.pk, actor=factories.actor(by or world.admin), words=words)


def withdraw(world: World, plan: Plan, *, by: User) -> Plan:
    return ending.withdraw(company=world.company, plan_id=plan.pk, actor=factories.actor(by))


@pytest.fixture
def manager(world: World) -> User:
    return factories.user(world.company, username="mia", role=Role.MANAGER)


@pytest.fixture
def sent(world: World, manager: User) -> Plan:
    return world.plan([world.line(1)], by=manager)


def test_a_declined_plan_keeps_why_and_who_and_waits_for_nobody(world: World, sent: Plan) -> None:
    assert handing_over.waiting_count(person=world.admin) == 1

    declined = decline(world, sent, words="  Omar keeps\nthis phone. ")

    assert (declined.state, declined.void_reason) == ("declined", "Omar keeps this phone")
    assert handing_over.waiting_count(person=world.admin) == 0
    event = AuditEvent.objects.get(tag="plan:declined")
    assert (event.actor, event.subject, event.plan_hash) == ("4711/ada", f"plan:{sent.pk}", sent.plan_hash)
    assert event.after == {"state": "declined", "reason": "Omar keeps this phone"}


def test_a_withdrawn_plan_waits_for_nobody(world: World, sent: Plan, manager: User) -> None:
    withdrawn = withdraw(world, sent, by=manager)

    assert withdrawn.state == "withdrawn"
    assert handing_over.waiting_count(person=world.admin) == 0
    assert AuditEvent.objects.get(tag="plan:withdrawn").actor == "4711/mia"


@pytest.mark.parametrize(("end", "says"), [("decline", "declined this plan: Omar keeps"), ("withdraw", "withdrew it")])
def test_a_plan_that_ended_is_not_confirmed_any_more(
    world: World, sent: Plan, manager: User, end: str, says: str
) -> None:
    decline(world, sent) if end == "decline" else withdraw(world, sent, by=manager)

    with pytest.raises(confirming.UnableToConfirm, match=says):
        world.confirm(sent)

    assert not Operation.objects.exists()
    assert not handing_over.can_be_confirmed(plan=Plan.objects.get(pk=sent.pk), now=clock.now())


@pytest.mark.parametrize("words", ["", "  \n", "x" * 301, "a\0b", "a\u202eb"])
def test_a_plan_is_declined_in_a_few_words_that_can_be_shown(world: World, sent: Plan, words: str) -> None:
    with pytest.raises(ending.UnableToEnd, match="Nothing was changed"):
        decline(world, sent, words=words)

    sent.refresh_from_db()
    assert (sent.state, sent.void_reason) == ("open", "")


def test_a_plan_is_declined_by_nobody_but_whoever_was_asked(world: World, sent: Plan, manager: User) -> None:
    other = factories.user(world.company, username="eve", role=Role.SUPER_USER)

    for person in (manager, other, world.agent):
        with pytest.raises(ending.MayNotEnd):
            decline(world, sent, by=person)
    with pytest.raises(ending.MayNotEnd):
        decline(world, world.plan([world.line(2)]))


def test_a_plan_is_withdrawn_by_nobody_but_whoever_made_it(world: World, sent: Plan) -> None:
    for person in (world.admin, world.agent):
        with pytest.raises(ending.MayNotEnd):
            withdraw(world, sent, by=person)


def test_a_plan_ends_once(world: World, sent: Plan, manager: User) -> None:
    own = world.plan([world.line(2)])
    world.confirm(own)
    decline(world, sent)

    with pytest.raises(ending.UnableToEnd, match="is over, already"):
        withdraw(world, sent, by=manager)
    with pytest.raises(ending.UnableToEnd, match="was confirmed"):
        withdraw(world, own, by=world.admin)

    assert not AuditEvent.objects.filter(tag="plan:withdrawn").exists()


def test_a_plan_of_another_company_is_none(world: World, sent: Plan) -> None:
    theirs = factories.company(coid=4712, name="Sample Roofing")

    with pytest.raises(ending.UnableToEnd, match="no such plan in this company"):
        ending.decline(company=theirs, plan_id=sent.pk, actor=factories.actor(world.admin), words="No.")
