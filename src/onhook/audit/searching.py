"""Search the trail: by company, tag, subject, person and time, newest first, page by page by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag

PAGE_EVENTS = 50


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """
    What somebody looks for; empty means any.

    `subject` is `kind:id` or only `kind`; `person` is the login of who acted or on whose behalf; `since` and `until`
    bound the time, the end not included.
    """

    company_id: int | None = None
    tag: Tag | None = None
    subject: str = ""
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Some events, and the key below which the next page begins, when there is one."""

    events: Sequence[AuditEvent]
    next: int | None


def search(*, wanted: Wanted, before: int | None = None, most: int = PAGE_EVENTS) -> Page:
    """Return the events that fit. For staff: nothing here limits a reader to a company but `wanted` itself."""
    rows = AuditEvent.objects.select_related("company").filter(_fits(wanted))
    # The same order within a company, but one that its index has: its page costs the same in however long a trail.
    key = "id" if wanted.company_id is None else "sequence"
    if before is not None:
        rows = rows.filter(**{f"{key}__lt": before})
    listed = list(rows.order_by(f"-{key}")[: most + 1])
    return Page(listed[:most], getattr(listed[most - 1], key) if len(listed) > most else None)


def _fits(wanted: Wanted) -> Q:
    fits = Q()
    if wanted.company_id is not None:
        fits &= Q(company_id=wanted.company_id)
    if wanted.tag is not None:
        fits &= Q(tag=wanted.tag.value)
    if wanted.subject:
        fits &= _is_subject(wanted.subject)
    if wanted.person:
        fits &= Q(actor=wanted.person) | Q(on_behalf_of=wanted.person)
    if wanted.since is not None:
        fits &= Q(at__gte=wanted.since)
    if wanted.until is not None:
        fits &= Q(at__lt=wanted.until)
    return fits


def _is_subject(subject: str) -> Q:
    kind, colon, identifier = subject.partition(":")
    return Q(subject=subject) if colon and identifier else Q(subject__startswith=f"{kind}:")
