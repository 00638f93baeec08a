"""What a person must decide: the queue, each with its evidence, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.operations import attention
from onhook.operations import questions as asking
from onhook.operations.models import Question
from onhook.operations.vocabulary import QuestionKind
from onhook.surfaces.console import evidence, words
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.permissions import OPERATOR_COID, Permission

_MOST_REASON = 1000


@dataclass(frozen=True)
class Shown:
    """A question as pages show it."""

    question: Question
    kind: str
    seen: Sequence[evidence.Row]
    safe: str
    # The answer in words; empty while it is open.
    answered: str


def shown(question: Question) -> Shown:
    """Return a question with its kind and answer in words, and its evidence as rows."""
    labels = {choice["code"]: choice["label"] for choice in question.choices}
    return Shown(
        question=question,
        kind=words.QUESTION_KINDS.get(question.kind, question.kind),
        seen=evidence.rows(question.evidence),
        safe=words.is_safe(question.kind),
        answered=labels.get(question.answer, question.answer),
    )


def queue(request: WebRequest) -> HttpResponse:
    """Show what waits, oldest first, by company and kind; each can be answered here, with the evidence in view."""
    kind, coid = _kind_of(request), _coid_of(request)
    page = attention.page(actor=request.actor, kind=kind, coid=coid, after=_key_of(request))
    said = {"kind": kind.value if kind else "", "coid": str(coid or "")}
    context = {
        "page": page,
        "asked": [shown(question) for question in page.questions],
        "kinds": [(value, word, value == said["kind"]) for value, word in words.QUESTION_KINDS.items()],
        "coid": coid,
        "is_filtered": bool(kind or coid),
        "first_url": _address(said) if request.GET.get("after") else "",
        "next_url": _address({**said, "after": _stamp(page.next[0]), "id": str(page.next[1])}) if page.next else "",
        "may_answer": request.actor.may(Permission.ANSWER_QUESTION, company_id=OPERATOR_COID),
    }
    return render(request, "console/questions.html", context)


def _kind_of(request: HttpRequest) -> QuestionKind | None:
    kind = request.GET.get("kind", "")
    return QuestionKind(kind) if kind in set(QuestionKind) else None


def _coid_of(request: HttpRequest) -> int | None:
    text = request.GET.get("coid", "").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004  # a COID is a 32-bit integer


def _key_of(request: HttpRequest) -> tuple[datetime, int] | None:
    after, question_id = request.GET.get("after", ""), request.GET.get("id", "")
    try:
        at = datetime.fromisoformat(after)
    except ValueError:
        return None
    return (at, int(question_id)) if at.tzinfo and question_id.isdecimal() and len(question_id) < 19 else None  # noqa: PLR2004  # a 64-bit integer


def _stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _address(said: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in said.items() if value})
    return reverse("console:questions") + (f"?{query}" if query else "")


def answer(request: WebRequest, coid: int, question_id: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Take an answer with its reason, and go back to where it was given; the run goes on at once."""
    question = Question.objects.filter(company=request.company, pk=question_id).first()
    if question is None:
        raise Http404
    is_from_queue = request.POST.get("from") == "queue"
    reason = request.POST.get("reason", "").strip()[:_MOST_REASON]
    if not reason:
        messages.error(request, "Say why: the reason is kept with the answer. Nothing was changed.")
        return _back(question, is_from_queue=is_from_queue)
    try:
        asking.answer(
            question_id=question_id,
            choice=request.POST.get("choice", ""),
            reason=reason,
            actor=request.actor,
            now=clock.now(),
        )
    except asking.UnableToAnswer as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Answered. The operation goes on.")
    return _back(question, is_from_queue=is_from_queue)


def _back(question: Question, *, is_from_queue: bool) -> HttpResponseBase:
    if is_from_queue:
        return redirect("console:questions")
    return redirect("console:operation", question.company_id, question.operation_id)
