"""Write the mail: which lines went, when, and what follows for the bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import css_inline
from django.template.loader import render_to_string

from onhook.billing.channels import BILL_SENTENCES, Channel
from onhook.devices import numbers
from onhook.operations.models import Operation, OperationItem
from onhook.operations.vocabulary import ItemState

# A mail is read by a person: beyond this many lines it says how many more there are.
LINES_SHOWN = 100


@dataclass(frozen=True)
class Letter:
    """A finished mail, without its addresses."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class LineShown:
    """One line of the mail: number in international writing, worker, and when it was deleted in both zones."""

    number: str
    worker: str
    utc: str
    local: str


def write(operation: Operation) -> Letter:
    """Return the mail about the lines of `operation` that were verified as deleted."""
    items = (
        OperationItem.objects.filter(operation=operation, state=ItemState.VERIFIED.value)
        .select_related("device")
        .order_by("position")
    )
    lines, zone = items.count(), _zone(operation.company.time_zone)
    channels = [Channel(value) for value in items.order_by("channel").values_list("channel", flat=True).distinct()]
    shown = [_line(item, zone) for item in items[:LINES_SHOWN]]
    context = {
        "company": operation.company.name,
        "name": operation.plan.requester.full_name,
        "lines": lines,
        "shown": shown,
        "more": max(lines - len(shown), 0),
        "zone": zone.key,
        "is_other_zone": zone.key != "UTC",
        "bill_sentences": [BILL_SENTENCES[channel] for channel in channels],
        "ticket_reference": operation.plan.ticket_reference,
        "operation": operation.pk,
    }
    subject = f"{lines} phone line{'s' if lines != 1 else ''} removed"
    if operation.plan.ticket_reference:
        subject = f"{subject} [{_one_line(operation.plan.ticket_reference)}]"
    html = render_to_string("operations/lines_removed.html", {**context, "subject": subject})
    return Letter(
        subject=subject,
        text=render_to_string("operations/lines_removed.txt", context),
        html=css_inline.inline(html),
    )


def message_id(notice_id: UUID, *, domain: str) -> str:
    """Return the Message-ID of a notice: always the same one, so that a second sending is seen as the same mail."""
    return f"<{notice_id}@{domain}>"


def _line(item: OperationItem, zone: ZoneInfo) -> LineShown:
    moment = item.deleted_at
    return LineShown(
        number=numbers.display(item.number),
        worker=item.device.worker,
        utc=f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "",
        local=_local(moment, zone) if moment else "",
    )


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _one_line(text: str) -> str:
    return " ".join(text.split())
