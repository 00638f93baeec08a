"""Read the trail for people: newest first, page by page by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag

PAGE_EVENTS = 50
# What the subject of an event of a single line begins with.
_LINE = "device:"


@dataclass(frozen=True)
class Page:
    """Some events, and the sequence number below which the next page begins, when there is one."""

    events: Sequence[AuditEvent]
    next: int | None


def of_company(
    *,
    company_id: int,
    before: int | None = None,
    tags: Sequence[Tag] = (),
    once: Sequence[Tag] = (),
    most: int = PAGE_EVENTS,
) -> Page:
    """
    Return the company's events, newest first; those of some tags only when given.

    :param once: of the events of single lines with these tags, only each operation's oldest of a tag is returned;
        `lines_of` counts them. What comes later changes nothing of it: none is lost or told twice from page to page.
    """
    rows = AuditEvent.objects.filter(company_id=company_id)
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    if tags:
        rows = rows.filter(tag__in=[tag.value for tag in tags])
    if once:
        is_of_line = Q(tag__in=[tag.value for tag in once], subject__startswith=_LINE, operation_id__isnull=False)
        rows = rows.filter(~is_of_line | Q(pk__in=_first_of_lines(company_id, once, before=before)))
    listed = list(rows.order_by("-sequence")[: most + 1])
    return Page(listed[:most], listed[most - 1].sequence if len(listed) > most else None)


def _first_of_lines(company_id: int, tags: Sequence[Tag], *, before: int | None) -> QuerySet[AuditEvent, int]:
    """Return the row number of the first event of a line that each operation has of each tag: one set for all rows."""
    rows = _of_lines(company_id, tags).filter(operation_id__isnull=False)
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    return rows.order_by().values("operation_id", "tag").annotate(first=Min("pk")).values_list("first", flat=True)


def lines_of(*, events: Sequence[AuditEvent], tags: Sequence[Tag]) -> Mapping[tuple[UUID | None, str], int]:
    """Return how many lines each operation of these events has under each of these tags, by operation and tag."""
    operations = {event.operation_id for event in events if event.operation_id and event.subject.startswith(_LINE)}
    if not operations:
        return {}
    rows = _of_lines(events[0].company_id, tags).filter(operation_id__in=operations)
    counted = rows.values_list("operation_id", "tag").annotate(Count("pk")).order_by()
    return {(operation_id, tag): lines for operation_id, tag, lines in counted}


def _of_lines(company_id: int, tags: Sequence[Tag]) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        company_id=company_id, tag__in=[tag.value for tag in tags], subject__startswith=_LINE
    )


def of_device(*, company_id: int, device_id: int, operations: Sequence[UUID]) -> list[AuditEvent]:
    """Return what happened to a line, newest first: its own events, and those of the operations it was part of."""
    own = AuditEvent.objects.filter(company_id=company_id, subject=f"device:{device_id}")
    theirs = AuditEvent.objects.filter(company_id=company_id, operation_id__in=operations).exclude(
        subject__startswith=_LINE
    )
    return sorted([*own, *theirs], key=lambda event: event.sequence, reverse=True)
