"""Send the notice: stored as `sending` before it leaves, sent again at most once, its doubt shown."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.operations import auditing
from onhook.operations.choices import TOLD_BY_HAND, TRY_AGAIN, what_is_done
from onhook.operations.errors import Ask, Choice, NeedsAnswer, OutcomeUnknown, Rejected, Retryable
from onhook.operations.models import Notice, Operation, Question
from onhook.operations.notices import writing
from onhook.operations.ports import Mail, MailPort
from onhook.operations.runner import Result, Runner, Turn
from onhook.operations.vocabulary import NoticeState, QuestionKind, StepName

_MOST_SENDINGS = 2
_TAGS = {
    NoticeState.SENT: Tag.NOTICE_SENT,
    NoticeState.DOUBTFUL: Tag.NOTICE_DOUBTFUL,
    NoticeState.BY_HAND: Tag.NOTICE_BY_HAND,
}
_RETRY_SECONDS = 10.0


def deliver(runner: Runner, *, mail: MailPort, bill: dict[str, Any]) -> None:
    """
    Write the notice and bring it on its way.

    :param bill: what the billing steps found; empty where the shop does not bill.

    1. Write it, once: text, address and Message-ID are fixed from then on.
    2. Hand it to the mail server outside any transaction; what happened is committed right after.
    """
    written = runner.perform(
        StepName.NOTIFY_CUSTOMER, lambda turn: _write(turn, bill), checkpoint="notify_customer:write"
    )
    if written.get("by_hand"):
        return
    runner.perform_outside(StepName.NOTIFY_CUSTOMER, _Sending(mail), checkpoint="notify_customer:send")


def _write(turn: Turn, bill: dict[str, Any]) -> Result:
    operation = turn.operation
    known = Notice.objects.filter(operation=operation).first()
    if known is not None:
        # Started anew by the sweeper: the words are fixed, and so is the Message-ID.
        return Result(evidence=turn.step.evidence, values={"notice": str(known.pk)})
    recipient = operation.plan.requester
    if _is_told_by_hand(operation):
        return Result(evidence={"to": recipient.login, "result": NoticeState.BY_HAND.value}, values={"by_hand": True})
    if not recipient.email:
        answers = Question.objects.filter(operation=operation, kind=QuestionKind.NO_ADDRESS.value).exclude(answer="")
        raise NeedsAnswer(_ask_for_address(recipient.login, lines=operation.line_count, asked=answers.count()))
    letter = writing.write(operation, bill=bill)
    notice = Notice(
        operation=operation,
        company_id=operation.company_id,
        recipient=recipient,
        to_address=recipient.email,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        written_at=turn.now,
    )
    notice.message_id = writing.message_id(notice.pk, domain=_domain())
    notice.save(force_insert=True)
    _record(operation, notice, Tag.NOTICE_WRITTEN)
    return Result(evidence={"subject": notice.subject, "to": recipient.login}, values={"notice": str(notice.pk)})


def _domain() -> str:
    return settings.MAIL_FROM.rpartition("@")[2].rstrip("> ") or "onhook.example"


class _Sending:
    """Hand the mail over: at most twice, always with the same Message-ID."""

    def __init__(self, mail: MailPort) -> None:
        self._mail = mail

    def prepare(self, turn: Turn) -> Notice | Result:
        """Store that the mail is about to leave; a result when nothing (more) is to be sent."""
        notice = (
            Notice.objects.select_for_update(of=("self",)).select_related("recipient").get(operation=turn.operation)
        )
        if notice.state in _TAGS:
            return Result(evidence=turn.step.evidence, values={"state": notice.state})
        if _is_told_by_hand(turn.operation):
            return _end(turn, notice, NoticeState.BY_HAND, problem=notice.problem)
        if notice.sendings >= _MOST_SENDINGS:
            return _end(
                turn,
                notice,
                NoticeState.DOUBTFUL,
                problem="it was sent twice and no answer arrived either time",
            )
        notice.state, notice.sendings = NoticeState.SENDING.value, notice.sendings + 1
        notice.to_address = notice.recipient.email or notice.to_address  # it may have been mended after a refusal
        notice.save(update_fields=["state", "sendings", "to_address"])
        _record(turn.operation, notice, Tag.NOTICE_SENDING)
        return notice

    def call(self, notice: Notice) -> str:
        """Hand the mail over; return what is in doubt, nothing when the server took it."""
        try:
            self._mail.send(_as_mail(notice))
        except OutcomeUnknown as doubt:
            return doubt.problem
        except Retryable:
            _take_back(notice, problem="")
            raise
        except Rejected as refusal:
            _take_back(notice, problem=refusal.reason)
            raise NeedsAnswer(_ask_about_refusal(notice, refusal.reason)) from None
        return ""

    def conclude(self, turn: Turn, notice: Notice, doubt: str) -> Result:
        """Store what became of it; a doubtful first sending is repeated once."""
        if doubt and notice.sendings < _MOST_SENDINGS:
            raise Retryable(doubt, after=_RETRY_SECONDS)
        if doubt:
            return _end(turn, notice, NoticeState.DOUBTFUL, problem=doubt)
        return _end(turn, notice, NoticeState.SENT, problem="")


def _take_back(notice: Notice, *, problem: str) -> None:
    """
    Nothing was sent, so this sending does not count. A crash before this line only makes the count too high.

    Another worker may have begun its own sending after our lease: then the count is no longer ours to change.
    """
    ours = Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING.value, sendings=notice.sendings)
    ours.update(state=NoticeState.READY.value, sendings=notice.sendings - 1, problem=problem)


def _end(turn: Turn, notice: Notice, state: NoticeState, *, problem: str) -> Result:
    notice.state, notice.problem = state.value, problem
    notice.sent_at = turn.now if state is NoticeState.SENT else None
    notice.save(update_fields=["state", "problem", "sent_at"])
    _record(turn.operation, notice, _TAGS[state])
    evidence: dict[str, Any] = {
        "subject": notice.subject,
        "to": notice.recipient.login,
        "message_id": notice.message_id,
        "result": state.value,
        "sendings": notice.sendings,
    }
    if problem:
        evidence["problem"] = problem
    return Result(evidence=evidence, values={"state": state.value})


def _as_mail(notice: Notice) -> Mail:
    return Mail(
        message_id=notice.message_id,
        to_address=notice.to_address,
        subject=notice.subject,
        text=notice.text,
        html=notice.html,
        written_at=notice.written_at,
    )


def _record(operation: Operation, notice: Notice, tag: Tag) -> None:
    entry = trail.Entry(
        tag=tag,
        subject=f"notice:{notice.pk}",
        after={"to": notice.recipient.login, "message_id": notice.message_id, "sendings": notice.sendings},
    )
    auditing.record(operation, entry)


def _refusals(operation: Operation) -> QuerySet[Question]:
    return Question.objects.filter(operation=operation, kind=QuestionKind.MAIL_REFUSED.value)


def _is_told_by_hand(operation: Operation) -> bool:
    """Whether a person said, to whichever question of this step, that they told the customer themselves."""
    return Question.objects.filter(
        operation=operation, step=StepName.NOTIFY_CUSTOMER.value, answer=TOLD_BY_HAND
    ).exists()


def _ask_about_refusal(notice: Notice, reason: str) -> Ask:
    return Ask(
        kind=QuestionKind.MAIL_REFUSED,
        subject=f"refusal {_refusals(notice.operation).exclude(answered_at=None).count() + 1}",
        text=f"{what_is_done(notice.operation.line_count)}, but mail to {notice.recipient.login} is refused: {reason}",
        choices=(
            Choice(code=TRY_AGAIN, label="Send it again; the address on record is mended"),
            Choice(code=TOLD_BY_HAND, label="Do not send it; I told the customer myself"),
        ),
        evidence={"to": notice.recipient.login, "reason": reason},
    )


def _ask_for_address(login: str, *, lines: int, asked: int) -> Ask:
    return Ask(
        kind=QuestionKind.NO_ADDRESS,
        subject=f"time {asked + 1}",
        text=f"{what_is_done(lines)}, but {login} has no mail address on record.",
        choices=(
            Choice(code=TRY_AGAIN, label="Send the mail; an address is on record now"),
            Choice(code=TOLD_BY_HAND, label="Do not send a mail; I told the customer myself"),
        ),
        evidence={"to": login},
    )
