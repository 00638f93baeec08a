"""Delete the lines of one chunk in the portal, with a result and an audit entry per line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.devices import portal
from onhook.operations import auditing
from onhook.operations.actions import authorise
from onhook.operations.models import Operation, OperationItem
from onhook.operations.runner import Result, Turn
from onhook.operations.vocabulary import ItemState

CHANGED = "The line changed after it was checked; it was left as it is."


def chunk_act(chunk: int, *, size: int) -> Callable[[Turn], Result]:
    """
    Return the act that deletes the `chunk`-th part (from 1) of the operation's lines, `size` lines each.

    Lines that have a result already are left alone: a run that was started anew deletes and tells nothing twice.
    """
    first, last = (chunk - 1) * size + 1, chunk * size

    def act(turn: Turn) -> Result:
        operation = turn.operation
        if operation.irreversible_at is None:
            # The check may be hours old, when a fault or a question came between.
            authorise.check_people(operation)
        items = OperationItem.objects.filter(
            operation=operation, position__range=(first, last), state=ItemState.PENDING.value
        )
        lines = [
            portal.Line(*facts) for facts in items.order_by("position").values_list("device_id", "number", "soc_code")
        ]
        deleted = portal.delete_devices(company_id=operation.company_id, lines=lines, at=turn.now)
        if deleted and operation.irreversible_at is None:
            Operation.objects.filter(pk=operation.pk).update(irreversible_at=turn.now)
        _note_results(items, lines=len(lines), deleted=deleted, at=turn.now)
        _record(operation, lines=lines, deleted=deleted, at=turn.now)
        evidence = _evidence(turn, deleted=len(deleted), skipped=len(lines) - len(deleted))
        return Result(evidence=evidence, values={"deleted": len(deleted)})

    return act


def _note_results(items: QuerySet[OperationItem], *, lines: int, deleted: set[int], at: datetime) -> None:
    if len(deleted) == lines:
        items.update(state=ItemState.DELETED.value, deleted_at=at)
        return
    items.filter(device_id__in=deleted).update(state=ItemState.DELETED.value, deleted_at=at)
    # What is still pending now was not deleted.
    items.update(state=ItemState.SKIPPED.value, problem=CHANGED)


def _evidence(turn: Turn, *, deleted: int, skipped: int) -> dict[str, Any]:
    seen = turn.step.evidence
    return {
        "written": "device portal",
        "first_at": seen.get("first_at", turn.now.isoformat()),
        "last_at": turn.now.isoformat(),
        "lines_deleted": seen.get("lines_deleted", 0) + deleted,
        "lines_skipped": seen.get("lines_skipped", 0) + skipped,
    }


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
        else trail.Entry(
            tag=Tag.DEVICE_SKIPPED,
            subject=f"device:{line.device_id}",
            before={"number": line.number},
            after={"problem": CHANGED},
        )
        for line in lines
    ]
    auditing.record(operation, *entries, on_behalf_of=operation.confirmed_by.login)
