"""Delete lines: say why, read the plan, confirm it, or send it to somebody who may."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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
from onhook.devices import listing
from onhook.devices.models import Device
from onhook.operations import ending, handing_over, planning
from onhook.operations.models import OperationItem, Plan
from onhook.operations.prechecks import Level
from onhook.operations.vocabulary import Reason
from onhook.surfaces.portal.devices import list_of
from onhook.surfaces.portal.forms import WhyForm
from onhook.surfaces.web import line_lists, picking, plans
from onhook.surfaces.web.picking import Carried
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Crumb

_LINES_SHOWN = 5
# SOC codes are support's word; for whoever looks at their lines it matters what happens.
_FOR_CUSTOMERS = {
    "soc_code": {
        "level": Level.WARN.value,
        "message": "It is not known yet who sends the bill.",
        "what_to_do": "Support decides that first. Nothing is deleted before, and you hear from us by mail.",
    }
}


@dataclass(frozen=True)
class _Picked:
    """What was ticked in the list: some rows, or everything that a search fits."""

    device_ids: Sequence[int]
    is_all: bool = False
    beside: frozenset[int] = frozenset()
    """Lines that are ticked as well, but do not fit the search whose lines all go; they stay ticked."""
    refusal: str = ""
    """Why there is nothing to plan; empty when there is."""

    @property
    def mark(self) -> str:
        """Which lines all of a search are, for the form that shows them; nothing of lines that somebody ticked."""
        return line_lists.mark_of(self.device_ids) if self.is_all else ""

    @classmethod
    def of(cls, request: WebRequest) -> _Picked:
        if "all" in request.GET:
            return cls._all(request)
        picked = picking.chosen(request)
        return cls(picked, refusal="" if picked else "Tick the lines that are to go first. Nothing was planned.")

    @classmethod
    def _all(cls, request: WebRequest) -> _Picked:
        ticked = frozenset(picking.asked(request))
        wanted = list_of(request.company).read(request)
        if request.GET["all"] != line_lists.mark(wanted):
            words = "The search was changed after its lines were shown. Look at what it finds now. Nothing was planned."
            return cls((), is_all=True, beside=ticked, refusal=words)
        fitting = listing.ids(company=request.company, wanted=wanted)
        if len(fitting) > listing.MOST_COUNTED:
            words = f"A plan holds {listing.MOST_COUNTED:,} lines at the most. Search for fewer. Nothing was planned."
            return cls((), is_all=True, beside=ticked, refusal=words)
        # They cannot be ticked in the list either: one of them would stop the whole plan.
        open_items = OperationItem.objects.filter(company=request.company, is_open=True)
        going = set(open_items.values_list("device_id", flat=True))
        able = [pk for pk in fitting if pk not in going]
        words = "" if able else "No line that fits the search can go now. Nothing was planned."
        return cls(able, is_all=True, beside=_own(request.company, ticked.difference(fitting)), refusal=words)

    def list_address(self, request: WebRequest) -> str:
        """Return the address of the list with the same ticked."""
        address = list_of(request.company)
        ticked = self.beside if self.is_all else frozenset(self.device_ids)
        return address.write(address.read(request), Carried(picked=ticked))


def _own(company: Company, device_ids: Collection[int]) -> frozenset[int]:
    return frozenset(line.pk for line in listing.lines(company=company, device_ids=sorted(device_ids)))


def new(request: WebRequest, coid: int) -> HttpResponseBase:  # noqa: ARG001  # the wall read it
    """Say why the picked lines go; sending it makes the plan, which freezes the set."""
    picked = _Picked.of(request)
    if picked.refusal:
        messages.warning(request, picked.refusal)
        return redirect(picked.list_address(request))
    form = WhyForm(request.POST or None, company=request.company, person=request.user, lines=len(picked.device_ids))
    is_other_set = request.method == "POST" and request.POST.get("lines", "") != picked.mark
    if request.method == "POST" and form.is_valid() and not is_other_set:
        try:
            made = _plan(request, picked, form)
        except planning.UnableToPlan as refusal:
            messages.error(request, str(refusal))
            return redirect(picked.list_address(request))
        if not made.blocks and not request.actor.may(Permission.CONFIRM_DELETION, company_id=request.company.pk):
            _send_if_possible(request, made)
        return redirect("portal:plan", request.company.pk, made.pk)
    shown = Device.objects.filter(company=request.company, pk__in=picked.device_ids[:_LINES_SHOWN]).order_by("number")
    context = {
        "crumbs": _crumbs(request.company, "Delete"),
        "form": form,
        "key": plans.request_key(request),
        "count": len(picked.device_ids),
        "picked": picked,
        "is_other_set": is_other_set,
        "shown": shown,
        "rest": len(picked.device_ids) - len(shown),
        "back": picked.list_address(request),
    }
    status = HTTPStatus.CONFLICT if is_other_set else HTTPStatus.OK
    return render(request, "portal/deletion.html", context, status=status)


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
        request_key=plans.request_key(request),
        ports=wiring.ports(),
    )


def plan(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Show the plan: exactly which lines, what stops, what stays, what the bill does; and the way to confirm it."""
    made = plans.of(request, plan_id)
    return plans.operation_of(request, made) or _show(request, made)


def _show(
    request: WebRequest, made: Plan, problem: plans.Problem | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = plans.context(request, made, problem)
    stops = [check for check in context["checks"] if check["level"] != Level.OK]
    context |= {
        "crumbs": _crumbs(request.company, "Plan"),
        "is_undecided": any(check["code"] == "soc_code" for check in stops),
        "stops": [{**check, **_FOR_CUSTOMERS.get(check["code"], {})} for check in stops],
        "was_sent": (not context["may_confirm"] or context["waits_for_requester"]) and handing_over.was_sent(made),
        "in_use_afterwards": made.preview.get("lines_in_use", 0)
        - sum(bill.lines for bill in context["bills"] if bill.channel == Channel.SHOP),
    }
    return render(request, "portal/plan.html", context, status=status)


def confirm(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Take the confirmation."""
    return plans.confirm(request, plans.of(request, plan_id), show=_show)


def again(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Plan the same request anew."""
    return plans.renew(request, plans.of(request, plan_id))


def send(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Send the plan to its requester: it stands in their list, and a link goes out by mail."""
    made = plans.of(request, plan_id)
    _send_if_possible(request, made)
    return redirect("portal:plan", request.company.pk, made.pk)


def decline(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """End the plan because whoever was asked to confirm it does not, and tell its maker why."""
    made = plans.of(request, plan_id)
    said = request.POST.get("words", "")
    try:
        declined = ending.decline(
            company=request.company, plan_id=made.pk, actor=request.actor, words=said, now=clock.now()
        )
    except ending.UnfitWords as problem:
        shown = plans.Problem(str(problem), field="words", said=said)
        return plans.operation_of(request, made) or _show(request, made, shown, 422)
    except ending.UnableToEnd as refusal:
        messages.error(request, str(refusal))
    else:
        _tell_maker(request, declined)
    return redirect("portal:plan", request.company.pk, made.pk)


def _tell_maker(request: WebRequest, declined: Plan) -> None:
    maker = declined.created_by
    is_told = plans.tell(request, declined, to=maker, template="plan_declined")
    told = f" {maker.full_name} is told by mail." if is_told else f" {maker.full_name} reads it on the plan's page."
    messages.success(request, f"The plan is declined. Nothing was deleted.{told}")


def withdraw(request: WebRequest, coid: int, plan_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """End a plan of one's own."""
    return plans.withdraw(request, plans.of(request, plan_id))


def _send_if_possible(request: WebRequest, made: Plan) -> None:
    try:
        _send(request, made)
    except planning.UnableToPlan as refusal:
        messages.error(request, str(refusal))


def _send(request: WebRequest, made: Plan) -> None:
    to = handing_over.send(plan=made, actor=request.actor, now=clock.now())
    is_mailed = plans.tell(request, made, to=to, template="plan_sent")
    messages.success(request, f"{to.full_name} has the plan in their list{' and a link by mail' if is_mailed else ''}.")


def _crumbs(company: Company, here: str) -> list[Crumb]:
    return [
        Crumb(word="Administration"),
        Crumb(word="Devices", url=reverse("portal:devices", args=[company.pk])),
        Crumb(word=here),
    ]
