"""What an agent copies into the ticket: the operation in plain text, with the read-back of each line."""

from __future__ import annotations

from datetime import UTC, datetime

from onhook.devices import numbers
from onhook.operations.models import Operation, OperationItem
from onhook.operations.status import Status
from onhook.operations.vocabulary import Action, ItemState, StepName
from onhook.surfaces.console import progress
from onhook.surfaces.web import words

_LINES_LISTED = 20


def text(seen: Status) -> str:
    """Return the summary, one fact a line."""
    row = seen.operation
    told = [_title(row), f"Company: {row.company.name} (COID {row.company_id})", *_people(row)]
    told += [_line(item) for item in seen.items[:_LINES_LISTED]]
    rest = row.line_count - min(len(seen.items), _LINES_LISTED)
    if rest > 0:
        told.append(f"and {rest:,} more lines: {progress.done(seen)}")
    if line := read_back(seen):
        told.append(line)
    told += _decided(seen)
    told += _bill(seen)
    told.append(_mail(seen))
    told += [f"Operation: {row.pk}", f"Plan hash: {row.plan_hash}"]
    return "\n".join(told)


def _title(row: Operation) -> str:
    lines = "1 line" if row.line_count == 1 else f"{row.line_count:,} lines"
    what = f"Delete {lines}" if row.action == Action.DELETE_DEVICE else "Send the billing link"
    reason = f" ({row.outcome_reason})" if row.outcome_reason else ""
    return f"{what}: {words.operation(row).word.lower()}{reason}"


def _people(row: Operation) -> list[str]:
    plan = row.plan
    ticket = f", ticket {plan.ticket_reference}" if plan.ticket_reference else ""
    asked = f"{plan.requester.full_name} ({words.ROLES[plan.requester.role]})"
    return [
        f"Asked by: {asked}, {words.HOW_CHECKED[plan.how_checked].lower()}{ticket}",
        # Nobody is asked why they want their billing link.
        *([f"Reason: {words.REASONS[plan.reason]}"] if row.action == Action.DELETE_DEVICE else []),
        f"Confirmed by: {row.confirmed_by.full_name}, {_time(row.confirmed_at)}",
    ]


def _line(item: OperationItem) -> str:
    deleted = f", Deleted Datetime {_time(item.deleted_at)}" if item.deleted_at else ""
    problem = f" ({item.problem})" if item.problem else ""
    word = words.ITEMS[item.state].word.lower()
    return f"{numbers.display(item.number)} (device {item.device_id}): {word}{deleted}{problem}"


def read_back(seen: Status) -> str:
    """Return the line that closes the case: when CSU was read, and what it showed; empty when it was not read."""
    step = next((step for step in seen.steps if step.name == StepName.VERIFY_DELETED and step.evidence), None)
    if step is None:
        return ""
    at = datetime.fromisoformat(step.evidence["at"])
    verified = seen.lines_by_state.get(ItemState.VERIFIED, 0)
    lines = "1 line" if seen.operation.line_count == 1 else f"{seen.operation.line_count:,} lines"
    return (
        f"Read back in CSU by number, {_time(at)}: {verified:,} of {lines} with a Deleted Datetime and no live row "
        "of the company."
    )


def _decided(seen: Status) -> list[str]:
    """Return what people decided, with their grounds."""
    told = []
    for question in seen.questions:
        if question.answered_by and question.answered_at:
            labels = {choice["code"]: choice["label"] for choice in question.choices}
            why = f" ({question.answer_reason})" if question.answer_reason else ""
            who = f"{question.answered_by.full_name}, {_time(question.answered_at)}"
            told.append(f"Decided by {who}: {labels.get(question.answer, question.answer)}{why}")
    return told


def _bill(seen: Status) -> list[str]:
    told = sorted({words.CHANNELS[item.channel] for item in seen.items})
    lines = [f"Billed: {', '.join(told)}"] if told else []
    step = next((step for step in seen.steps if step.name == StepName.FIND_SUBSCRIPTION), None)
    if step is not None and "subscription" in step.evidence:
        kept = step.evidence
        lines.append(f"Subscription {kept['subscription']}: {kept['paid_lines']} paid, {kept['to_lower']} to lower")
    return lines


def _mail(seen: Status) -> str:
    notice = seen.notice
    if notice is None:
        return "Message to the customer: none"
    sent = f", {_time(notice.sent_at)}" if notice.sent_at else ""
    return f"Message to {notice.to_address}: {words.NOTICES[notice.state].word.lower()}{sent}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
