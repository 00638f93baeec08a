"""Cases of customers: the queue, and one case with all that was said, replies from templates, assigning, closing."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.assistant import cases, reply_templates
from onhook.assistant.models import Case, CaseMessage, CaseState, MailState
from onhook.config import wiring
from onhook.surfaces.web import addresses, letters
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb, Tab
from onhook.ui.states import Look

_MOST_SHOWN = 100
_TABS = (("open", "Open"), ("mine", "Mine"), ("closed", "Closed"))
MAILS: dict[str, Look] = {
    MailState.READY: Look("Mail not sent", "warn", "mail-warning"),
    MailState.SENDING: Look("Mail being sent", "info", "mail"),
    MailState.SENT: Look("Mailed", "ok", "mail-check"),
    MailState.DOUBTFUL: Look("Perhaps mailed", "warn", "mail-question-mark"),
    MailState.REFUSED: Look("Mail refused", "bad", "mail-x"),
    MailState.NO_ADDRESS: Look("No mail address", "warn", "mail-x"),
}


def look_of(case: Case) -> Look:
    """Return how a case stands."""
    if not case.is_open:
        return Look("Closed", "idle", "circle-check")
    return Look("Waits for us", "warn", "hourglass") if case.waits_for_us else Look("Answered", "ok", "reply")


def queue(request: WebRequest) -> HttpResponse:
    """List the cases that wait, longest first."""
    wanted = request.GET.get("tab", "open")
    rows = cases.queue(actor=request.actor)
    by_tab = {
        "open": rows.filter(state=CaseState.OPEN.value),
        "mine": rows.filter(state=CaseState.OPEN.value, assigned_to=request.user),
        "closed": rows.filter(state=CaseState.CLOSED.value).order_by("-closed_at"),
    }
    here = reverse("console:cases")
    context = {
        "crumbs": [Crumb(word="Cases")],
        "tabs": [
            Tab(word=word, url=f"{here}?tab={tab}", count=str(by_tab[tab].count()), is_here=tab == wanted)
            for tab, word in _TABS
        ],
        "rows": [(row, look_of(row)) for row in by_tab.get(wanted, by_tab["open"])[:_MOST_SHOWN]],
    }
    return render(request, "console/cases.html", context)


def case(request: WebRequest, coid: int, case_id: UUID) -> HttpResponse:  # noqa: ARG001  # the wall read it
    """Show a case; `?template=` fills the reply, which is read before it is sent."""
    found = _case_of(request, case_id)
    fitting, others = reply_templates.fitting(found, now=clock.now())
    chosen = next((one for one in fitting + others if one.code == request.GET.get("template")), None)
    context = {
        "crumbs": [Crumb(word="Cases", url=reverse("console:cases")), Crumb(word=found.topic)],
        "case": found,
        "look": look_of(found),
        "said": found.conversation.messages.all(),
        "replies": [(row, MAILS.get(row.mail_state)) for row in found.messages.all()],
        "templates": [("Fit this case", fitting), ("Others", others)],
        "chosen": chosen,
        "draft": reply_templates.filled(chosen, found) if chosen else "",
        "operation": cases.operation_of(found),
        "people": cases.people_who_may_answer(found),
        "may_answer": request.actor.may(Permission.ANSWER_QUESTION, company_id=found.company_id),
    }
    return render(request, "console/case.html", context)


def _case_of(request: WebRequest, case_id: UUID) -> Case:
    found = cases.queue(actor=request.actor).filter(company=request.company, pk=case_id).first()
    if found is None:
        raise Http404
    return found


def act(request: WebRequest, coid: int, case_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Reply, reply and close, take, give to somebody, close, or mail a reply again: the button says which."""
    found = _case_of(request, case_id)
    try:
        _do(request, found, request.POST.get("do", ""))
    except cases.UnableToHandle as refusal:
        messages.error(request, str(refusal))
    return redirect("console:case", request.company.pk, found.pk)


def _do(request: WebRequest, found: Case, what: str) -> None:
    now = clock.now()
    if what in ("reply", "reply-close"):
        text = request.POST.get("text", "")
        closes = what == "reply-close"
        _mail(request, cases.reply(case=found, actor=request.actor, text=text, now=now, closes=closes))
    elif what == "take":
        cases.assign(case=found, actor=request.actor, to=request.user, now=now)
    elif what == "give":
        chosen = request.POST.get("to", "")
        to = next((person for person in cases.people_who_may_answer(found) if str(person.pk) == chosen), None)
        cases.assign(case=found, actor=request.actor, to=to, now=now)
    elif what == "close":
        cases.close(case=found, actor=request.actor, now=now)
    elif what.startswith("mail:"):
        wanted = what.removeprefix("mail:")
        sent_by_us = found.messages.filter(is_from_support=True)
        row = sent_by_us.filter(pk=wanted).first() if addresses.whole(wanted) is not None else None
        if row is not None:
            _mail(request, row)


def _mail(request: WebRequest, message: CaseMessage) -> None:
    address = letters.address(request, reverse("portal:case", args=[message.company_id, message.case_id]))
    state = cases.deliver(message=message, mail=wiring.ports().mail, address=address)
    if state is MailState.SENT:
        messages.success(request, "Sent: the customer reads it in the portal and by mail.")
    else:
        messages.warning(request, f"The customer reads it in the portal. {MAILS[state].word}: send it again below.")
