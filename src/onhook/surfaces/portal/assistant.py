"""Contact us: the AI menu, and the cases that a person of support took over. It works by plain forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from onhook import clock
from onhook.assistant import cases, dialogue, understanding
from onhook.assistant.dialogue import Answer
from onhook.assistant.menu import Code
from onhook.assistant.models import Case, Message, Speaker
from onhook.config import wiring
from onhook.knowledge import library
from onhook.knowledge.articles import Reader
from onhook.surfaces.web import plans
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.actor import Actor, Surface
from onhook.ui.navigation import Crumb
from onhook.ui.states import Look

_MOST_CASES = 20


@dataclass(frozen=True)
class _Link:
    word: str
    url: str


@dataclass(frozen=True)
class _Said:
    """A message as the page shows it; the links are addresses by now."""

    is_from_person: bool
    text: str
    links: Sequence[_Link]


def _actor(request: WebRequest) -> Actor:
    return Actor(user=request.user, surface=Surface.ASSISTANT)


def contact(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Show the conversation so far, with the buttons that the last message offers; or go on with it."""
    if request.user.is_staff_member:
        messages.info(request, "The menu is for people of the company. Their cases are in the console.")
        return redirect("portal:devices", request.company.pk)
    if request.method == "POST":
        return _go_on(request)
    rows = _rows(request)
    first = dialogue.greeting()
    context = {
        "crumbs": [Crumb(word=_("Contact us"))],
        "said": [_shown(request, row.text, row.links, is_from_person=row.speaker == Speaker.PERSON) for row in rows]
        or [_shown(request, first.text, first.links, is_from_person=False)],
        "cases": [
            (row, look_of(row)) for row in cases.own(company=request.company, actor=_actor(request))[:_MOST_CASES]
        ],
        "articles": library.load(Path(settings.HELP_FOLDER)).shelf(Reader.ANYONE),
        **_offer(rows[-1].choices if rows else first.choices, shown=len(rows) or 1, has_begun=bool(rows)),
    }
    return render(request, "portal/contact.html", context)


def _offer(choices: Sequence[dict[str, str]], *, shown: int, has_begun: bool) -> dict[str, object]:
    """Return the buttons. "Start over" and "Talk to a person" are always there, and no button is there twice."""
    return {
        "choices": [choice for choice in choices if choice["code"] != Code.ROOT],
        "offers_person": any(choice["code"] == Code.PERSON for choice in choices),
        "has_begun": has_begun,
        "shown": shown,
    }


def look_of(case: Case) -> Look:
    """Return how a case stands, in the customer's words."""
    if not case.is_open:
        return Look(_("Closed"), "idle", "circle-check")
    return Look(_("With support"), "info", "headset") if case.waits_for_us else Look(_("Answered"), "ok", "reply")


def _rows(request: WebRequest) -> Sequence[Message]:
    conversation = dialogue.open_of(company=request.company, actor=_actor(request))
    return list(conversation.messages.all()) if conversation else []


def _go_on(request: WebRequest) -> HttpResponseBase:
    try:
        answer = _answer(request)
    except dialogue.UnableToGoOn as refusal:
        messages.warning(request, str(refusal))
        return _to(request, _here(request))
    if answer.sent_plan is not None:
        # It stands in their list in any case.
        plans.tell(request, answer.sent_plan, to=answer.sent_plan.requester, template="plan_sent")
    if answer.is_handed_over:
        messages.success(request, _("Handed over. A person of support reads all of it, and answers here and by mail."))
        return _to(request, reverse("portal:case", args=[request.company.pk, answer.links[0]["id"]]))
    return _more(request) if request.htmx else redirect(_here(request) + "#last")


def _to(request: WebRequest, address: str) -> HttpResponseBase:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _more(request: WebRequest) -> HttpResponse:
    """Give only what was said since the page was drawn, and the buttons that are offered now."""
    rows = _rows(request)
    seen = request.POST.get("seen", "")
    new = rows[int(seen) :] if seen.isdecimal() else rows
    context = {
        "said": [_shown(request, row.text, row.links, is_from_person=row.speaker == Speaker.PERSON) for row in new],
        **_offer(rows[-1].choices if rows else [], shown=len(rows), has_begun=True),
        # Who wrote goes on writing; who pressed a button is taken to the next ones.
        "was_written": "text" in request.POST,
        "focuses_choices": "text" not in request.POST,
    }
    return render(request, "portal/parts/chat_goes_on.html", context)


def _answer(request: WebRequest) -> Answer:
    actor, now = _actor(request), clock.now()
    code = request.POST.get("choice", "")
    if code:
        return dialogue.press(company=request.company, actor=actor, code=code, now=now, ports=wiring.ports())
    return dialogue.say(
        company=request.company,
        actor=actor,
        text=request.POST.get("text", ""),
        understanding=understanding.configured(),
        now=now,
    )


def _here(request: WebRequest) -> str:
    return reverse("portal:contact", args=[request.company.pk])


def _shown(request: WebRequest, text: str, links: Sequence[dict[str, str]], *, is_from_person: bool) -> _Said:
    return _Said(is_from_person, text, [_Link(link["label"], _address(request, link)) for link in links])


def _address(request: WebRequest, link: dict[str, str]) -> str:
    if link["kind"] == "article":
        return reverse("help:article", args=[link["id"]])
    return reverse(f"portal:{link['kind']}", args=[request.company.pk, link["id"]])


def case(request: WebRequest, coid: int, case_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Show one's own case with all that was said; or write to it."""
    found = cases.own(company=request.company, actor=_actor(request)).filter(pk=case_id).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            cases.write(case=found, actor=_actor(request), text=request.POST.get("text", ""), now=clock.now())
        except cases.UnableToHandle as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("Sent to support."))
        return redirect("portal:case", request.company.pk, found.pk)
    context = {
        "crumbs": [Crumb(word=_("Contact us"), url=_here(request)), Crumb(word=found.topic)],
        "case": found,
        "look": look_of(found),
        "said": [
            _shown(request, row.text, row.links, is_from_person=row.speaker == Speaker.PERSON)
            for row in found.conversation.messages.all()
        ],
        "replies": found.messages.all(),
        "operation": cases.operation_of(found),
    }
    return render(request, "portal/case.html", context)
