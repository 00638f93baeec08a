"""Contact us: the AI menu, and the cases that a person of support took over. It works by plain forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.assistant import cases, dialogue, understanding
from onhook.assistant.dialogue import Answer
from onhook.assistant.models import Message
from onhook.config import wiring
from onhook.surfaces.web import letters
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.actor import Actor, Surface
from onhook.ui.navigation import Crumb

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
    conversation = dialogue.open_of(company=request.company, actor=_actor(request))
    rows: Sequence[Message] = list(conversation.messages.all()) if conversation else []
    first = dialogue.greeting()
    context = {
        "crumbs": [Crumb(word="Contact us")],
        "said": [_shown(request, row.text, row.links, is_from_person=row.speaker == "person") for row in rows]
        or [_shown(request, first.text, first.links, is_from_person=False)],
        "choices": rows[-1].choices if rows else first.choices,
        "cases": cases.own(company=request.company, actor=_actor(request))[:_MOST_CASES],
        "has_begun": bool(rows),
    }
    return render(request, "portal/contact.html", context)


def _go_on(request: WebRequest) -> HttpResponseBase:
    try:
        answer = _answer(request)
    except dialogue.UnableToGoOn as refusal:
        messages.warning(request, str(refusal))
        return redirect(_here(request))
    if answer.sent_plan is not None:
        _mail(request, answer)
    if answer.is_handed_over:
        messages.success(request, "Handed over. A person of support reads all of it, and answers here and by mail.")
        return redirect("portal:case", request.company.pk, answer.links[0]["id"])
    return redirect(_here(request) + "#last")


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


def _mail(request: WebRequest, answer: Answer) -> None:
    """Tell who may confirm where the plan is; it stands in their list in any case."""
    made = answer.sent_plan
    assert made is not None
    address = request.build_absolute_uri(reverse("portal:plan", args=[request.company.pk, made.pk]))
    context = {"plan": made, "to": made.requester, "by": request.user, "address": address}
    mail = letters.write(to=made.requester.email, template="web/mail/plan_sent", context=context)
    if mail:
        letters.post(mail)


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
            messages.success(request, "Sent to support.")
        return redirect("portal:case", request.company.pk, found.pk)
    context = {
        "crumbs": [Crumb(word="Contact us", url=_here(request)), Crumb(word=found.topic)],
        "case": found,
        "said": [
            _shown(request, row.text, row.links, is_from_person=row.speaker == "person")
            for row in found.conversation.messages.all()
        ],
        "replies": found.messages.all(),
    }
    return render(request, "portal/case.html", context)
