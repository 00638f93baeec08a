"""Administration > Devices: the list, one line with its history, and the export."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.audit import reading
from onhook.billing import rules as soc_rules
from onhook.billing.channels import bill_sentence
from onhook.devices import listing, numbers
from onhook.devices.models import Device
from onhook.devices.wanted import Key, Line, Sort, Tab, Use, Wanted
from onhook.exchange import exporting
from onhook.exchange.sheets import Kind
from onhook.operations import going
from onhook.operations.models import OperationItem
from onhook.surfaces.web import picking, rows, stories
from onhook.surfaces.web.picking import Carried
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb
from onhook.ui.navigation import Tab as Place

_TAB_WORDS = {Tab.ACTIVE: "Active", Tab.HELD: "On hold", Tab.DELETED: "Deleted"}
USE_WORDS = {
    Use.ANY: "Any use",
    Use.LAST_DAY: "Used in the last day",
    Use.QUIET: "Not used for 30 days",
    Use.NEVER: "Never used",
}
SORT_WORDS = {Sort.NUMBER: "By number", Sort.WORKER: "By worker", Sort.SEEN: "Last used first"}
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
_NOTHING_PICKED = Carried()


@dataclass(frozen=True, kw_only=True)
class _Head:
    """The head of a column: `url` orders the list by it, `order` says that it is ordered so."""

    word: str
    url: str
    order: str


def wanted_of(request: HttpRequest) -> Wanted:
    """Return what the address asks for; what it does not understand counts as not said."""
    asked = request.GET
    return Wanted(
        tab=Tab(asked["tab"]) if asked.get("tab") in set(Tab) else Tab.ACTIVE,
        text=asked.get("q", "").strip()[:100],
        use=Use(asked["use"]) if asked.get("use") in set(Use) else Use.ANY,
        sort=Sort(asked["sort"]) if asked.get("sort") in SORT_WORDS else Sort.NUMBER,
    )


def address(request: WebRequest, wanted: Wanted, carried: Carried = _NOTHING_PICKED) -> str:
    """Return the address of a list, without what is usual, and with what is picked."""
    said = {
        "tab": "" if wanted.tab is Tab.ACTIVE else wanted.tab.value,
        "q": wanted.text,
        "use": wanted.use.value,
        "sort": "" if wanted.sort is Sort.NUMBER else wanted.sort.value,
    }
    return carried.address(_home(request), said)


def devices(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Show the company's lines."""
    wanted = wanted_of(request)
    matching = listing.search(company=request.company, text=wanted.text) if wanted.text else None
    try:
        after = Key.read(request.GET["after"]) if "after" in request.GET else None
        page = listing.page(company=request.company, wanted=wanted, after=after, matching=matching)
    except ValueError:
        return redirect(address(request, wanted, Carried(picked=frozenset(picking.asked(request)))))
    counts = listing.counts(company=request.company, wanted=wanted, matching=matching)
    may_plan = request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk)
    shown = [line.pk for line in page.rows]
    carried = picking.carried(request, shown=shown) if may_plan else _NOTHING_PICKED
    context = {
        "crumbs": [Crumb(word="Administration"), Crumb(word="Devices")],
        "wanted": wanted,
        "tabs": [
            Place(
                word=_TAB_WORDS[tab],
                url=address(request, replace(wanted, tab=tab), carried),
                count=str(counts[tab]),
                is_here=tab is wanted.tab,
                tone="warn" if tab is Tab.HELD and counts[tab].lines else "",
            )
            for tab in Tab
        ],
        "rows": _deleted(request, page.rows)
        if wanted.tab is Tab.DELETED
        else _live(request, page.rows, picked=carried.picked),
        "carried": carried,
        "is_active": wanted.tab is Tab.ACTIVE,
        "is_deleted": wanted.tab is Tab.DELETED,
        "count": counts[wanted.tab],
        "uses": [(use.value, word, use is wanted.use) for use, word in USE_WORDS.items()],
        "sorts": [(sort.value, word, sort is wanted.sort) for sort, word in SORT_WORDS.items()],
        "heads": _heads(request, wanted, carried),
        "use_word": USE_WORDS[wanted.use],
        "without_text": address(request, replace(wanted, text=""), carried),
        "without_use": address(request, replace(wanted, use=Use.ANY), carried),
        "plain": address(request, Wanted(tab=wanted.tab), carried),
        "is_later_page": after is not None,
        "next_key": page.next,
        "may_plan": may_plan,
        "may_pick": may_plan and wanted.tab is Tab.ACTIVE and bool(page.rows),
        "may_pick_all": page.next is not None
        and not counts[wanted.tab].is_more
        and counts[wanted.tab].lines <= listing.MOST_COUNTED,
        "most": listing.MOST_COUNTED,
        "may_export": request.actor.may(Permission.EXPORT_DATA, company_id=request.company.pk),
    }
    return render(request, "portal/devices.html", context)


def _heads(request: WebRequest, wanted: Wanted, carried: Carried) -> list[_Head]:
    """Return the heads of the columns; those that an order goes by lead to it."""
    here = Sort.DELETED if wanted.tab is Tab.DELETED else wanted.sort
    return [
        _Head(
            word=word,
            url=address(request, replace(wanted, sort=sort), carried) if sort and sort is not here else "",
            order=_DIRECTIONS[sort] if sort and sort is here else "",
        )
        for word, sort in _HEADS[wanted.tab]
    ]


def _live(request: WebRequest, lines: Sequence[Line], *, picked: Collection[int]) -> list[dict[str, object]]:
    """Return rows of live lines, and whether each is about to go."""
    home, about_to_go = _home(request), going.among([line.pk for line in lines])
    return [
        rows.of_line(line, url=f"{home}{line.pk}/", is_going=line.pk in about_to_go, is_picked=line.pk in picked)
        for line in lines
    ]


def _deleted(request: WebRequest, lines: Sequence[Line]) -> list[dict[str, object]]:
    """Return rows of deleted lines, each with who confirmed it and the operation's page, where there was one."""
    items = OperationItem.objects.filter(device__in=[line.pk for line in lines], deleted_at__isnull=False)
    by_device = {item.device_id: item for item in items.select_related("operation__confirmed_by").order_by("id")}
    return [rows.of_line(line, url=f"{_home(request)}{line.pk}/") | _how(by_device.get(line.pk)) for line in lines]


def _how(item: OperationItem | None) -> dict[str, object]:
    if item is None:
        return {}
    operation = item.operation
    url = reverse("portal:operation", args=[item.company_id, operation.pk])
    return {"confirmed_by": operation.confirmed_by.full_name, "operation_url": url}


def _home(request: WebRequest) -> str:
    return reverse("portal:devices", args=[request.company.pk])


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
