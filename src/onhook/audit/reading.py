"""Read the trail for people: newest first, page by page by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag

PAGE_EVENTS = 50


@dataclass(frozen=True)
class Page:
    """Some events, and the sequence number below which the next page begins, when there is one."""

    events: Sequence[AuditEvent]
    next: int | None


def of_company(
    *,
    company_id: int,
    before: int | None = None,
    actor: str = "",
    tags: Sequence[Tag] = (),
    most: int = PAGE_EVENTS,
) -> Page:
    """Return the company's events, newest first; those of one actor's login or of some tags only when given."""
    rows = AuditEvent.objects.filter(company_id=company_id)
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    if actor:
        rows = rows.filter(actor=actor)
    if tags:
        rows = rows.filter(tag__in=[tag.value for tag in tags])
    listed = list(rows.order_by("-sequence")[: most + 1])
    return Page(listed[:most], listed[most - 1].sequence if len(listed) > most else None)


def of_device(*, company_id: int, device_id: int, operations: Sequence[UUID]) -> list[AuditEvent]:
    """Return what happened to a line, newest first: its own events, and those of the operations it was part of."""
    own = AuditEvent.objects.filter(company_id=company_id, subject=f"device:{device_id}")
    theirs = AuditEvent.objects.filter(company_id=company_id, operation_id__in=operations).exclude(
        subject__startswith="device:"
    )
    return sorted([*own, *theirs], key=lambda event: event.sequence, reverse=True)


def of_operation(*, company_id: int, operation_id: UUID, most: int = 500) -> list[AuditEvent]:
    """Return the events of an operation, oldest first, without those of its single lines."""
    rows = AuditEvent.objects.filter(company_id=company_id, operation_id=operation_id)
    return list(rows.exclude(subject__startswith="device:").order_by("sequence")[:most])
