"""What the menu may do, with the person's rights: plan, ask for the billing link, look up the state of requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onhook import clock
from onhook.assistant.models import Case, CaseState, Conversation
from onhook.operations import billing_link, confirming, handing_over, planning, preview
from onhook.operations.models import Operation, Plan
from onhook.operations.planning import Request
from onhook.operations.ports import Ports
from onhook.operations.vocabulary import Action, HowChecked, Outcome, Reason, State
from onhook.tenancy import people
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Permission

_MOST_SHOWN = 5
_STATES = {
    State.RUNNING.value: gettext_lazy("under way"),
    State.WAITING.value: gettext_lazy("waits for support"),
    Outcome.VERIFIED.value: gettext_lazy("done and checked"),
    Outcome.DONE.value: gettext_lazy("done"),
    Outcome.MISMATCH.value: gettext_lazy("ended; support looks at it"),
    Outcome.TIMED_OUT.value: gettext_lazy("ended; support looks at it"),
    Outcome.VOID.value: gettext_lazy("not done, because facts had changed"),
    Outcome.REJECTED.value: gettext_lazy("not done"),
    Outcome.CANCELLED.value: gettext_lazy("cancelled; no line was deleted"),
}


def plan(
    *, conversation: Conversation, reason: Reason, actor: Actor, now: datetime, requester_id: int | None
) -> dict[str, Any]:
    """Plan the deletion of the chosen line; or say whose confirmation it needs, or why there is no plan."""
    company, person = conversation.company, actor.person()
    if not actor.may(Permission.PLAN_DELETION, company_id=company.pk):
        said = _(
            "Your role may look at lines, not delete them. Ask an Admin or a Super User, or talk to a person here."
        )
        return {"text": f"{said} {_('Nothing was planned.')}"}
    requester: User | None = person
    if not person.may_request_for(company_id=company.pk):
        possible = people.requesters_of(company)
        requester = possible.filter(pk=requester_id).first() if requester_id else None
        if requester is None:
            return _ask_for_requester(possible)
    assert requester is not None
    try:
        made = planning.plan(
            company=company,
            device_ids=[conversation.device_id] if conversation.device_id else [],
            request=Request(requester=requester, how_checked=HowChecked.SIGNED_IN, reason=reason),
            actor=actor,
            now=now,
        )
    except planning.UnableToPlan as refusal:
        return {"text": str(refusal)}
    conversation.plan = made
    return _told(made, actor, company)


def _told(made: Plan, actor: Actor, company: Company) -> dict[str, Any]:
    link = {"kind": "plan", "id": str(made.pk), "label": _("Read the plan")}
    if made.blocks:
        return {"text": _("Something stands against it; the plan says what. Nothing was deleted."), "links": [link]}
    needs_requester = confirming.waits_for_requester(made, person=actor.user)
    if actor.may(Permission.CONFIRM_DELETION, company_id=company.pk) and not needs_requester:
        text = _("The plan is ready. Nothing is deleted until you confirm it on its own page.")
        return {"text": text, "links": [{**link, "label": _("Read and confirm the plan")}]}
    try:
        to = handing_over.send(plan=made, actor=actor, now=clock.now())
    except planning.UnableToPlan as refusal:
        return {"text": str(refusal), "links": [link]}
    text = _("The plan is with %(name)s, who may confirm it. Nothing is deleted until then.") % {"name": to.full_name}
    return {"text": text, "links": [link], "sent_plan": made}


def _ask_for_requester(possible: QuerySet[User]) -> dict[str, Any]:
    people = [(user.pk, user.full_name) for user in possible[:20]]
    if not people:
        return {"text": _("Your company has no Admin or Super User who could confirm it. Talk to a person here.")}
    return {"text": _("Your role plans; an Admin or a Super User confirms. Who shall get it?"), "requesters": people}


def preview_later(conversation: Conversation, *, ports: Ports) -> None:
    """Ask the billing systems for what the plan's page shows beside the plan, after the transaction that made it."""
    made = conversation.plan
    if made is not None and not made.preview and made.items.filter(channel="shop").exists():
        made.preview = preview.read(company=conversation.company, ports=ports)
        made.save(update_fields=["preview"])


def send_link(*, company: Company, actor: Actor, now: datetime) -> dict[str, Any]:
    """Start the operation that mails the checked billing link to this person."""
    request = Request(requester=actor.person(), how_checked=HowChecked.SIGNED_IN, reason=Reason.OTHER)
    try:
        operation = billing_link.request_link(company=company, request=request, actor=actor, now=now)
    except billing_link.UnableToSendLink as refusal:
        return {"text": str(refusal)}
    link = {"kind": "operation", "id": str(operation.pk), "label": _("See how far it is")}
    return {"text": _("The link is being checked and then mailed to you. Nothing is deleted."), "links": [link]}


def status(*, company: Company, actor: Actor, now: datetime) -> dict[str, Any]:
    """Say how far the latest requests are."""
    rows = Operation.objects.filter(company=company).order_by("-confirmed_at")[:_MOST_SHOWN]
    links = [{"kind": "operation", "id": str(row.pk), "label": _sentence(row)} for row in rows]
    mine = handing_over.of_person(person=actor.person(), company=company, now=now)[:_MOST_SHOWN]
    open_word = _("A plan that nobody confirmed yet")
    links += [{"kind": "plan", "id": str(made.pk), "label": open_word} for made in mine]
    case_word = _("Your case at support: ")
    cases = Case.objects.filter(company=company, opened_by=actor.user, state=CaseState.OPEN.value)
    links += [{"kind": "case", "id": str(case.pk), "label": case_word + case.topic} for case in cases]
    text = _("These are the latest requests.") if links else _("There is no request of your company yet.")
    return {"text": text, "links": links}


def _sentence(row: Operation) -> str:
    lines = ngettext("Deletion of %(count)d line", "Deletion of %(count)d lines", row.line_count)
    what = _("Billing link") if row.action == Action.SEND_BILLING_LINK else lines % {"count": row.line_count}
    return f"{what}, {row.confirmed_at:%-d %b %Y, %H:%M} UTC: {_STATES[row.outcome or row.state]}"
