"""The first page: one search box over everything, and what waits for support beside it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.billing import rules as soc_rules
from onhook.config import wiring
from onhook.devices.models import Device
from onhook.operations import attention, finding, going
from onhook.operations.finding import Found
from onhook.surfaces.web import rows
from onhook.surfaces.web.requests import WebRequest

# Some dozens of pasted numbers.
_LONGEST = 1_500
# Salesforce is asked on its own here; it may take longer than a plan waits for it.
_PATIENCE = 2


def search(request: WebRequest) -> HttpResponseBase:
    """
    Search; one hit opens, several are listed and none is chosen. Without a text: the queue.

    `crm` asks Salesforce for an account number that nothing here has seen yet: slow, so only when a person wants it.
    """
    text = request.GET.get("q", "").strip()[:_LONGEST]
    if not text:
        return _home(request)
    is_asked, ports = bool(request.GET.get("crm")), wiring.ports()
    if is_asked:
        seconds = _PATIENCE * settings.PREVIEW_SECONDS
        found = finding.in_crm(text=text, actor=request.actor, ports=ports, seconds=seconds)
    else:
        found = finding.anything(text=text, actor=request.actor)
    # Who comes back from the hit by the browser's own way would be sent there again: `list` keeps the list.
    if found.hits == 1 and found.is_all and not request.GET.get("list"):
        return redirect(_address(found))
    rules, about_to_go = soc_rules.in_force(), going.among([line.pk for line in found.devices])
    context = {
        "search_text": text,
        "text": text,
        "found": found,
        "is_asked": is_asked,
        "crm_url": ""
        if is_asked or ports.accounts is None or len(text) > finding.LONGEST_REFERENCE
        else f"?{urlencode({'q': text, 'crm': 1})}",
        "most": finding.MOST_ROWS,
        "most_numbers": finding.MOST_NUMBERS,
        "rows": [
            (
                rows.of_line(
                    line,
                    url=_page_of(line),
                    is_going=line.pk in about_to_go,
                    channel=rules.channel_of(line.soc_code),
                ),
                line.company,
            )
            for line in found.devices
        ],
        "companies": [(company, found.reasons.get(company.pk, "")) for company in found.companies],
    }
    return render(request, "console/search.html", context)


def _home(request: WebRequest) -> HttpResponse:
    queue = attention.queue(actor=request.actor, now=clock.now())
    return render(request, "console/home.html", {"queue": queue, "days": attention.LOOKED_BACK.days})


def _address(found: Found) -> str:
    """Return the page of the only hit."""
    for line in found.devices:
        return _page_of(line)
    for operation in found.operations:
        return reverse("console:operation", args=[operation.company_id, operation.pk])
    for plan in found.plans:
        return reverse("console:plan", args=[plan.company_id, plan.pk])
    return reverse("console:company", args=[found.companies[0].pk])


def _page_of(line: Device) -> str:
    return reverse("console:device", args=[line.company_id, line.pk])
