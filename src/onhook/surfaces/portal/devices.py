"""Administration > Devices: the list, one line with its history, and the export."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.audit import reading
from onhook.billing import rules as soc_rules
from onhook.billing.channels import bill_sentence
from onhook.devices import listing, numbers
from onhook.devices.models import Device
from onhook.devices.wanted import Sort, Tab, UnreadableKey
from onhook.exchange import exporting
from onhook.exchange.sheets import Kind
from onhook.operations.models import OperationItem
from onhook.surfaces.web import addresses, line_lists, stories
from onhook.surfaces.web.line_lists import LineList
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb

_DIRECTIONS = {
    Sort.NUMBER: "ascending",
    Sort.WORKER: "ascending",
    Sort.SEEN: "descending",
    Sort.DELETED: "descending",
}
# What each tab shows of a line, and the order that goes by it.
_LINE_HEADS = (("Line", Sort.NUMBER), ("Worker", Sort.WORKER))
_HEADS: dict[Tab, tuple[tuple[str, Sort | None], ...]] = {
    Tab.ACTIVE: (*_LINE_HEADS, ("State", None), ("Activated", None), ("Last used", Sort.SEEN)),
    Tab.HELD: (*_LINE_HEADS, ("State", None), ("Why", None), ("Held since", None), ("Last used", Sort.SEEN)),
    Tab.DELETED: (
        ("Line", None),
        ("Worker", None),
        ("Deleted", Sort.DELETED),
        ("Confirmed by", None),
        ("Operation", None),
    ),
}
_OPERATIONS_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class _Head:
    """The head of a column: `url` orders the list by it, `order` says that it is ordered so."""

    word: str
    url: str
    order: str


def list_of(company: Company) -> line_lists.Address:
    """Return where the list of a company's lines is."""
    return line_lists.Address(addresses.to("portal:devices", company.pk))


def devices(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Show the company's lines."""
    address = list_of(request.company)
    try:
        lines = line_lists.read(request, address)
    except UnreadableKey:
        return redirect(line_lists.first_page(request, address))
    wanted, count = lines.wanted, lines.count
    context = lines.context() | {
        "crumbs": [Crumb(word="Administration"), Crumb(word="Devices")],
        "rows": _deleted(request, lines) if wanted.tab is Tab.DELETED else lines.rows(),
        "heads": _heads(lines),
        "may_pick_all": lines.page.next is not None and not count.is_more and count.lines <= listing.MOST_COUNTED,
        "most": listing.MOST_COUNTED,
        "may_export": request.actor.may(Permission.EXPORT_DATA, company_id=request.company.pk),
    }
    return render(request, "portal/devices.html", context)


def _heads(lines: LineList) -> list[_Head]:
    """Return the heads of the columns; those that an order goes by lead to it."""
    wanted = lines.wanted
    here = Sort.DELETED if wanted.tab is Tab.DELETED else wanted.sort
    return [
        _Head(
            word=word,
            url=lines.url(replace(wanted, sort=sort)) if sort and sort is not here else "",
            order=_DIRECTIONS[sort] if sort and sort is here else "",
        )
        for word, sort in _HEADS[wanted.tab]
    ]


def _deleted(request: WebRequest, lines: LineList) -> list[dict[str, object]]:
    """Return rows of deleted lines, each with who confirmed it and the operation's page, where there was one."""
    shown = [line.pk for line in lines.page.rows]
    items = OperationItem.objects.filter(company=request.company, device__in=shown, deleted_at__isnull=False)
    by_device = {item.device_id: item for item in items.select_related("operation__confirmed_by").order_by("id")}
    return [row | _how(by_device.get(pk)) for pk, row in zip(shown, lines.rows(), strict=True)]


def _how(item: OperationItem | None) -> dict[str, object]:
    if item is None:
        return {}
    operation = item.operation
    url = reverse("portal:operation", args=[item.company_id, operation.pk])
    return {"confirmed_by": operation.confirmed_by.full_name, "operation_url": url}


def device(request: WebRequest, coid: int, device_id: int) -> HttpResponse:  # noqa: ARG001
    """Show one line with its history."""
    row = Device.objects.filter(company=request.company, pk=device_id).first()
    if row is None:
        raise Http404
    items = list(
        OperationItem.objects.filter(device=row, company=request.company)
        .select_related("operation")
        .order_by("-id")[:_OPERATIONS_SHOWN]
    )
    events = reading.of_device(
        company_id=request.company.pk, device_id=row.pk, operations=[item.operation_id for item in items]
    )
    told = [stories.entry(event) for event in events]
    if row.activated_at:
        told.append(stories.Entry(at=row.activated_at, sentence="Line activated", tone="ok", icon="power"))
    channel = soc_rules.in_force().channel_of(row.soc_code)
    may_plan = request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk)
    context = {
        "crumbs": [
            Crumb(word="Administration"),
            Crumb(word="Devices", url=reverse("portal:devices", args=[request.company.pk])),
            Crumb(word=numbers.display(row.number)),
        ],
        "device": row,
        "days": stories.by_day(sorted(told, key=lambda one: one.at, reverse=True)),
        "operations": items,
        "open_item": next((item for item in items if item.is_open), None),
        "channel": channel.value,
        "bill_sentence": bill_sentence(channel, lines=1),
        "may_delete": may_plan and row.is_live and not row.is_held and not any(item.is_open for item in items),
    }
    return render(request, "portal/device.html", context)


def export(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001
    """Hand out all lines of the company as the CSV file that the import takes."""
    kept = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    out = io.TextIOWrapper(kept, encoding="utf-8", newline="", write_through=True)
    try:
        exporting.export_rows(kind=Kind.DEVICES, out=out, actor=request.actor, coid=request.company.pk, now=clock.now())
    except exporting.UnableToExport as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:devices", request.company.pk)
    out.detach()
    kept.seek(0)
    return FileResponse(kept, as_attachment=True, filename=f"devices-{request.company.pk}.csv", content_type="text/csv")
