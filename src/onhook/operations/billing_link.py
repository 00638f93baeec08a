"""Ask for the billing link again, without deleting anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.billing import company_facts
from onhook.billing import rules as soc_rules
from onhook.billing.channels import Channel, FactKind
from onhook.billing.models import LicenceDecrease, SubscriptionReading
from onhook.operations import auditing, engine, lines_in_use
from onhook.operations.models import Operation, Plan
from onhook.operations.plan_hash import plan_hash
from onhook.operations.planning import Request
from onhook.operations.vocabulary import Action, Outcome, PlanState, State
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import LacksRight, Permission

# One link per requester in this time: the button may be pressed as often as one likes.
QUIET = timedelta(minutes=2)


class UnableToSendLink(Exception):
    """No link was sent; the message is fit to show."""


class MayNotSendLink(LacksRight, UnableToSendLink):
    """This person has no right to it."""


def request_link(*, company: Company, request: Request, actor: Actor, now: datetime) -> Operation:
    """
    Start an operation that mails the checked billing link to the requester. It touches no line, so it needs no plan to
    confirm; pressed twice in a short time it is the same operation.

    :raises UnableToSendLink: no right, the requester is not an Admin or Super User of the company, or the shop bills
        nothing of the company's.
    """
    if not actor.may(Permission.REQUEST_BILLING_LINK, company_id=company.pk):
        raise MayNotSendLink(
            _("%(login)s may not ask for this company's billing link; an Admin or Super User may. Nothing was sent.")
            % {"login": actor.login}
        )
    if not request.requester.may_request_for(company_id=company.pk):
        raise UnableToSendLink(
            _("%(login)s is not an active Admin or Super User of this company. Nothing was sent.")
            % {"login": request.requester.login}
        )
    with transaction.atomic():
        Company.objects.select_for_update().get(pk=company.pk)
        under_way = _under_way(company, request, now=now)
        if under_way is None and (why := why_there_is_none(company)):
            raise UnableToSendLink(f"{why} {_('Nothing was sent.')}")
        return under_way or _begin(company=company, request=request, actor=actor, now=now)


def why_there_is_none(company: Company) -> str:
    """
    Return why the company has no billing link, and what to do about it; empty when it has one, or when only asking
    would tell.

    It may have one while the shop bills a live line, while something is still to be lowered there, and while the shop
    bills a subscription of it that was seen. That nobody knows yet who bills a line is no reason to ask: support would
    only be asked whether there is anything to send.
    """
    live = lines_in_use.of_company(company.pk).by_channel
    if Channel.SHOP in live or _is_known_at_shop(company):
        return ""
    if live.keys() == {Channel.DIRECT}:
        return _("Your lines are billed directly: the bill follows by itself, and there is no link.")
    if Channel.UNKNOWN in live:
        return _(
            "The online shop bills no line of this company as far as we know, so there is no link. Who bills some of "
            "them is not decided yet. If you pay for lines at the shop, tell support, who then decide that."
        )
    return _(
        "The online shop bills no line of this company, so there is no link. If you pay for lines there, tell support."
    )


def _is_known_at_shop(company: Company) -> bool:
    return (
        SubscriptionReading.objects.filter(company=company, quantity__gt=0).exists()
        or LicenceDecrease.objects.filter(company=company, seen__lt=F("lines")).exists()
        or bool(company_facts.recall(company_id=company.pk, kind=FactKind.SUBSCRIPTION))
    )


def _under_way(company: Company, request: Request, *, now: datetime) -> Operation | None:
    """Return the operation that mails this requester the link already: not over yet, or over only just now."""
    theirs = Operation.objects.filter(
        company=company, action=Action.SEND_BILLING_LINK.value, plan__requester=request.requester
    ).order_by("-confirmed_at")
    theirs = theirs.exclude(outcome__in=[Outcome.CANCELLED.value, Outcome.REJECTED.value])
    return theirs.exclude(state=State.CLOSED.value).first() or theirs.filter(confirmed_at__gt=now - QUIET).first()


def _begin(*, company: Company, request: Request, actor: Actor, now: datetime) -> Operation:
    plan_id = uuid4()
    facts: dict[str, str | int] = {
        "plan": str(plan_id),
        "action": Action.SEND_BILLING_LINK.value,
        "company": company.pk,
        "requester": request.requester.login,
    }
    plan = Plan.objects.create(
        id=plan_id,
        company=company,
        action=Action.SEND_BILLING_LINK.value,
        state=PlanState.CONFIRMED.value,
        line_count=0,
        rules_version=soc_rules.version_in_force(),
        created_by=actor.person(),
        surface=actor.surface.value,
        requester=request.requester,
        how_checked=request.how_checked.value,
        ticket_reference=request.ticket_reference,
        reason=request.reason.value,
        note=request.note,
        plan_hash=plan_hash(facts=facts, lines=()),
        created_at=now,
        expires_at=now,
    )
    operation = Operation.objects.create(
        company=company,
        plan=plan,
        action=plan.action,
        line_count=0,
        plan_hash=plan.plan_hash,
        confirmed_by=actor.person(),
        surface=actor.surface.value,
        confirm_key=f"{plan_id}:{actor.login}",
        confirmed_at=now,
    )
    entry = trail.Entry(tag=Tag.LINK_REQUESTED, subject=f"operation:{operation.pk}")
    auditing.record(operation, entry, actor=actor, on_behalf_of=request.requester.login)
    engine.spawn(operation_id=operation.pk)
    return operation
