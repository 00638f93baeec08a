"""End an operation: outcome, released lines, withdrawn questions and audit, in one transaction."""

from __future__ import annotations

from datetime import datetime

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.operations import auditing, questions
from onhook.operations.models import Operation, OperationItem
from onhook.operations.vocabulary import ItemState, Outcome, State
from onhook.tenancy.actor import Actor

_TAGS = {
    Outcome.VOID: Tag.OPERATION_VOIDED,
    Outcome.CANCELLED: Tag.OPERATION_CANCELLED,
    Outcome.REJECTED: Tag.OPERATION_REJECTED,
}


def close(*, operation: Operation, outcome: Outcome, reason: str, now: datetime, actor: Actor | None = None) -> None:
    """
    Close a locked operation, in the caller's transaction.

    Lines that were not deleted are released: another operation may take them.
    """
    operation.state, operation.outcome = State.CLOSED.value, outcome.value
    operation.outcome_reason, operation.closed_at = reason, now
    operation.save(update_fields=["state", "outcome", "outcome_reason", "closed_at"])
    open_items = OperationItem.objects.filter(operation=operation, is_open=True)
    open_items.filter(state=ItemState.PENDING.value).update(state=ItemState.RELEASED.value, is_open=False)
    open_items.update(is_open=False)
    questions.withdraw_open(operation=operation, now=now)
    entry = trail.Entry(
        tag=_TAGS.get(outcome, Tag.OPERATION_CLOSED),
        subject=f"operation:{operation.pk}",
        after={"outcome": outcome.value, "reason": reason},
    )
    auditing.record(operation, entry, actor=actor)
