"""End a plan that nobody confirmed: whoever was asked declines it, or whoever made it withdraws it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.operations.models import Plan
from onhook.operations.vocabulary import PlanState
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import LacksRight, Permission

# Characters; the words stand in a mail and on the plan's page.
MOST_WORDS = 300


class UnableToEnd(Exception):
    """The plan is as it was; the message is fit to show."""


class MayNotEnd(LacksRight, UnableToEnd):
    """This person has no right to it."""


def may_decline(plan: Plan, *, actor: Actor) -> bool:
    """Whether this person is asked by somebody else to confirm the plan."""
    is_asked = actor.user is not None and actor.user.pk == plan.requester_id != plan.created_by_id
    return is_asked and actor.may(Permission.CONFIRM_DELETION, company_id=plan.company_id)


def may_withdraw(plan: Plan, *, actor: Actor) -> bool:
    """Whether this person made the plan."""
    is_theirs = actor.user is not None and actor.user.pk == plan.created_by_id
    return is_theirs and actor.may(Permission.PLAN_DELETION, company_id=plan.company_id)


def decline(*, company: Company, plan_id: UUID, actor: Actor, words: str) -> Plan:
    """
    End the plan because whoever was asked to confirm it does not; `words` tell its maker why.

    :raises UnableToEnd: no such plan, it was not for them to confirm, no words, too many, or it is over already.
    """
    plan = _plan(company, plan_id)
    if not may_decline(plan, actor=actor):
        raise MayNotEnd("Only the person whom somebody else asks to confirm a plan declines it. Nothing was changed.")
    if not words.strip():
        raise UnableToEnd("Say in a few words why you decline it. Nothing was changed.")
    return _end(plan, actor=actor, state=PlanState.DECLINED, tag=Tag.PLAN_DECLINED, reason=_fitting(words))


def withdraw(*, company: Company, plan_id: UUID, actor: Actor) -> Plan:
    """
    End the plan because whoever made it does not want it any more.

    :raises UnableToEnd: no such plan, somebody else made it, or it is over already.
    """
    plan = _plan(company, plan_id)
    if not may_withdraw(plan, actor=actor):
        raise MayNotEnd("Only the person who made a plan withdraws it. Nothing was changed.")
    return _end(plan, actor=actor, state=PlanState.WITHDRAWN, tag=Tag.PLAN_WITHDRAWN, reason="")


def _plan(company: Company, plan_id: UUID) -> Plan:
    plan = Plan.objects.select_related("requester", "created_by").filter(company=company, pk=plan_id).first()
    if plan is None:
        raise UnableToEnd("There is no such plan in this company. Nothing was changed.")
    return plan


def _fitting(words: str) -> str:
    """Return the words in one line, as they stand in a sentence."""
    line = " ".join(words.split())
    if len(line) > MOST_WORDS:
        raise UnableToEnd(f"Say it in at most {MOST_WORDS} characters. Nothing was changed.")
    if not line.isprintable():
        raise UnableToEnd("There are characters in it that cannot be shown. Nothing was changed.")
    return line.rstrip(".")


def _end(plan: Plan, *, actor: Actor, state: PlanState, tag: Tag, reason: str) -> Plan:
    with transaction.atomic():
        # A confirmation holds the row: whoever comes second finds no open plan.
        still_open = Plan.objects.filter(pk=plan.pk, state=PlanState.OPEN.value)
        if not still_open.update(state=state.value, void_reason=reason):
            raise UnableToEnd("The plan was confirmed, or is over, already. Nothing was changed.")
        after = {"state": state.value, **({"reason": reason} if reason else {})}
        entry = trail.Entry(tag=tag, subject=f"plan:{plan.pk}", before={"state": PlanState.OPEN.value}, after=after)
        trail.record(company_id=plan.company_id, actor=actor, entries=[entry], plan_hash=plan.plan_hash)
    plan.refresh_from_db(fields=["state", "void_reason"])
    return plan
