"""Read the deletion back in CSU, as an agent would: by number, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Max

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.devices import csu
from onhook.operations import auditing, questions
from onhook.operations.choices import CHECK_AGAIN, CLOSE_SILENTLY
from onhook.operations.errors import Ask, Choice, NeedsAnswer, Rejected, Retryable
from onhook.operations.models import Operation, OperationItem, Question
from onhook.operations.runner import Result, Turn
from onhook.operations.vocabulary import ItemState, Outcome, QuestionKind

TELL = "tell"

_RETRY_SECONDS = 2.0
_TAGS = {
    Outcome.VERIFIED: Tag.DELETION_VERIFIED,
    Outcome.MISMATCH: Tag.DELETION_MISMATCHED,
    Outcome.TIMED_OUT: Tag.DELETION_UNREADABLE,
}


def judge(read: csu.ReadBack | None, *, window: tuple[datetime, datetime]) -> str:
    """
    Return what is wrong with one line's read-back; empty when it is verified.

    Verified: its row has a Deleted Datetime inside `window` and no live row of the company carries the number.
    """
    if read is None:
        return "The row was not found."
    if read.deleted_at is None:
        return "The Deleted Datetime is blank."
    if not window[0] <= read.deleted_at <= window[1]:
        return "The Deleted Datetime is outside the time of this run."
    if read.live_rows:
        return "A live row of the company carries the number."
    return ""


def act(turn: Turn) -> Result:
    """
    Read every deleted line back and store what was found.

    :raises Retryable: CSU could not be read, and there is time left.
    :raises Rejected: there is nothing to read back: every line changed before its turn came.
    """
    operation = turn.operation
    if operation.irreversible_at is None:
        raise Rejected(
            "Every line changed after it was checked. Nothing was deleted; make a new plan.", outcome=Outcome.VOID
        )
    lines = list(
        OperationItem.objects.filter(operation=operation)
        .exclude(state=ItemState.SKIPPED.value)
        .values_list("device_id", "number")
    )
    try:
        with transaction.atomic():
            reads = csu.read_back(
                company_id=operation.company_id, lines=lines, deadline_seconds=settings.VERIFY_READ_SECONDS
            )
    except OperationalError:
        if not connection.is_usable():
            raise
        if turn.now < _began(turn) + timedelta(seconds=settings.VERIFY_WINDOW_SECONDS):
            raise Retryable("CSU could not be read in time", after=_RETRY_SECONDS) from None
        return _conclude(turn, Outcome.TIMED_OUT, verified=0, wrong={})
    window = (operation.irreversible_at or turn.now, turn.now)
    problems = {device_id: judge(reads.get(device_id), window=window) for device_id, _ in lines}
    wrong = {device_id: problem for device_id, problem in problems.items() if problem}
    _store(operation, wrong)
    verified = len(lines) - len(wrong)
    outcome = Outcome.VERIFIED if verified == operation.line_count else Outcome.MISMATCH
    return _conclude(turn, outcome, verified=verified, wrong=wrong)


def _began(turn: Turn) -> datetime:
    """Return when this round of reading back began: with the step, or when a person asked for another round."""
    asked_again = Question.objects.filter(operation=turn.operation, kind=QuestionKind.VERIFICATION.value).aggregate(
        last=Max("answered_at")
    )["last"]
    return asked_again or turn.step.started_at


def _store(operation: Operation, wrong: dict[int, str]) -> None:
    items = OperationItem.objects.filter(operation=operation).exclude(state=ItemState.SKIPPED.value)
    items.exclude(device_id__in=wrong).update(state=ItemState.VERIFIED.value, problem="")
    for problem in sorted(set(wrong.values())):
        these = [device_id for device_id, found in wrong.items() if found == problem]
        items.filter(device_id__in=these).update(state=ItemState.MISMATCH.value, problem=problem)


def _conclude(turn: Turn, outcome: Outcome, *, verified: int, wrong: dict[int, str]) -> Result:
    operation = turn.operation
    counts = {"lines": operation.line_count, "lines_verified": verified}
    entry = trail.Entry(tag=_TAGS[outcome], subject=f"operation:{operation.pk}", after=counts)
    auditing.record(operation, entry)
    evidence = {
        "read": "CSU, search by number",
        "at": turn.now.isoformat(),
        "result": outcome.value,
        **counts,
        "wrong": [{"device": device_id, "problem": problem} for device_id, problem in sorted(wrong.items())[:20]],
    }
    return Result(evidence=evidence, values={"outcome": outcome.value, "verified": verified})


def resolve_act(round_: int, found: dict[str, Any]) -> Callable[[Turn], Result]:
    """Return the act that lets a person decide on the read-back of this round."""

    def resolve(turn: Turn) -> Result:
        subject = f"round {round_}"
        answered = questions.answer_to(turn.operation, QuestionKind.VERIFICATION, subject=subject)
        if answered is None:
            raise NeedsAnswer(_ask(turn.operation, subject, found))
        return Result(evidence={"answer": answered.answer}, values={"answer": answered.answer})

    return resolve


def _ask(operation: Operation, subject: str, found: dict[str, Any]) -> Ask:
    verified, lines = found["verified"], operation.line_count
    if found["outcome"] == Outcome.TIMED_OUT:
        text = "The lines were deleted, but CSU could not be read in time, so the deletion is not proven."
    else:
        text = (
            f"CSU shows {verified} of {lines} lines as deleted; the others do not fit. Look at them before you decide."
        )
    choices = [Choice(code=CHECK_AGAIN, label="Read back again")]
    if verified:
        choices.append(Choice(code=TELL, label="Tell the customer about the verified lines and close"))
    choices.append(Choice(code=CLOSE_SILENTLY, label="Close without telling the customer; I take care of it"))
    return Ask(
        kind=QuestionKind.VERIFICATION,
        subject=subject,
        text=text,
        choices=tuple(choices),
        evidence={"outcome": found["outcome"], "lines": lines, "lines_verified": verified},
    )
