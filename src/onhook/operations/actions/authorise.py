"""Check rights and lines again, at the last moment before anything is deleted."""

from __future__ import annotations

from collections import Counter

from django.conf import settings

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.billing import rules as soc_rules
from onhook.billing.channels import NEEDS_DECISION, Channel
from onhook.operations import auditing, facts, questions
from onhook.operations.errors import Ask, Choice, NeedsAnswer, Rejected
from onhook.operations.models import Operation, OperationItem
from onhook.operations.runner import Result, Turn
from onhook.operations.vocabulary import Outcome, QuestionKind
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Permission

REJECT = "reject"

_CHOICES = (
    Choice(code=Channel.DIRECT.value, label="Delete; the operator bills these lines directly"),
    Choice(code=Channel.CONTRACT.value, label="Delete; the lines are part of a contract"),
    Choice(code=REJECT, label="Do not delete anything"),
)
_EXCLUDED_CHOICES = (
    Choice(code=Channel.EXCLUDED_PARTNER.value, label="Delete; the partner has been told"),
    Choice(code=REJECT, label="Do not delete anything"),
)


def act(turn: Turn) -> Result:
    """
    Void the operation when a right or a line changed after confirming; ask about SOC codes that no rule lets pass.

    :raises Rejected: a right or a fact changed, or a person rejected a SOC code.
    :raises NeedsAnswer: a SOC code is unknown or excluded.
    """
    operation = turn.operation
    values = {"chunk_lines": settings.CHUNK_LINES}
    if operation.irreversible_at is not None:
        # Started anew by the sweeper: the lines that are gone now are gone because of this very run.
        return Result(evidence=turn.step.evidence, values=values)
    check_people(operation)
    _check_lines(operation)
    channels = _channels(operation)
    for code, channel in channels.items():
        OperationItem.objects.filter(operation=operation, soc_code=code).exclude(channel=channel.value).update(
            channel=channel.value
        )
    entry = trail.Entry(
        tag=Tag.OPERATION_AUTHORISED,
        subject=f"operation:{operation.pk}",
        after={
            "lines": operation.line_count,
            "channels": {code: channel.value for code, channel in channels.items()},
        },
    )
    auditing.record(operation, entry)
    evidence = {
        "read": "people, device rows and SOC rules",
        "at": turn.now.isoformat(),
        "lines_unchanged": operation.line_count,
        "channels": {code: channel.value for code, channel in channels.items()},
    }
    return Result(evidence=evidence, values=values)


def check_people(operation: Operation) -> None:
    """
    Make sure that confirmer and requester still have the right they acted on.

    :raises Rejected: one of them lost it; the operation is void.
    """
    people = User.objects.select_related("company").in_bulk([operation.confirmed_by_id, operation.plan.requester_id])
    if not people[operation.confirmed_by_id].may(Permission.CONFIRM_DELETION, company_id=operation.company_id):
        raise Rejected(
            "The person who confirmed may no longer confirm deletions here. Nothing was deleted.",
            outcome=Outcome.VOID,
        )
    if not people[operation.plan.requester_id].may_request_for(company_id=operation.company_id):
        raise Rejected(
            "The requester is no longer an Admin or Super User of the company. Nothing was deleted.",
            outcome=Outcome.VOID,
        )


def _check_lines(operation: Operation) -> None:
    lines = OperationItem.objects.filter(operation=operation).values_list("device_id", "number", "soc_code")
    changes = facts.changed_lines(company_id=operation.company_id, lines=lines)
    if changes:
        raise Rejected(
            f"After it was confirmed, {facts.in_words(changes)}. Nothing was deleted; make a new plan.",
            outcome=Outcome.VOID,
        )


def _channels(operation: Operation) -> dict[str, Channel]:
    rules = soc_rules.in_force()
    codes = Counter(OperationItem.objects.filter(operation=operation).values_list("soc_code", flat=True))
    return {code: _decided(operation, code, lines, rules.channel_of(code)) for code, lines in sorted(codes.items())}


def _decided(operation: Operation, code: str, lines: int, channel: Channel) -> Channel:
    answered = questions.answer_to(operation, QuestionKind.SOC_CODE, subject=code)
    # A refusal stands, also when a rule that knows the code was published while the question was open.
    if answered is not None and answered.answer == REJECT:
        raise Rejected(f"A member of staff rejected SOC code {code}. Nothing was deleted.")
    if channel not in NEEDS_DECISION:
        return channel
    if answered is None:
        raise NeedsAnswer(_ask(code, lines, channel))
    return Channel(answered.answer)


def _ask(code: str, lines: int, channel: Channel) -> Ask:
    is_unknown = channel is Channel.UNKNOWN
    text = (
        f"No rule knows SOC code {code}. Who bills these lines, and may they be deleted?"
        if is_unknown
        else f"SOC code {code} belongs to a partner and is excluded. May these lines be deleted all the same?"
    )
    return Ask(
        kind=QuestionKind.SOC_CODE,
        subject=code,
        text=text,
        choices=_CHOICES if is_unknown else _EXCLUDED_CHOICES,
        evidence={"soc_code": code, "lines": lines, "channel": channel.value},
    )
