"""Delete lines: say why, read the plan, confirm it, or send it to somebody who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from onhook import clock
from onhook.billing.channels import BILL_SENTENCES, Channel
from onhook.config import wiring
from onhook.devices import listing
from onhook.devices.models import Device
from onhook.operations import confirming, handing_over, planning
from onhook.operations.models import Plan
from onhook.operations.vocabulary import PlanState, Reason
from onhook.surfaces.portal import devices as lists
from onhook.surfaces.portal.forms import WhyForm
from onhook.surfaces.web import freshness, letters
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb

_LINES_SHOWN = 5
_LINES_LISTED = 100


@dataclass(frozen=True)
class _Picked:
    """What was ticked in the list: some rows, or everything that a search fits."""

    device_ids: Sequence[int]
    is_all: bool
    is_too_many: bool

    @classmethod
    def of(cls, request: WebRequest) -> _Picked:
        if request.GET.get("all"):
            found = listing.ids(company=request.company, wanted=lists.wanted_of(request), now=clock.now())
            return cls(found, True, len(found) > listing.MOST_COUNTED)
        chosen = sorted({int(text) for text in request.GET.getlist("device") if text.isdecimal()})
        known = Device.objects.filter(company=request.company, pk__in=chosen).values_list("pk", flat=True)
        if len(known) != len(chosen):
            raise Http404
        return cls(chosen, False, False)


def new(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Say why the picked lines go; sending it makes the plan, which freezes the set."""
    picked = _Picked.of(request)
    if not picked.device_ids or picked.is_too_many:
        words = (
            f"A plan holds {listing.MOST_COUNTED:,} lines at the most. Search for fewer. Nothing was planned."
            if picked.is_too_many
            else "Tick the lines that are to go first. Nothing was planned."
        )
        messages.warning(request, words)
        return redirect("portal:devices", request.company.pk)
    form = WhyForm(request.POST or None, company=request.company, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = _plan(request, picked, form)
        except planning.UnableToPlan as refusal:
            messages.error(request, str(refusal))
            return redirect("portal:devices", request.company.pk)
        if not made.blocks and not request.actor.may(Permission.CONFIRM_DELETION, company_id=request.company.pk):
            _send(request, made)
        return redirect("portal:plan", request.company.pk, made.pk)
    shown = Device.objects.filter(company=request.company, pk__in=picked.device_ids[:_LINES_SHOWN]).order_by("number")
    context = {
        "crumbs": _crumbs(request.company, "Delete"),
        "form": form,
        "key": request.POST.get("key") or uuid4().hex,
        "count": len(picked.device_ids),
        "picked": picked,
        "shown": shown,
        "rest": len(picked.device_ids) - len(shown),
        "back": reverse("portal:devices", args=[request.company.pk]),
    }
    return render(request, "portal/deletion.html", context)


def _plan(request: WebRequest, picked: _Picked, form: WhyForm) -> Plan:
    said = form.cleaned_data
    return planning.plan(
        company=request.company,
        device_ids=picked.device_ids,
        request=planning.Request(
            requester=form.requester_chosen(),
            how_checked=form.how(),
            reason=Reason(said["reason"]),
            ticket_reference=said.get("ticket_reference", ""),
            note=said["note"],
        ),
        actor=request.actor,
        now=clock.now(),
        request_key=request.POST.get("key", "")[:64],
        ports=wiring.ports(),
    )


def plan(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Show the plan: exactly which lines, what stops, what stays, what the bill does; and the way to confirm it."""
    made = _plan_of(request, plan_id)
    if made.state == PlanState.CONFIRMED:
        return redirect("portal:operation", request.company.pk, made.operation.pk)
    return _show(request, made)


def _plan_of(request: WebRequest, plan_id: UUID) -> Plan:
    made = Plan.objects.select_related("requester", "created_by").filter(company=request.company, pk=plan_id).first()
    if made is None or not made.line_count:
        raise Http404
    return made


def _show(request: WebRequest, made: Plan, *, problem: str = "", status: int = 200) -> HttpResponse:
    items = list(made.items.select_related("device").order_by("position")[:_LINES_LISTED])
    may_confirm = request.actor.may(Permission.CONFIRM_DELETION, company_id=request.company.pk)
    channels = sorted(made.items.order_by().values_list("channel", flat=True).distinct())
    context = {
        "crumbs": _crumbs(request.company, "Plan"),
        "plan": made,
        "items": items,
        "rest": made.line_count - len(items),
        "bills": [(code, BILL_SENTENCES[Channel(code)]) for code in channels],
        "stops": [check for check in made.prechecks if check["level"] != "ok"],
        "is_open": made.state == PlanState.OPEN,
        "is_expired": made.is_expired(at=clock.now()),
        "may_confirm": may_confirm,
        "may_plan": request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk),
        "is_fresh": freshness.is_fresh(request),
        "problem": problem,
        "was_sent": not may_confirm and handing_over.was_sent(made),
        "again": reverse("account_reauthenticate") + f"?next={request.path}",
    }
    return render(request, "portal/plan.html", context, status=status)


def confirm(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Take the confirmation: the digits or the count that show that somebody read the plan, and fresh proof of who."""
    made = _plan_of(request, plan_id)
    address = reverse("portal:plan", args=[request.company.pk, made.pk])
    if not freshness.is_fresh(request):
        return freshness.ask_again(then=address)
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
        return redirect("portal:operation", request.company.pk, known.operation.pk)
    except confirming.PlanVoid as void:
        messages.warning(request, f"{void} Read the new plan and confirm that one." if void.replacement else str(void))
        return redirect("portal:plan", request.company.pk, void.replacement.pk if void.replacement else made.pk)
    except confirming.UnableToConfirm as refusal:
        made.refresh_from_db()
        return _show(request, made, problem=str(refusal), status=409)
    return redirect("portal:operation", request.company.pk, operation.pk)


def again(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Plan the same request anew: an old plan expired or is void."""
    made = _plan_of(request, plan_id)
    try:
        renewed = handing_over.renew(plan=made, actor=request.actor, now=clock.now(), ports=wiring.ports())
    except planning.UnableToPlan as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:plan", request.company.pk, made.pk)
    return redirect("portal:plan", request.company.pk, renewed.pk)


def send(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Send the plan to its requester: it stands in their list, and a link goes out by mail."""
    made = _plan_of(request, plan_id)
    try:
        _send(request, made)
    except planning.UnableToPlan as refusal:
        messages.error(request, str(refusal))
    return redirect("portal:plan", request.company.pk, made.pk)


def _send(request: WebRequest, made: Plan) -> None:
    to = handing_over.send(plan=made, actor=request.actor)
    address = letters.address(request, reverse("portal:plan", args=[request.company.pk, made.pk]))
    mail = letters.write(
        to=to.email,
        template="web/mail/plan_sent",
        context={"plan": made, "to": to, "by": request.user, "address": address},
    )
    if mail:
        letters.post(mail)
    messages.success(request, f"{to.full_name} has the plan in their list{' and a link by mail' if mail else ''}.")


def _crumbs(company: Company, here: str) -> list[Crumb]:
    return [
        Crumb(word="Administration"),
        Crumb(word="Devices", url=reverse("portal:devices", args=[company.pk])),
        Crumb(word=here),
    ]
