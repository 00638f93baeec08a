"""What waits for support: open questions, and operations that did not end as they should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from onhook.operations import questions
from onhook.operations.models import Operation, Question
from onhook.operations.questions import Whose
from onhook.operations.vocabulary import NoticeState, Outcome, QuestionKind, State
from onhook.tenancy.actor import Actor

# Ends that somebody has to look at.
TROUBLED = (Outcome.MISMATCH, Outcome.TIMED_OUT)
# How long such an end stays in sight.
LOOKED_BACK = timedelta(days=7)
PAGE_QUESTIONS = 25


@dataclass(frozen=True)
class Queue:
    """The oldest open questions with how many there are, and the newest operations in trouble and under way."""

    questions: Sequence[Question]
    waiting: int
    troubled: Sequence[Operation]
    under_way: Sequence[Operation]


@dataclass(frozen=True)
class Page:
    """Some questions, and the key of the next page when there is one: when the last was opened, and its id."""

    questions: Sequence[Question]
    next: tuple[datetime, int] | None


def queue(*, actor: Actor, now: datetime, most: int = 6) -> Queue:
    """Return what this actor may see of it; customers see their own company's."""
    open_questions = questions.waiting(actor=actor)
    return Queue(
        questions=list(open_questions[:most]),
        waiting=open_questions.count(),
        troubled=list(troubled(actor=actor, since=now - LOOKED_BACK)[:most]),
        under_way=list(under_way(actor=actor)[:most]),
    )


def troubled(*, actor: Actor, since: datetime) -> QuerySet[Operation]:
    """Return operations whose read-back failed or whose mail is in doubt, closed since then, newest first."""
    ended_badly = Q(outcome__in=[outcome.value for outcome in TROUBLED])
    in_doubt = Q(notice__state=NoticeState.DOUBTFUL.value)
    rows = _seen_by(actor, Operation.objects.filter(ended_badly | in_doubt, closed_at__gte=since))
    return rows.select_related("company", "notice").order_by("-closed_at")


def under_way(*, actor: Actor) -> QuerySet[Operation]:
    """Return operations that a worker has or will take, newest first, without those that wait for a person."""
    rows = _seen_by(actor, Operation.objects.filter(state=State.RUNNING.value))
    return rows.select_related("company").order_by("-confirmed_at")


def _seen_by(actor: Actor, rows: QuerySet[Operation]) -> QuerySet[Operation]:
    if actor.sees_platform:
        return rows
    return rows.filter(company_id=actor.user.company_id) if actor.user else rows.none()


def page(
    *,
    actor: Actor,
    coid: int | None = None,
    kind: QuestionKind | None = None,
    whose: Whose = Whose.ALL,
    after: tuple[datetime, int] | None = None,
    most: int = PAGE_QUESTIONS,
) -> Page:
    """Return open questions, oldest first; of one company, kind or person only when given."""
    rows = questions.waiting(actor=actor, coid=coid, whose=whose).select_related("operation__plan__requester")
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    if after is not None:
        opened_at, question_id = after
        rows = rows.filter(opened_at__gte=opened_at).exclude(opened_at=opened_at, pk__lte=question_id)
    listed = list(rows[: most + 1])
    last = listed[most - 1] if len(listed) > most else None
    return Page(listed[:most], (last.opened_at, last.pk) if last else None)


def counts(*, actor: Actor) -> dict[Whose, int]:
    """Return how many open questions lie with everybody, with this actor, and with nobody yet."""
    return {whose: questions.waiting(actor=actor, whose=whose).count() for whose in Whose}
