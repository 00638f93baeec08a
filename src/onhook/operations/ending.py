"""End a plan that nobody confirmed: whoever was asked declines it, or whoever made it withdraws it."""

from __future__ import annotations

from datetime import datetime
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


class UnfitWords(UnableToEnd):
    """What was said as the reason is none, or cannot be shown."""


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


def is_ended(plan: Plan) -> bool:
    """Whether a person ended the plan; nothing comes of it any more, also not a plan made again."""
    return plan.state in (PlanState.DECLINED, PlanState.WITHDRAWN)


def in_words(plan: Plan) -> str:
    """Return who ended a plan that a person ended, and why, as a sentence."""
    if plan.state == PlanState.DECLINED:
        return f"{plan.requester.full_name} declined this plan: {plan.void_reason}."
    return f"{plan.created_by.full_name} withdrew this plan."


def decline(*, company: Company, plan_id: UUID, actor: Actor, words: str, now: datetime) -> Plan:
    """
    End the plan because whoever was asked to confirm it does not; `words` tell its maker why.

    :raises UnfitWords: none, too many, or such as cannot be shown.
    :raises UnableToEnd: no such plan, it was not for them to confirm, or it is over already.
    """
    plan = _plan(company, plan_id)
    if not may_decline(plan, actor=actor):
        raise MayNotEnd("Only the person whom somebody else asks to confirm a plan declines it. Nothing was changed.")
    return _end(plan, actor=actor, state=PlanState.DECLINED, tag=Tag.PLAN_DECLINED, reason=_fitting(words), now=now)


def withdraw(*, company: Company, plan_id: UUID, actor: Actor, now: datetime) -> Plan:
    """
    End the plan because whoever made it does not want it any more.

    :raises UnableToEnd: no such plan, somebody else made it, or it is over already.
    """
    plan = _plan(company, plan_id)
    if not may_withdraw(plan, actor=actor):
        raise MayNotEnd("Only the person who made a plan withdraws it. Nothing was changed.")
    return _end(plan, actor=actor, state=PlanState.WITHDRAWN, tag=Tag.PLAN_WITHDRAWN, reason="", now=now)


def _plan(company: Company, plan_id: UUID) -> Plan:
    plan = Plan.objects.select_related("requester", "created_by").filter(company=company, pk=plan_id).first()
    if plan is None:
        raise UnableToEnd("There is no such plan in this company. Nothing was changed.")
    return plan


def _fitting(words: str) -> str:
    """
    Return the words in one line, as they stand in a sentence.

    :raises UnfitWords: they are no words, too many, or not to be shown.
    """
    line = " ".join(words.split())
    if len(line) > MOST_WORDS:
        raise UnfitWords(f"Say it in at most {MOST_WORDS} characters. Nothing was changed.")
    if not line.isprintable():
        raise UnfitWords("There are characters in it that cannot be shown. Nothing was changed.")
    if not any(character.isalnum() for character in line):
        raise UnfitWords("Say in a few words why you decline it. Nothing was changed.")
    return line.rstrip(".").rstrip()


def _end(plan: Plan, *, actor: Actor, state: PlanState, tag: Tag, reason: str, now: datetime) -> Plan:
    with transaction.atomic():
        # A confirmation holds the row: whoever comes second finds no open plan.
        still_open = Plan.objects.filter(pk=plan.pk, state=PlanState.OPEN.value, expires_at__gt=now)
        if not still_open.update(state=state.value, void_reason=reason):
            raise UnableToEnd("The plan was confirmed, is too old, or is over already. Nothing was changed.")
        after = {"state": state.value, **({"reason": reason} if reason else {})}
        entry = trail.Entry(tag=tag, subject=f"plan:{plan.pk}", before={"state": PlanState.OPEN.value}, after=after)
        trail.record(company_id=plan.company_id, actor=actor, entries=[entry], plan_hash=plan.plan_hash)
    plan.refresh_from_db(fields=["state", "void_reason"])
    return plan
