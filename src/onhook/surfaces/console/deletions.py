"""Delete from the console: who asked and why, the plan with prechecks and bill, and its confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.billing.channels import Channel
from onhook.config import wiring
from onhook.devices.models import Device
from onhook.operations import overview, planning
from onhook.operations.models import Plan
from onhook.operations.vocabulary import HowChecked, Reason
from onhook.surfaces.console import navigation
from onhook.surfaces.console.devices import list_of
from onhook.surfaces.web import picking, plans
from onhook.surfaces.web.asking import DeletionForm
from onhook.surfaces.web.picking import Carried
from onhook.surfaces.web.requests import WebRequest
from onhook.ui.navigation import Crumb

_LINES_SHOWN = 5


def new(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Say who asked, how that was checked and why; sending it makes the plan. Nothing is deleted here."""
    device_ids = picking.chosen(request)
    if not device_ids:
        messages.warning(request, "Tick the lines that are to go first. Nothing was planned.")
        return redirect("console:devices", request.company.pk)
    form = DeletionForm(request.POST or None, company=request.company)
    if request.method == "POST" and form.is_valid():
        try:
            made = _plan(request, device_ids, form)
        except planning.UnableToPlan as refusal:
            messages.error(request, str(refusal))
        else:
            return redirect("console:plan", request.company.pk, made.pk)
    shown = Device.objects.filter(company=request.company, pk__in=device_ids[:_LINES_SHOWN]).order_by("number")
    context = {
        "crumbs": _crumbs(request, "Delete"),
        "form": form,
        "key": plans.request_key(request),
        "count": len(device_ids),
        "shown": shown,
        "rest": len(device_ids) - len(shown),
        "back": _back(request, device_ids),
    }
    return render(request, "console/deletion.html", context)


def _back(request: WebRequest, device_ids: Sequence[int]) -> str:
    """Return where somebody came from: the page of a line, or the list as it was, whose form says its search along."""
    address = list_of(request.company)
    if len(device_ids) == 1 and address.text not in request.GET:
        return reverse("console:device", args=[request.company.pk, device_ids[0]])
    return address.write(address.read(request), Carried(picked=frozenset(device_ids)))


def _plan(request: WebRequest, device_ids: Sequence[int], form: DeletionForm) -> Plan:
    said = form.cleaned_data
    return planning.plan(
        company=request.company,
        device_ids=device_ids,
        request=planning.Request(
            requester=said["requester"],
            how_checked=HowChecked(said["how_checked"]),
            reason=Reason(said["reason"]),
            ticket_reference=said["ticket_reference"],
            note=said["note"],
        ),
        actor=request.actor,
        now=clock.now(),
        request_key=plans.request_key(request),
        ports=wiring.ports(),
    )


def plan(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Show the plan: which lines, prechecks, bill by channel, what the billing systems say; and the way to confirm."""
    made = plans.of(request, plan_id)
    return plans.operation_of(request, made) or _show(request, made)


def _show(
    request: WebRequest, made: Plan, problem: plans.Problem | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = plans.context(request, made, problem)
    planned = sum(bill.lines for bill in context["bills"] if bill.channel == Channel.SHOP)
    context |= {
        "crumbs": _crumbs(request, "Plan"),
        "bill": overview.with_difference(made.preview, company=made.company, planned=planned),
        # What the plan holds is not picked again; of one line, its own page is where it came from.
        "back": _back(request, [item.device_id for item in context["shown"]] if made.line_count == 1 else []),
    }
    return render(request, "console/plan.html", context, status=status)


def confirm(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Take the confirmation."""
    return plans.confirm(request, plans.of(request, plan_id), show=_show)


def again(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Plan the same request anew."""
    return plans.renew(request, plans.of(request, plan_id))


def withdraw(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """End a plan of one's own."""
    return plans.withdraw(request, plans.of(request, plan_id))


def _crumbs(request: WebRequest, here: str) -> list[Crumb]:
    devices = Crumb(word="Devices", url=reverse("console:devices", args=[request.company.pk]))
    return navigation.way(request.company, devices, Crumb(word=here))
