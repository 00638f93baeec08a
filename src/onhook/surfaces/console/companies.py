"""A company at a glance: facts, bill, what people decided, people, and the billing link sent again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.operations import billing_link as links
from onhook.operations import overview
from onhook.operations.planning import Request
from onhook.operations.vocabulary import HowChecked, Reason
from onhook.surfaces.console import bills, navigation
from onhook.surfaces.console.forms import RequestForm
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb

_MOST_PEOPLE = 500


def company(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001  # the wall read it
    """Show what is on record; the billing systems are asked after the page is there."""
    return render(request, "console/company.html", _context(request))


def _context(request: WebRequest) -> dict[str, object]:
    return {
        "crumbs": navigation.way(request.company),
        "tabs": navigation.tabs(request, "company"),
        "known": overview.of(request.company),
        "bill_url": _bill_url(request),
        "may_send_link": request.actor.may(Permission.REQUEST_BILLING_LINK, company_id=request.company.pk),
    }


def bill(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001
    """Ask the billing systems now, see `bills`."""
    return bills.answer(
        request,
        address=_bill_url(request),
        page=lambda seen: render(request, "console/company.html", {**_context(request), "bill": seen}),
    )


def _bill_url(request: WebRequest) -> str:
    return reverse("console:company-bill", args=[request.company.pk])


def people(request: WebRequest, coid: int) -> HttpResponse:  # noqa: ARG001
    """List the company's people, those who may ask for a deletion first."""
    rows = list(User.objects.filter(company=request.company).order_by("full_name", "pk")[:_MOST_PEOPLE])
    rows.sort(key=lambda user: not user.may_request_for(company_id=request.company.pk))
    context = {
        "crumbs": navigation.way(request.company, Crumb(word="People")),
        "tabs": navigation.tabs(request, "people"),
        "people": [(user, user.may_request_for(company_id=request.company.pk)) for user in rows],
    }
    return render(request, "console/people.html", context)


def billing_link(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001
    """Mail the checked billing link to an Admin or Super User who asked for it; no line is touched."""
    form = RequestForm(request.POST or None, company=request.company)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        asked = Request(
            requester=said["requester"],
            how_checked=HowChecked(said["how_checked"]),
            reason=Reason.OTHER,
            ticket_reference=said["ticket_reference"],
        )
        try:
            operation = links.request_link(company=request.company, request=asked, actor=request.actor, now=clock.now())
        except links.UnableToSendLink as refusal:
            messages.error(request, str(refusal))
        else:
            return redirect("console:operation", request.company.pk, operation.pk)
    context = {"crumbs": navigation.way(request.company, Crumb(word="Billing link")), "form": form}
    return render(request, "console/billing_link.html", context)
