"""Open, assign, answer and withdraw the questions of a run."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import QuerySet

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.operations import auditing, choices, engine
from onhook.operations.errors import Ask
from onhook.operations.models import Operation, Question
from onhook.operations.vocabulary import QuestionKind, State, StepName
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Permission

MOST_LETTERS = 1000


class UnableToAnswer(Exception):
    """The answer was not taken; the message is fit to show."""


class ReasonMissing(UnableToAnswer):
    """The answer decides something, and nothing was said of why."""


class UnableToAssign(Exception):
    """The question stays with whom it was; the message is fit to show."""


class Whose(StrEnum):
    """With whom a question lies, as seen by the person who looks."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"


def answer_to(operation: Operation, kind: QuestionKind, *, subject: str = "", round_: int = 1) -> Question | None:
    """Return the answered question of this kind and subject, or None."""
    return Question.objects.filter(
        operation=operation, kind=kind.value, subject=subject, round=round_, answered_at__isnull=False
    ).first()


def answers_to(operation: Operation, kind: QuestionKind) -> dict[str, str]:
    """Return the answers that were given to questions of this kind, by subject."""
    answered = Question.objects.filter(operation=operation, kind=kind.value, answered_at__isnull=False)
    return dict(answered.order_by("round").values_list("subject", "answer"))


def open_question(*, operation: Operation, step: StepName, ask: Ask, round_: int, now: datetime) -> Question:
    """Open the question, or return the one that is already there, in the caller's transaction."""
    question, is_new = Question.objects.get_or_create(
        operation=operation,
        kind=ask.kind.value,
        subject=ask.subject,
        round=round_,
        defaults={
            "company_id": operation.company_id,
            "step": step.value,
            "text": ask.text,
            "choices": [{"code": choice.code, "label": choice.label} for choice in ask.choices],
            "evidence": ask.evidence,
            "opened_at": now,
        },
    )
    if is_new:
        Operation.objects.filter(pk=operation.pk).update(state=State.WAITING.value)
        entry = trail.Entry(
            tag=Tag.QUESTION_OPENED,
            subject=f"question:{question.pk}",
            after={"kind": ask.kind.value, "subject": ask.subject, "step": step.value},
        )
        auditing.record(operation, entry)
    return question


def answer(*, question_id: int, choice: str, reason: str, actor: Actor, now: datetime) -> Question:
    """
    Take a person's answer and let the run go on, in one transaction. The same answer by the same person twice is one.

    :param reason: on what grounds; only looking or trying again needs none.
    :raises UnableToAnswer: no such question, no right, not one of its choices, no grounds, or answered otherwise.
    """
    with transaction.atomic():
        question = _locked(question_id)
        if question is None or not actor.may(Permission.ANSWER_QUESTION, company_id=question.company_id):
            raise UnableToAnswer("There is no such question, or you may not answer it. Nothing was changed.")
        if question.answered_at is not None:
            if question.answer == choice and actor.user and question.answered_by_id == actor.user.pk:
                return question
            raise UnableToAnswer(f"This question was already answered with '{question.answer}'. Nothing was changed.")
        if question.withdrawn_at is not None:
            raise UnableToAnswer("The operation is over; the question no longer matters. Nothing was changed.")
        codes = [offered["code"] for offered in question.choices]
        if choice not in codes:
            raise UnableToAnswer(f"Choose one of: {', '.join(codes)}. Nothing was changed.")
        if choices.needs_grounds(choice) and not reason.strip():
            raise ReasonMissing("Say why: the reason is kept with the answer. Nothing was changed.")
        _store_answer(question, choice=choice, reason=reason[:MOST_LETTERS], actor=actor, now=now)
        engine.wake(event=question.event)
    return question


def _locked(question_id: int) -> Question | None:
    # The operation first, as everybody does: who cancels it holds it and then withdraws its questions.
    if Operation.objects.select_for_update(of=("self",)).filter(questions=question_id).first() is None:
        return None
    rows = Question.objects.select_for_update(of=("self",)).select_related("operation", "assigned_to")
    return rows.filter(pk=question_id).first()


def _store_answer(question: Question, *, choice: str, reason: str, actor: Actor, now: datetime) -> None:
    question.answer, question.answer_reason = choice, reason
    question.answered_by, question.answered_at = actor.user, now
    question.save(update_fields=["answer", "answer_reason", "answered_by", "answered_at"])
    others = Question.objects.filter(operation=question.operation, answered_at=None, withdrawn_at=None)
    if not others.exists():
        Operation.objects.filter(pk=question.operation_id, state=State.WAITING.value).update(state=State.RUNNING.value)
    after = {"kind": question.kind, "subject": question.subject, "answer": choice, "reason": reason}
    _record(question, actor, Tag.QUESTION_ANSWERED, after=after)


def assign(*, question_id: int, to: User | None, note: str, actor: Actor) -> Question:
    """
    Give an open question to a person of support, with a note for them, or to nobody. Twice the same is once.

    :raises UnableToAssign: no such question, no right, it is no longer open, or `to` may not answer it.
    """
    with transaction.atomic():
        question = _locked(question_id)
        if question is None or not actor.may(Permission.ANSWER_QUESTION, company_id=question.company_id):
            raise UnableToAssign("There is no such question, or you may not assign it. Nothing was changed.")
        if not question.is_open:
            raise UnableToAssign("This question is no longer open. Nothing was changed.")
        if to is not None and not to.may(Permission.ANSWER_QUESTION, company_id=question.company_id):
            raise UnableToAssign(f"{to.login} may not answer questions. It stays with whom it was.")
        before, note = question.assigned_to, note.strip()[:MOST_LETTERS]
        if (before, question.assigned_note) != (to, note):
            question.assigned_to, question.assigned_note = to, note
            question.save(update_fields=["assigned_to", "assigned_note"])
            told = {"to": to.login if to else "", "note": note}
            _record(question, actor, Tag.QUESTION_ASSIGNED, before={"to": before.login if before else ""}, after=told)
    return question


def _record(
    question: Question, actor: Actor, tag: Tag, *, after: dict[str, str], before: dict[str, str] | None = None
) -> None:
    entry = trail.Entry(tag=tag, subject=f"question:{question.pk}", before=before or {}, after=after)
    auditing.record(question.operation, entry, actor=actor)


def withdraw_open(*, operation: Operation, now: datetime) -> None:
    """Withdraw what is still open and wake the run, so that it sees that the operation is over."""
    for question in Question.objects.filter(operation=operation, answered_at=None, withdrawn_at=None):
        Question.objects.filter(pk=question.pk).update(withdrawn_at=now)
        engine.wake(event=question.event)


def waiting_count(*, actor: Actor) -> int:
    """Return how many questions `waiting` has for this actor: on every page, so it is asked in written SQL."""
    if not actor.sees_platform:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM operations_question WHERE answered_at IS NULL AND withdrawn_at IS NULL")
        return int(cursor.fetchone()[0])


def waiting(*, actor: Actor, coid: int | None = None, whose: Whose = Whose.ALL) -> QuerySet[Question]:
    """Return the open questions that this actor may see, oldest first; of one company when `coid` is given."""
    rows = Question.objects.filter(answered_at=None, withdrawn_at=None).select_related(
        "operation", "company", "answered_by", "assigned_to"
    )
    if coid is not None:
        rows = rows.filter(company_id=coid)
    if whose is Whose.MINE:
        rows = rows.filter(assigned_to=actor.user) if actor.user else rows.none()
    elif whose is Whose.UNASSIGNED:
        rows = rows.filter(assigned_to=None)
    # What stands in a question is for those who may decide it, or watch over it.
    if not actor.sees_platform:
        rows = rows.none()
    return rows.order_by("opened_at", "pk")
