"""Record what happens to an operation, in the transaction of the act."""

from __future__ import annotations

from onhook.audit import trail
from onhook.operations.models import Operation
from onhook.tenancy.actor import Actor


def record(operation: Operation, *entries: trail.Entry, actor: Actor | None = None, on_behalf_of: str = "") -> None:
    """Append `entries` to the trail of the operation's company; the run itself acts where no `actor` is named."""
    trail.record(
        company_id=operation.company_id,
        actor=actor or Actor.system(),
        entries=entries,
        operation_id=operation.pk,
        plan_hash=operation.plan_hash,
        on_behalf_of=on_behalf_of,
    )
