"""A plan that nobody confirmed is declined by whoever was asked, or withdrawn by whoever made it: once, for good."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connection

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.operations import confirming, ending, handing_over, planning
from onhook.operations.models import Operation, Plan
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.factories import number
from tests.integration.operations.conftest import AtPoint
from tests.world import World


def decline(
    world: World,
    plan: Plan,
    *,
    by: User | None = None,
    words: str = "Omar keeps this phone.",
    now: datetime | None = None,
) -> Plan:
    return ending.decline(
        company=world.company,
        plan_id=plan.pk,
        actor=factories.actor(by or world.admin),
        words=words,
        now=now or clock.now(),
    )


def withdraw(world: World, plan: Plan, *, by: User) -> Plan:
    return ending.withdraw(company=world.company, plan_id=plan.pk, actor=factories.actor(by), now=clock.now())


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


@pytest.mark.parametrize(
    ("end", "says"), [("decline", "declined this plan: Omar keeps"), ("withdraw", "withdrew this plan")]
)
def test_a_plan_that_ended_is_not_confirmed_any_more(
    world: World, sent: Plan, manager: User, end: str, says: str
) -> None:
    decline(world, sent) if end == "decline" else withdraw(world, sent, by=manager)

    with pytest.raises(confirming.UnableToConfirm, match=says):
        world.confirm(sent)

    ended = Plan.objects.get(pk=sent.pk)
    assert not Operation.objects.exists()
    assert not handing_over.can_be_confirmed(plan=ended, now=clock.now())
    for person in (manager, world.admin, world.agent):
        with pytest.raises(planning.UnableToPlan, match=f"{says}.*No plan was made"):
            handing_over.renew(plan=ended, actor=factories.actor(person), now=clock.now())
    assert Plan.objects.get() == ended


@pytest.mark.parametrize("words", ["", "  \n", "...", " . ?!", "x" * 301, "a\0b", "a\u202eb"])
def test_a_plan_is_declined_in_a_few_words_that_can_be_shown(world: World, sent: Plan, words: str) -> None:
    with pytest.raises(ending.UnfitWords, match="Nothing was changed"):
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

    with pytest.raises(ending.UnableToEnd, match="is over already"):
        withdraw(world, sent, by=manager)
    with pytest.raises(ending.UnableToEnd, match="was confirmed"):
        withdraw(world, own, by=world.admin)

    assert not AuditEvent.objects.filter(tag="plan:withdrawn").exists()


def test_a_plan_that_is_too_old_is_over_without_anybody_ending_it(world: World, sent: Plan) -> None:
    with pytest.raises(ending.UnableToEnd, match="is too old"):
        decline(world, sent, now=sent.expires_at)

    assert decline(world, sent, now=sent.expires_at - timedelta(seconds=1)).state == "declined"


def test_a_plan_found_void_is_not_withdrawn_before_it_is_so(
    world: World, sent: Plan, manager: User, at_point: AtPoint, somebody_else: psycopg.Connection[Any]
) -> None:
    somebody_else.execute("UPDATE devices_device SET number = %s WHERE number = %s", [number(2), number(1)])
    withdrawing = Thread(target=lambda: outcomes.append(_outcome(lambda: withdraw(world, sent, by=manager))))
    outcomes: list[str] = []

    def withdraw_now() -> None:
        withdrawing.start()
        wait_until_one_waits_for_the_lock(somebody_else)

    at_point("confirm:after_operation", withdraw_now)
    with pytest.raises(confirming.PlanVoid) as void:
        world.confirm(sent)
    withdrawing.join()

    assert outcomes == ["The plan was confirmed, is too old, or is over already. Nothing was changed."]
    assert void.value.replacement is not None
    assert Plan.objects.get(pk=sent.pk).state == "void"
    assert not AuditEvent.objects.filter(tag="plan:withdrawn").exists()


def _outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except ending.UnableToEnd as refusal:
        return str(refusal)
    finally:
        connection.close()
    return "ended"


def wait_until_one_waits_for_the_lock(somebody: psycopg.Connection[Any]) -> None:
    for _ in range(200):
        row = somebody.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
        if row and row[0]:
            return
        time.sleep(0.05)
    pytest.fail("nobody waited for the lock")


def test_a_plan_of_another_company_is_none(world: World, sent: Plan) -> None:
    theirs = factories.company(coid=4712, name="Sample Roofing")

    with pytest.raises(ending.UnableToEnd, match="no such plan in this company"):
        ending.decline(
            company=theirs, plan_id=sent.pk, actor=factories.actor(world.admin), words="No.", now=clock.now()
        )
