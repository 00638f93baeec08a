"""Check rights and lines again, at the last moment before anything is deleted."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count

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
    Choice(code=Channel.DIRECT.value, label="Delete; the operator bills directly"),
    Choice(code=Channel.CONTRACT.value, label="Delete; part of a contract"),
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
    operation.confirmed_by, requester = people[operation.confirmed_by_id], people[operation.plan.requester_id]
    if not operation.confirmed_by.may(Permission.CONFIRM_DELETION, company_id=operation.company_id):
        raise Rejected(
            "The person who confirmed may no longer confirm deletions here. Nothing was deleted.",
            outcome=Outcome.VOID,
        )
    if not requester.may_request_for(company_id=operation.company_id):
        raise Rejected(
            "The requester is no longer an Admin or Super User of the company. Nothing was deleted.",
            outcome=Outcome.VOID,
        )


def _check_lines(operation: Operation) -> None:
    changes = facts.changed_lines(plan_id=operation.plan_id)
    if changes:
        raise Rejected(
            f"After it was confirmed, {facts.in_words(changes)}. Nothing was deleted; make a new plan.",
            outcome=Outcome.VOID,
        )


def _channels(operation: Operation) -> dict[str, Channel]:
    """Return the channel of each SOC code, by the rules or by a person's answer, and give it to the lines."""
    rules, answers = soc_rules.in_force(), questions.answers_to(operation, QuestionKind.SOC_CODE)
    items = OperationItem.objects.filter(operation=operation)
    channels: dict[str, Channel] = {}
    for code, known, lines in items.values_list("soc_code", "channel").annotate(Count("pk")).order_by("soc_code"):
        channels[code] = _decided(code, lines, rules.channel_of(code), answer=answers.get(code))
        if channels[code] != known:
            items.filter(soc_code=code).update(channel=channels[code].value)
    return channels


def _decided(code: str, lines: int, channel: Channel, *, answer: str | None) -> Channel:
    # A refusal stands, also when a rule that knows the code was published while the question was open.
    if answer == REJECT:
        raise Rejected(f"A member of staff rejected SOC code {code}. Nothing was deleted.")
    if channel not in NEEDS_DECISION:
        return channel
    if answer is None:
        raise NeedsAnswer(_ask(code, lines, channel))
    return Channel(answer)


def _ask(code: str, lines: int, channel: Channel) -> Ask:
    is_unknown = channel is Channel.UNKNOWN
    which, they = ("this line", "it") if lines == 1 else ("these lines", "they")
    text = (
        f"No rule knows SOC code {code}. Who bills {which}, and may {they} be deleted?"
        if is_unknown
        else f"SOC code {code} belongs to a partner and is excluded. May {which} be deleted all the same?"
    )
    return Ask(
        kind=QuestionKind.SOC_CODE,
        subject=code,
        text=text,
        choices=_CHOICES if is_unknown else _EXCLUDED_CHOICES,
        evidence={"soc_code": code, "lines": lines, "channel": channel.value},
    )
