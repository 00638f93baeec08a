"""Delete the lines of one chunk in the portal, with a result and an audit entry per line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.devices import portal
from onhook.operations.models import Operation, OperationItem
from onhook.operations.runner import Result, Turn
from onhook.operations.vocabulary import ItemState
from onhook.tenancy.actor import Actor

CHANGED = "The line changed after it was checked; it was left as it is."


def chunk_act(chunk: int) -> Callable[[Turn], Result]:
    """Return the act that deletes the `chunk`-th part (from 1) of the operation's lines."""
    first, last = (chunk - 1) * settings.CHUNK_LINES + 1, chunk * settings.CHUNK_LINES

    def act(turn: Turn) -> Result:
        operation = turn.operation
        items = OperationItem.objects.filter(operation=operation, position__range=(first, last)).order_by("position")
        if operation.irreversible_at is None:
            Operation.objects.filter(pk=operation.pk).update(irreversible_at=turn.now)
        lines = [portal.Line(*facts) for facts in items.values_list("device_id", "number", "soc_code")]
        deleted = portal.delete_devices(company_id=operation.company_id, lines=lines, at=turn.now)
        _note_results(operation, deleted=deleted, first=first, last=last, at=turn.now)
        _record(operation, lines=lines, deleted=deleted, at=turn.now)
        seen = turn.step.evidence
        evidence = {
            "written": "device portal",
            "first_at": seen.get("first_at", turn.now.isoformat()),
            "last_at": turn.now.isoformat(),
            "lines_deleted": seen.get("lines_deleted", 0) + len(deleted),
            "lines_skipped": seen.get("lines_skipped", 0) + len(lines) - len(deleted),
        }
        return Result(evidence=evidence, values={"deleted": len(deleted)})

    return act


def _note_results(operation: Operation, *, deleted: set[int], first: int, last: int, at: datetime) -> None:
    items = OperationItem.objects.filter(operation=operation, position__range=(first, last))
    if len(deleted) == last - first + 1:
        items.update(state=ItemState.DELETED.value, deleted_at=at)
        return
    items.filter(device_id__in=deleted).update(state=ItemState.DELETED.value, deleted_at=at)
    items.exclude(device_id__in=deleted).update(state=ItemState.SKIPPED.value, problem=CHANGED)


def _record(operation: Operation, *, lines: Sequence[portal.Line], deleted: set[int], at: datetime) -> None:
    moment = at.isoformat()
    entries = [
        trail.Entry(
            tag=Tag.DEVICE_DELETED,
            subject=f"device:{line.device_id}",
            before={"number": line.number, "soc_code": line.soc_code, "deleted_at": None},
            after={"deleted_at": moment},
        )
        if line.device_id in deleted
        else trail.Entry(tag=Tag.DEVICE_SKIPPED, subject=f"device:{line.device_id}", after={"problem": CHANGED})
        for line in lines
    ]
    trail.record(
        company_id=operation.company_id,
        actor=Actor.system(),
        entries=entries,
        operation_id=operation.pk,
        plan_hash=operation.plan_hash,
        on_behalf_of=operation.confirmed_by.login,
    )
