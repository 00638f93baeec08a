"""View Devices: a company's lines with SOC code, channel and Deleted Datetime; and one line with its timeline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook.audit import reading
from onhook.audit.vocabulary import Tag
from onhook.billing import rules as soc_rules
from onhook.billing.channels import Channel, bill_sentence
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.devices.wanted import UnreadableKey
from onhook.operations.models import OperationItem
from onhook.surfaces.console import bills, navigation
from onhook.surfaces.web import addresses, line_lists, stories
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb

_OPERATIONS_SHOWN = 20
_OTHERS_SHOWN = 10


def list_of(company: Company) -> line_lists.Address:
    """Return where the list of a company's lines is; `q` is the search over all companies, on every page."""
    return line_lists.Address(addresses.to("console:devices", company.pk), text="text")


def devices(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Show the company's lines, page by page by key; picked ones go to the deletion."""
    address = list_of(request.company)
    try:
        lines = line_lists.read(request, address)
    except UnreadableKey:
        return redirect(line_lists.first_page(request, address))
    context = lines.context() | {
        "crumbs": navigation.way(request.company, Crumb(word="Devices")),
        "company_tabs": navigation.tabs(request, "devices"),
        "rows": lines.rows(channel_of=soc_rules.in_force().channel_of),
    }
    return render(request, "console/devices.html", context)


def device(request: WebRequest, coid: int, device_id: int) -> HttpResponse:  # noqa: ARG001
    """Show one line: facts, SOC code in words with the rule that matched, Deleted Datetime, hold, bill, timeline."""
    return render(request, "console/device.html", _context(request, _line(request, device_id)))


def bill(request: WebRequest, coid: int, device_id: int) -> HttpResponse:  # noqa: ARG001
    """Ask the billing systems about the line's company now, see `bills`."""
    row = _line(request, device_id)
    return bills.answer(
        request,
        address=_bill_url(row),
        page=lambda seen: render(request, "console/device.html", {**_context(request, row), "bill": seen}),
    )


def _line(request: WebRequest, device_id: int) -> Device:
    row = Device.objects.filter(company=request.company, pk=device_id).first()
    if row is None:
        raise Http404
    return row


def _bill_url(row: Device) -> str:
    return reverse("console:device-bill", args=[row.company_id, row.pk])


def _context(request: WebRequest, row: Device) -> dict[str, Any]:
    items = list(
        OperationItem.objects.filter(device=row, company=request.company)
        .select_related("operation")
        .order_by("-id")[:_OPERATIONS_SHOWN]
    )
    rules = soc_rules.in_force()
    channel = rules.channel_of(row.soc_code)
    open_operation = next((item.operation for item in items if item.is_open), None)
    may_plan = request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk)
    return {
        "crumbs": navigation.way(
            request.company,
            Crumb(word="Devices", url=reverse("console:devices", args=[request.company.pk])),
            Crumb(word=numbers.display(row.number)),
        ),
        "device": row,
        "days": stories.by_day(_told(request, row, items)),
        "operations": items,
        "open_operation": open_operation,
        "rule": rules.rule_for(row.soc_code),
        "rules_version": rules.version,
        "channel": channel.value,
        # A look at a line that the shop does not bill costs the vendors nothing.
        "is_shops": channel is Channel.SHOP,
        "bill_url": _bill_url(row),
        "bill_sentence": bill_sentence(channel, lines=1),
        "others": Device.objects.filter(number=row.number)
        .exclude(pk=row.pk)
        .select_related("company")
        .order_by("-deleted_at", "pk")[:_OTHERS_SHOWN],
        "may_delete": may_plan and row.is_live and not row.is_held and open_operation is None,
    }


def _told(request: WebRequest, row: Device, items: list[OperationItem]) -> list[stories.Entry]:
    """Return the line's life, newest first; what was recorded is folded under each event."""
    events = reading.of_device(
        company_id=request.company.pk, device_id=row.pk, operations=[item.operation_id for item in items]
    )
    told = [
        replace(
            stories.entry(event, is_raw=True),
            link=reverse("console:operation", args=[request.company.pk, event.operation_id])
            if event.operation_id and event.tag == Tag.PLAN_CONFIRMED
            else "",
            link_word="Show the operation",
        )
        for event in events
    ]
    if row.activated_at:
        told.append(stories.Entry(at=row.activated_at, sentence="Line activated", tone="ok", icon="power"))
    if row.held_at:
        told.append(
            stories.Entry(at=row.held_at, sentence="Put on hold", detail=row.hold_reason, tone="warn", icon="lock")
        )
    return sorted(told, key=lambda one: one.at, reverse=True)
