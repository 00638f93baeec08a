"""The first page: one search box over everything, and what waits for support beside it."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.billing import rules as soc_rules
from onhook.operations import attention, finding
from onhook.operations.finding import Found
from onhook.surfaces.web.requests import WebRequest

_LONGEST = 100


def search(request: WebRequest) -> HttpResponseBase:
    """Search; one hit opens, several are listed and none is chosen. Without a text: the queue."""
    text = request.GET.get("q", "").strip()[:_LONGEST]
    if not text:
        return _home(request)
    found = finding.anything(text=text, actor=request.actor)
    # Who comes back from the hit by the browser's own way would be sent there again: `list` keeps the list.
    if found.hits == 1 and not request.GET.get("list"):
        return redirect(_address(found))
    rules = soc_rules.in_force()
    context = {
        "search_text": text,
        "text": text,
        "found": found,
        "most": finding.MOST_ROWS,
        "rows": [(row, rules.channel_of(row.soc_code).value) for row in found.devices],
        "companies": [(company, found.reasons.get(company.pk, "")) for company in found.companies],
    }
    return render(request, "console/search.html", context)


def _home(request: WebRequest) -> HttpResponse:
    queue = attention.queue(actor=request.actor, now=clock.now())
    return render(request, "console/home.html", {"queue": queue, "days": attention.LOOKED_BACK.days})


def _address(found: Found) -> str:
    """Return the page of the only hit."""
    for row in found.devices:
        return reverse("console:device", args=[row.company_id, row.pk])
    for operation in found.operations:
        return reverse("console:operation", args=[operation.company_id, operation.pk])
    for plan in found.plans:
        return reverse("console:plan", args=[plan.company_id, plan.pk])
    return reverse("console:company", args=[found.companies[0].pk])
