"""Write the mail: which lines went, when, and what follows for the bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import css_inline
from django.conf import settings
from django.db.models import Count, QuerySet
from django.template.loader import render_to_string

from onhook.billing.channels import Channel, bill_sentence
from onhook.devices import numbers
from onhook.operations.models import Operation, OperationItem
from onhook.operations.vocabulary import Action, ItemState

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
    """
    One line of the mail: number in international writing, worker, and when it was deleted; `local` only where the
    company's clock told something else at that moment.
    """

    number: str
    worker: str
    utc: str
    local: str


@dataclass(frozen=True)
class ShopBill:
    """
    What the customer is to do at the shop: lower `quantity` to `target` behind `link`.

    `unseen` lines are to be lowered: `lines` of them are this operation's, `earlier` were asked for before and are not
    seen at the shop yet.
    `in_use` are the live lines that the shop bills: only where there are none is the subscription done with. Without a
    link the shop's own mail has to serve.
    """

    lines: int
    link: str = ""
    quantity: int = 0
    target: int = 0
    unseen: int = 0
    effect: str = ""
    in_use: int = 0

    @property
    def earlier(self) -> int:
        return self.unseen - self.lines

    @classmethod
    def of(cls, bill: dict[str, Any]) -> ShopBill | None:
        """Read what the billing steps found; None where the shop does not bill."""
        if not bill:
            return None
        if bill.get("without_link"):
            # A run of an earlier version did not look for what was asked for before.
            return cls(lines=bill["lines"], unseen=bill.get("unseen", bill["lines"]))
        return cls(
            lines=bill["lines"],
            link=bill["link"],
            quantity=bill["quantity"],
            target=bill["target"],
            unseen=bill["unseen"],
            effect=_effect(bill["renews_on"]),
            in_use=bill.get("in_use", 0),  # a run of an earlier version may have found the bill without it
        )


def _effect(renews_on: str) -> str:
    if settings.SHOP_LOWERING == "now":
        return "The lower count takes effect at once."
    if settings.SHOP_LOWERING == "at_renewal" and renews_on:
        return f"The lower count takes effect at the next renewal, on {date.fromisoformat(renews_on):%d %B %Y}."
    return ""


def write(operation: Operation, *, bill: dict[str, Any]) -> Letter:
    """Return the mail of `operation`: its verified lines, and what the billing steps found."""
    if operation.action == Action.SEND_BILLING_LINK:
        context = {**_frame(operation), "shop": ShopBill.of(bill)}
        return _letter("Your billing link", "operations/billing_link", operation, context)
    items = (
        OperationItem.objects.filter(operation=operation, state=ItemState.VERIFIED.value)
        .select_related("device")
        .order_by("position")
    )
    lines, zone = items.count(), _zone(operation.company.time_zone)
    shown = [_line(item, zone) for item in items[:LINES_SHOWN]]
    context = {
        **_frame(operation),
        "lines": lines,
        "shown": shown,
        "more": max(lines - len(shown), 0),
        "bill_sentences": _bill_sentences(items),
        "shop": ShopBill.of(bill),
    }
    subject = f"{lines} phone line{'s' if lines != 1 else ''} removed"
    return _letter(subject, "operations/lines_removed", operation, context)


def _bill_sentences(items: QuerySet[OperationItem]) -> list[str]:
    """Return what happens to the bill of the lines that the shop does not bill; how many, where not all are meant."""
    counted = dict(items.order_by("channel").values_list("channel").annotate(lines=Count("pk")))
    told = {Channel(code): lines for code, lines in counted.items() if code != Channel.SHOP}
    return [
        (f"{lines} line{'' if lines == 1 else 's'}: " if len(counted) > 1 else "") + bill_sentence(channel, lines=lines)
        for channel, lines in told.items()
    ]


def message_id(notice_id: UUID, *, domain: str) -> str:
    """Return the Message-ID of a notice: always the same one, so that a second sending is seen as the same mail."""
    return f"<{notice_id}@{domain}>"


def _frame(operation: Operation) -> dict[str, Any]:
    return {
        "company": operation.company.name,
        "name": operation.plan.requester.full_name,
        "ticket_reference": operation.plan.ticket_reference,
        "operation": operation.pk,
    }


def _letter(subject: str, template: str, operation: Operation, context: dict[str, Any]) -> Letter:
    if operation.plan.ticket_reference:
        subject = f"{subject} [{_one_line(operation.plan.ticket_reference)}]"
    html = render_to_string(f"{template}.html", {**context, "subject": subject})
    return Letter(
        subject=subject,
        text=render_to_string(f"{template}.txt", {**context, "subject": subject}),
        html=css_inline.inline(html),
    )


def _line(item: OperationItem, zone: ZoneInfo) -> LineShown:
    moment = item.deleted_at
    return LineShown(
        number=numbers.display(item.number),
        worker=item.device.worker,
        utc=f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "",
        local=_local(moment, zone) if moment else "",
    )


def _local(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    # London is not UTC, and in winter its clock tells the same.
    return f"{local:%Y-%m-%d %H:%M:%S %Z}" if local.utcoffset() else ""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _one_line(text: str) -> str:
    return " ".join(text.split())
