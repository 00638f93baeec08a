"""View Devices: a company's lines with SOC code, channel and Deleted Datetime; and one line with its timeline."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook.audit import reading
from onhook.audit.vocabulary import Tag
from onhook.billing import rules as soc_rules
from onhook.billing.channels import bill_sentence
from onhook.devices import listing, numbers
from onhook.devices.models import Device
from onhook.devices.wanted import Key, Sort, Wanted
from onhook.devices.wanted import Tab as Which
from onhook.operations import going
from onhook.operations.models import OperationItem
from onhook.surfaces.console import navigation
from onhook.surfaces.web import picking, rows, stories
from onhook.surfaces.web.picking import Carried
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb
from onhook.ui.navigation import Tab as Place

_TAB_WORDS = {Which.ACTIVE: "Active", Which.HELD: "On hold", Which.DELETED: "Deleted"}
_SORT_WORDS = {Sort.NUMBER: "By number", Sort.WORKER: "By worker", Sort.SEEN: "Last used first"}
_OPERATIONS_SHOWN = 20
_OTHERS_SHOWN = 10


def devices(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Show the company's lines, page by page by key; picked ones go to the deletion."""
    wanted = _wanted_of(request)
    try:
        after = Key.read(request.GET["after"]) if "after" in request.GET else None
        page = listing.page(company=request.company, wanted=wanted, after=after)
    except ValueError:
        return redirect(_address(request, wanted, Carried(picked=frozenset(picking.asked(request)))))
    counts = listing.counts(company=request.company, wanted=wanted)
    rules, home = soc_rules.in_force(), reverse("console:devices", args=[request.company.pk])
    shown = [line.pk for line in page.rows]
    about_to_go = going.among(shown)
    may_plan = request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk)
    carried = picking.carried(request, shown=shown) if may_plan else Carried()
    context = {
        "crumbs": navigation.way(request.company, Crumb(word="Devices")),
        "company_tabs": navigation.tabs(request, "devices"),
        "wanted": wanted,
        "tabs": [
            Place(
                word=_TAB_WORDS[tab],
                url=_address(request, replace(wanted, tab=tab), carried),
                count=str(counts[tab]),
                is_here=tab is wanted.tab,
                tone="warn" if tab is Which.HELD and counts[tab].lines else "",
            )
            for tab in Which
        ],
        "rows": [
            rows.of_line(
                line,
                url=f"{home}{line.pk}/",
                is_going=line.pk in about_to_go,
                is_picked=line.pk in carried.picked,
                channel=rules.channel_of(line.soc_code),
            )
            for line in page.rows
        ],
        "carried": carried,
        "is_deleted": wanted.tab is Which.DELETED,
        "count": counts[wanted.tab],
        "sorts": [(sort.value, word, sort is wanted.sort) for sort, word in _SORT_WORDS.items()],
        "plain": _address(request, Wanted(tab=wanted.tab), carried),
        "is_later_page": after is not None,
        "next_key": page.next,
        "may_plan": may_plan,
        "may_pick": may_plan and wanted.tab is Which.ACTIVE and bool(page.rows),
    }
    return render(request, "console/devices.html", context)


def _wanted_of(request: HttpRequest) -> Wanted:
    asked = request.GET
    return Wanted(
        tab=Which(asked["tab"]) if asked.get("tab") in set(Which) else Which.ACTIVE,
        text=asked.get("text", "").strip()[:100],
        sort=Sort(asked["sort"]) if asked.get("sort") in _SORT_WORDS else Sort.NUMBER,
    )


def _address(request: WebRequest, wanted: Wanted, carried: Carried) -> str:
    said = {
        "tab": "" if wanted.tab is Which.ACTIVE else wanted.tab.value,
        "text": wanted.text,
        "sort": "" if wanted.sort is Sort.NUMBER else wanted.sort.value,
    }
    return carried.address(reverse("console:devices", args=[request.company.pk]), said)


def device(request: WebRequest, coid: int, device_id: int) -> HttpResponse:  # noqa: ARG001
    """Show one line: facts, SOC code in words with the rule that matched, Deleted Datetime, hold, and timeline."""
    row = Device.objects.filter(company=request.company, pk=device_id).first()
    if row is None:
        raise Http404
    items = list(
        OperationItem.objects.filter(device=row, company=request.company)
        .select_related("operation")
        .order_by("-id")[:_OPERATIONS_SHOWN]
    )
    rules = soc_rules.in_force()
    channel = rules.channel_of(row.soc_code)
    open_operation = next((item.operation for item in items if item.is_open), None)
    may_plan = request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk)
    context = {
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
        "bill_sentence": bill_sentence(channel, lines=1),
        "others": Device.objects.filter(number=row.number)
        .exclude(pk=row.pk)
        .select_related("company")
        .order_by("-deleted_at", "pk")[:_OTHERS_SHOWN],
        "may_delete": may_plan and row.is_live and not row.is_held and open_operation is None,
    }
    return render(request, "console/device.html", context)


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
