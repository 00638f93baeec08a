"""What is known before a billing system is asked, and how a person comes in where it does not help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings

from onhook.billing import company_facts, ledger
from onhook.billing.channels import Channel, FactKind
from onhook.operations.actions import billing_questions as ask
from onhook.operations.choices import TRY_AGAIN, WITHOUT_LINK, what_is_done
from onhook.operations.errors import Ask, NeedsAnswer, Rejected, Retryable
from onhook.operations.models import OperationItem, Question
from onhook.operations.runner import Result, Turn
from onhook.operations.vocabulary import ItemState, QuestionKind

Found = TypeVar("Found")


@dataclass(frozen=True)
class Case:
    """
    What is known before a billing system is asked: the company, earlier decisions, and how patient to be.

    `takes_over` is the subscription that a person said is this company's, though it was counted for another one;
    `accepted_figures` are those that a person looked at and stands by.
    `looks_again`: a person said that something is mended, so what an earlier step read may be mended too.
    """

    coid: int
    company_name: str
    asked_at: datetime
    chosen: str
    remembered: str
    accepted_link: str
    takes_over: str
    accepted_figures: str
    times: dict[str, int]
    looks_again: bool
    lines: int
    is_patience_over: bool

    def time(self, kind: QuestionKind) -> int:
        """Return which time this kind of question would be asked, from 1."""
        return self.times.get(kind.value, 0) + 1


def case_of(turn: Turn, *, choice: QuestionKind, fact: FactKind) -> Case | Result:
    """Return the case, or the step's result when a person said to go on without a link."""
    operation = turn.operation
    asked = Question.objects.filter(operation=operation, answered_at__isnull=False).order_by("answered_at", "pk")
    answered = [question for question in asked if question.step == turn.step.name]
    if any(question.answer == WITHOUT_LINK for question in answered):
        return _without_link(turn)
    company_id, stored = operation.company_id, FactKind.STORED_LINK
    chosen = [question.answer for question in answered if question.kind == choice and question.answer != TRY_AGAIN]
    accepted = _told(answered, answer=ask.USE_SHOP_LINK, of="salesforce_link")
    since = max([turn.step.started_at, *(question.answered_at for question in answered if question.answered_at)])
    return Case(
        coid=company_id,
        company_name=operation.company.name,
        asked_at=turn.now,
        chosen=chosen[-1] if chosen else "",
        remembered=company_facts.recall(company_id=company_id, kind=fact),
        accepted_link=accepted or company_facts.recall(company_id=company_id, kind=stored),
        takes_over=_told(answered, answer=ask.TAKE_OVER, of="subscription"),
        accepted_figures=_told(answered, answer=ask.TELL_COUNT, of="figures"),
        # Over all steps: both may ask the same kind, and a question is known by its kind and time within the operation.
        times=Counter(question.kind for question in asked),
        looks_again=any(question.answer == TRY_AGAIN for question in answered),
        lines=operation.line_count,
        is_patience_over=turn.now - since >= timedelta(seconds=settings.VENDOR_PATIENCE_SECONDS),
    )


def _told(answered: Sequence[Question], *, answer: str, of: str) -> str:
    """Return what the last question with this answer was about, as its evidence tells; empty when there is none."""
    told = [str(question.evidence.get(of, "")) for question in answered if question.answer == answer]
    return told[-1] if told else ""


def _without_link(turn: Turn) -> Result:
    """Go on without a link; the decrease is kept all the same, for the next notice that knows the subscription."""
    lines = shop_lines(turn.operation.pk)
    if lines:
        ledger.record_decrease(
            company_id=turn.operation.company_id,
            reference="",
            operation_id=turn.operation.pk,
            lines=lines,
            now=turn.now,
        )
    unseen = ledger.unseen_of(company_id=turn.operation.company_id)
    evidence = {"result": "without a link, as decided", "to_lower": unseen}
    return Result(evidence=evidence, values={"without_link": True, "lines": lines, "unseen": unseen})


def shop_lines(operation_id: UUID) -> int:
    """Return how many verified lines of the operation the shop bills."""
    return OperationItem.objects.filter(
        operation_id=operation_id, channel=Channel.SHOP.value, state=ItemState.VERIFIED.value
    ).count()


def asking(case: Case, read: Callable[[], Found]) -> Found:
    """Ask a billing system; a refusal, or silence past its time, goes to a person."""
    try:
        return read()
    except Retryable as silence:
        if not case.is_patience_over:
            raise
        question = ask.vendor_silent(problem=silence.problem, time=case.time(QuestionKind.VENDOR_SILENT))
    except Rejected as refusal:
        question = ask.vendor_refused(reason=refusal.reason, time=case.time(QuestionKind.VENDOR_REFUSED))
    except NeedsAnswer as need:
        question = need.ask
    raise needs_answer(case, question)


def needs_answer(case: Case, question: Ask) -> NeedsAnswer:
    """Return the outcome that asks a person, with what is done already said first."""
    return NeedsAnswer(replace(question, text=f"{what_is_done(case.lines)}. {question.text}"))


def remember(turn: Turn, *, kind: FactKind, value: str, answer: str) -> None:
    """Keep a person's choice for this company, with who made it: the last one who answered so in this step."""
    question = (
        Question.objects.filter(operation=turn.operation, step=turn.step.name, answer=answer)
        .select_related("answered_by")
        .order_by("answered_at", "pk")
        .last()
    )
    if question is not None and question.answered_by is not None:
        company_facts.remember(
            company_id=turn.operation.company_id,
            kind=kind,
            value=value,
            decided_by=question.answered_by.login,
            now=turn.now,
        )
