"""What a person must decide: the queue, with whom each lies, its evidence, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.operations import attention
from onhook.operations import questions as asking
from onhook.operations.models import Question
from onhook.operations.questions import Whose
from onhook.operations.vocabulary import QuestionKind
from onhook.surfaces.console import evidence, words
from onhook.surfaces.web import addresses
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy import people
from onhook.tenancy.models import User
from onhook.tenancy.permissions import OPERATOR_COID, Permission
from onhook.ui.navigation import Tab

_TABS = {Whose.ALL: "All", Whose.MINE: "Mine", Whose.UNASSIGNED: "With nobody"}


@dataclass(frozen=True)
class Choice:
    """One possible answer as pages show it: `hint` says what it asks of whoever picks it."""

    code: str
    label: str
    icon: str
    hint: str


@dataclass(frozen=True)
class Shown:
    """A question as pages show it."""

    question: Question
    kind: str
    choices: Sequence[Choice]
    seen: Sequence[evidence.Row]
    safe: str
    # The answer in words; empty while it is open.
    answered: str

    @property
    def key(self) -> str:
        """The question as an address names it."""
        return str(self.question.pk)

    @property
    def asked_word(self) -> str:
        return "Failed at" if self.question.kind in words.FAULTS else "Asked at"


def shown(question: Question) -> Shown:
    """Return a question with its kind and answer in words, and its evidence as rows."""
    choices = [
        Choice(offered["code"], offered["label"], *words.choice_look(offered["code"])) for offered in question.choices
    ]
    labels = {choice.code: choice.label for choice in choices}
    return Shown(
        question=question,
        kind=words.QUESTION_KINDS.get(question.kind, question.kind),
        choices=choices,
        seen=evidence.rows(question.evidence),
        safe=words.what_is_safe(question.kind),
        answered=labels.get(question.answer, question.answer),
    )


def colleagues(*, may_answer: bool) -> Sequence[User]:
    """Return to whom a question can be given, for somebody who may give it."""
    return people.staff_who_may(Permission.ANSWER_QUESTION) if may_answer else ()


def queue(request: WebRequest) -> HttpResponse:
    """Show what waits, oldest first; each can be given to somebody and answered here, with the evidence in view."""
    kind, coid, whose = _kind_of(request), _coid_of(request), _whose_of(request)
    page = attention.page(actor=request.actor, kind=kind, coid=coid, whose=whose, after=_key_of(request))
    may_answer = request.actor.may(Permission.ANSWER_QUESTION, company_id=OPERATOR_COID)
    said = {"whose": _said(whose), "kind": kind.value if kind else "", "coid": str(coid or "")}
    context = {
        "tabs": _tabs(request, said, may_answer=may_answer),
        "said": said,
        "asked": [shown(question) for question in page.questions],
        "kinds": [(value, word, value == said["kind"]) for value, word in words.QUESTION_KINDS.items()],
        "is_filtered": any(said.values()),
        "first_url": _address(said) if request.GET.get("after") else "",
        "next_url": _address({**said, "after": addresses.stamp(page.next[0]), "id": str(page.next[1])})
        if page.next
        else "",
        "may_answer": may_answer,
        "colleagues": colleagues(may_answer=may_answer),
    }
    return render(request, "console/questions.html", context)


def _tabs(request: WebRequest, said: dict[str, str], *, may_answer: bool) -> list[Tab]:
    counts = attention.counts(actor=request.actor)
    return [
        Tab(
            word=word,
            url=_address({**said, "whose": _said(whose)}),
            count=f"{counts[whose]:,}",
            is_here=said["whose"] == _said(whose),
            tone="warn" if whose is Whose.MINE and counts[whose] else "",
        )
        for whose, word in _TABS.items()
        # Who may not answer is given nothing.
        if may_answer or whose is not Whose.MINE
    ]


def _said(whose: Whose) -> str:
    """Return the tab as it stands in an address; the first one does not."""
    return "" if whose is Whose.ALL else whose.value


def _whose_of(request: HttpRequest) -> Whose:
    whose = request.GET.get("whose", "")
    return Whose(whose) if whose in set(Whose) else Whose.ALL


def _kind_of(request: HttpRequest) -> QuestionKind | None:
    kind = request.GET.get("kind", "")
    return QuestionKind(kind) if kind in set(QuestionKind) else None


def _coid_of(request: HttpRequest) -> int | None:
    coid = addresses.whole(request.GET.get("coid", "").strip())
    return coid if coid is not None and coid < 2**31 else None


def _key_of(request: HttpRequest) -> tuple[datetime, int] | None:
    at, question_id = addresses.moment(request.GET.get("after", "")), addresses.whole(request.GET.get("id", ""))
    return (at, question_id) if at is not None and question_id is not None else None


def _address(said: dict[str, str]) -> str:
    return addresses.with_query(reverse("console:questions"), said)


def answer(request: WebRequest, coid: int, question_id: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Take an answer with its reason, and go back to where it was given; the run goes on at once."""
    question, choice = _question_of(request, question_id), request.POST.get("choice", "")
    try:
        asking.answer(
            question_id=question.pk,
            choice=choice,
            reason=addresses.plain(request.POST.get("reason", "")),
            actor=request.actor,
            now=clock.now(),
        )
    except asking.ReasonMissing:
        return _back(request, question, choice=choice, lacks_reason=True)
    except asking.UnableToAnswer as refusal:
        messages.error(request, str(refusal))
        return _back(request, question, choice=choice)
    messages.success(request, "Answered. The operation goes on.")
    return _back(request, question)


def assign(request: WebRequest, coid: int, question_id: int) -> HttpResponseBase:  # noqa: ARG001
    """Give the question to a person of support, with a note, or to nobody."""
    question, asked = _question_of(request, question_id), request.POST.get("to", "")
    to = next((user for user in people.staff_who_may(Permission.ANSWER_QUESTION) if str(user.pk) == asked), None)
    if asked and to is None:
        messages.error(request, "Choose an agent or a lead. The question stays with whom it was.")
        return _back(request, question)
    try:
        asking.assign(
            question_id=question.pk, to=to, note=addresses.plain(request.POST.get("note", "")), actor=request.actor
        )
    except asking.UnableToAssign as refusal:
        messages.error(request, str(refusal))
    else:
        holder = "you" if to == request.user else to.full_name if to else "nobody"
        messages.success(request, f"The question is with {holder} now.")
    return _back(request, question)


def _question_of(request: WebRequest, question_id: int) -> Question:
    question = Question.objects.filter(company=request.company, pk=question_id).first()
    if question is None:
        raise Http404
    return question


def _back(request: WebRequest, question: Question, *, choice: str = "", lacks_reason: bool = False) -> HttpResponseBase:
    """Go back to where it was decided. What was chosen and not taken stays chosen, and what it lacks is said there."""
    address = reverse("console:operation", args=[question.company_id, question.operation_id])
    if request.POST.get("from") == "queue":
        address = reverse("console:questions")
    said = {"choice": choice, "lacks": str(question.pk) if lacks_reason else ""}
    # A field that the address names has the cursor in it.
    return redirect(addresses.with_query(address, said) + (f"#reason-{question.pk}" if lacks_reason else ""))
