"""Billing: lines paid beside lines in use, and the link to the shop once more."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from onhook import clock
from onhook.config import wiring
from onhook.operations import billing_link as links
from onhook.operations import overview
from onhook.operations.planning import Request
from onhook.operations.vocabulary import Reason
from onhook.surfaces.portal.forms import AskForm
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb

# The shop is asked after the page is there: it may take longer than a plan waits.
_PATIENCE = 2


def billing(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001  # the wall read it
    """Show what is on record; the shop is asked after the page is there."""
    return render(request, "portal/billing.html", _context(request))


def now(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001
    """Ask the shop now: as a part of the page, or as that page where there is no JavaScript."""
    seen = overview.bill(company=request.company, ports=wiring.ports(), seconds=_PATIENCE * settings.PREVIEW_SECONDS)
    if request.htmx:
        return render(request, "portal/parts/bill.html", {"bill": seen})
    return render(request, "portal/billing.html", {**_context(request), "bill": seen})


def _context(request: WebRequest) -> dict[str, object]:
    may_send = request.actor.may(Permission.REQUEST_BILLING_LINK, company_id=request.company.pk)
    why_no_link = links.why_there_is_none(request.company)
    return {
        "crumbs": [Crumb(word="Administration"), Crumb(word="Billing")],
        "known": overview.of(request.company),
        "form": AskForm(company=request.company, person=request.user) if may_send and not why_no_link else None,
        "why_no_link": why_no_link,
    }


def send_link(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001
    """Mail the checked link to whoever asks for it; no line is touched."""
    form = AskForm(request.POST, company=request.company, person=request.user)
    if not form.is_valid():
        return render(request, "portal/billing.html", {**_context(request), "form": form}, status=422)
    asked = Request(
        requester=form.requester_chosen(),
        how_checked=form.how(),
        reason=Reason.OTHER,
        ticket_reference=form.cleaned_data.get("ticket_reference", ""),
    )
    try:
        operation = links.request_link(company=request.company, request=asked, actor=request.actor, now=clock.now())
    except links.UnableToSendLink as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:billing", request.company.pk)
    return redirect("portal:operation", request.company.pk, operation.pk)
