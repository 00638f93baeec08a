"""Delete from the console: who asked and why, the plan with prechecks and bill, and its confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.billing.channels import BILL_SENTENCES, Channel
from onhook.config import wiring
from onhook.devices.models import Device
from onhook.operations import confirming, handing_over, overview, planning
from onhook.operations.models import Plan
from onhook.operations.vocabulary import HowChecked, PlanState, Reason
from onhook.surfaces.console import navigation
from onhook.surfaces.console.forms import DeletionForm
from onhook.surfaces.web import addresses, freshness
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb

_LINES_SHOWN = 5
_LINES_LISTED = 50


def new(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Say who asked, how that was checked and why; sending it makes the plan. Nothing is deleted here."""
    device_ids = _picked(request)
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
        "key": request.POST.get("key") or uuid4().hex,
        "count": len(device_ids),
        "shown": shown,
        "rest": len(device_ids) - len(shown),
        "back": _back(request, device_ids),
    }
    return render(request, "console/deletion.html", context)


def _picked(request: WebRequest) -> list[int]:
    """
    Return the ids of the picked lines.

    :raises Http404: one of them is no line of this company.
    """
    asked = {addresses.whole(text) for text in request.GET.getlist("device")}
    chosen = sorted(device_id for device_id in asked if device_id is not None)
    if Device.objects.filter(company=request.company, pk__in=chosen).count() != len(chosen):
        raise Http404
    return chosen


def _back(request: WebRequest, device_ids: Sequence[int]) -> str:
    if len(device_ids) == 1:
        return reverse("console:device", args=[request.company.pk, device_ids[0]])
    return reverse("console:devices", args=[request.company.pk])


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
        request_key=request.POST.get("key", "")[:64],
        ports=wiring.ports(),
    )


def plan(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Show the plan: which lines, prechecks, bill by channel, what the billing systems say; and the way to confirm."""
    made = _plan_of(request, plan_id)
    if made.state == PlanState.CONFIRMED:
        return redirect("console:operation", request.company.pk, made.operation.pk)
    return _show(request, made)


def _plan_of(request: WebRequest, plan_id: UUID) -> Plan:
    made = (
        Plan.objects.select_related("company", "requester", "created_by")
        .filter(company=request.company, pk=plan_id, line_count__gt=0)
        .first()
    )
    if made is None:
        raise Http404
    return made


def _show(request: WebRequest, made: Plan, *, problem: str = "", status: int = 200) -> HttpResponse:
    items = list(made.items.select_related("device").order_by("position")[:_LINES_LISTED])
    channels = sorted(made.items.order_by().values_list("channel", flat=True).distinct())
    context = {
        "crumbs": _crumbs(request, "Plan"),
        "plan": made,
        "items": items,
        "rest": made.line_count - len(items),
        "bills": [(code, BILL_SENTENCES[Channel(code)]) for code in channels],
        "bill": overview.with_difference(made.preview),
        "is_open": made.state == PlanState.OPEN,
        "is_expired": made.is_expired(at=clock.now()),
        "may_confirm": request.actor.may(Permission.CONFIRM_DELETION, company_id=request.company.pk),
        "may_plan": request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk),
        "is_fresh": freshness.is_fresh(request),
        "problem": problem,
        "again": reverse("account_reauthenticate") + f"?next={_address(request, made)}",
        "back": _back(request, [item.device_id for item in items[:2]]),
    }
    return render(request, "console/plan.html", context, status=status)


def _address(request: WebRequest, made: Plan) -> str:
    return reverse("console:plan", args=[request.company.pk, made.pk])


def confirm(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Take the confirmation: the digits or the count that show that somebody read the plan, and fresh proof of who."""
    made = _plan_of(request, plan_id)
    if not freshness.is_fresh(request):
        return freshness.ask_again(then=_address(request, made))
    if request.POST.get("typed", "").strip().replace(",", "") != handing_over.proof_of_reading(made):
        asked = "the last four digits of the number" if made.line_count == 1 else "the number of lines"
        problem = f"That does not fit the plan. Type {asked}. Nothing was started."
        return _show(request, made, problem=problem, status=422)
    try:
        operation = confirming.confirm(
            company=request.company,
            plan_id=made.pk,
            plan_hash=request.POST.get("plan_hash", ""),
            actor=request.actor,
            now=clock.now(),
        )
    except confirming.AlreadyConfirmed as known:
        messages.info(request, "This plan was confirmed before; nothing was started a second time.")
        return redirect("console:operation", request.company.pk, known.operation.pk)
    except confirming.PlanVoid as void:
        messages.warning(request, f"{void} Read the new plan and confirm that one." if void.replacement else str(void))
        return redirect("console:plan", request.company.pk, void.replacement.pk if void.replacement else made.pk)
    except confirming.UnableToConfirm as refusal:
        made.refresh_from_db()
        return _show(request, made, problem=str(refusal), status=409)
    return redirect("console:operation", request.company.pk, operation.pk)


def again(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Plan the same request anew: the old plan expired, is void, or its operation deleted nothing."""
    made = _plan_of(request, plan_id)
    try:
        renewed = handing_over.renew(plan=made, actor=request.actor, now=clock.now(), ports=wiring.ports())
    except planning.UnableToPlan as refusal:
        messages.error(request, str(refusal))
        return redirect(_address(request, made))
    return redirect("console:plan", request.company.pk, renewed.pk)


def _crumbs(request: WebRequest, here: str) -> list[Crumb]:
    devices = Crumb(word="Devices", url=reverse("console:devices", args=[request.company.pk]))
    return navigation.way(request.company, devices, Crumb(word=here))
