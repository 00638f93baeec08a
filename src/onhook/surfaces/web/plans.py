"""A plan as either face shows it and takes its confirmation; which face it is, the access table says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from onhook import clock
from onhook.billing.channels import Channel, bill_sentence
from onhook.config import wiring
from onhook.devices.models import Device
from onhook.operations import confirming, ending, handing_over, planning
from onhook.operations.models import OperationItem, Plan, PlanItem
from onhook.operations.vocabulary import PlanState
from onhook.surfaces.web import addresses, findings, freshness, letters, standing, words
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.actor import Surface
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Permission
from onhook.ui.states import Look

_LINES_SHOWN = 5
_LINES_LISTED = 100
_LINES_STUCK = 20
_KEY = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True)
class Bill:
    """What happens to the bill of the lines of one channel."""

    channel: str
    sentence: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """A line of a plan that cannot go as it stands, with its page and that of the operation that has it."""

    number: str
    device: Device
    look: Look
    url: str
    operation_url: str


@dataclass(frozen=True, kw_only=True)
class InTheWay:
    """The lines that stop a plan, and how many others could be planned without them."""

    count: int
    shown: Sequence[Obstacle]
    others: int

    @property
    def rest(self) -> int:
        return self.count - len(self.shown)


@dataclass(frozen=True)
class Problem:
    """Why nothing was done: at which field of the page, where it is one, and what was written there."""

    text: str
    field: str = ""
    said: str = ""


Show = Callable[[WebRequest, Plan, Problem, int], HttpResponse]


def request_key(request: WebRequest) -> str:
    """Return the key by which a form that is sent twice makes one plan; a new one for what no page of ours wrote."""
    key = request.POST.get("key", "")
    return key if _KEY.fullmatch(key) else uuid4().hex


def of(request: WebRequest, plan_id: UUID) -> Plan:
    """Return a deletion's plan of the page's company; anything else does not exist."""
    made = (
        Plan.objects.select_related("company", "requester", "created_by")
        .filter(company=request.company, pk=plan_id, line_count__gt=0)
        .first()
    )
    if made is None:
        raise Http404
    return made


def address(request: WebRequest, plan: Plan) -> str:
    return reverse(_route(request, "plan"), args=[request.company.pk, plan.pk])


def address_for(person: User, plan: Plan) -> str:
    """Return the plan's page on the face that this person works with: support's is the console."""
    face = Surface.CONSOLE if person.is_staff_member else Surface.PORTAL
    return reverse(f"{face.value}:plan", args=[plan.company_id, plan.pk])


def _route(request: WebRequest, page: str) -> str:
    return f"{request.access.face.value}:{page}"


def _device_url(request: WebRequest, device_id: int) -> str:
    return reverse(_route(request, "device"), args=[request.company.pk, device_id])


def operation_of(request: WebRequest, plan: Plan) -> HttpResponseBase | None:
    """Return the way to the operation when the plan was confirmed already."""
    if plan.state != PlanState.CONFIRMED:
        return None
    return redirect(_route(request, "operation"), request.company.pk, plan.operation.pk)


def context(request: WebRequest, plan: Plan, problem: Problem | None) -> dict[str, Any]:
    """Return what a plan's page shows, whichever face it wears; its lines go by pages of `?after=<position>`."""
    after = addresses.whole(request.GET.get("after", "")) or 0
    after = after if after < plan.line_count else 0
    stands = standing.of(plan, now=clock.now())
    is_stopped = bool(plan.blocks) and plan.state == PlanState.OPEN
    in_the_way = _in_the_way(request, plan) if stands.has_obstacles else None
    if is_stopped and in_the_way is None:
        stands = standing.maybe_free(stands)
    ordered = plan.items.select_related("device").order_by("position")
    listed = list(ordered.filter(position__gt=after)[: _LINES_LISTED + 1])
    items = listed[:_LINES_LISTED]
    return {
        "plan": plan,
        "shown": items if not after else list(ordered[:_LINES_SHOWN]),
        "items": items,
        "after": after,
        "next": items[-1].position if len(listed) > len(items) else 0,
        "rest": plan.line_count - len(items),
        "range": f"{items[0].position:,} to {items[-1].position:,}" if items else "none",
        "bills": _bills(plan),
        "in_the_way": in_the_way,
        "checks": findings.of(
            plan, address=lambda pk: reverse(_route(request, "device"), args=[request.company.pk, pk])
        ),
        "standing": stands,
        "is_stopped": is_stopped,
        "may_confirm": request.actor.may(Permission.CONFIRM_DELETION, company_id=request.company.pk),
        "waits_for_requester": confirming.waits_for_requester(plan, person=request.user),
        "may_plan": request.actor.may(Permission.PLAN_DELETION, company_id=request.company.pk),
        **_ends(request, plan, is_open=stands.is_open),
        "is_fresh": freshness.is_fresh(request),
        "problem": problem,
        "again_url": reverse(_route(request, "plan-again"), args=[request.company.pk, plan.pk]),
        "again": freshness.address(then=address(request, plan)),
    }


def _ends(request: WebRequest, plan: Plan, *, is_open: bool) -> dict[str, object]:
    """Return where this person ends an open plan without confirming it: nowhere, if that is not for them."""
    coid = request.company.pk
    may_decline = is_open and ending.may_decline(plan, actor=request.actor)
    may_withdraw = is_open and ending.may_withdraw(plan, actor=request.actor)
    return {
        # Support has no plans to decline: a customer asks and confirms.
        "decline_url": reverse("portal:plan-decline", args=[coid, plan.pk]) if may_decline else "",
        "withdraw_url": reverse(_route(request, "plan-withdraw"), args=[coid, plan.pk]) if may_withdraw else "",
        "most_words": ending.MOST_WORDS,
    }


def _in_the_way(request: WebRequest, plan: Plan) -> InTheWay | None:
    """Return the lines that cannot go now; None when all can."""
    able = handing_over.able(plan)
    others = able.count()
    if others == plan.line_count:
        return None
    stuck = plan.items.exclude(pk__in=able.values("pk")).select_related("device").order_by("position")
    shown = list(stuck[:_LINES_STUCK])
    open_items = OperationItem.objects.filter(
        company=plan.company, device__in=[item.device_id for item in shown], is_open=True
    )
    busy = dict(open_items.values_list("device_id", "operation_id"))
    return InTheWay(
        count=plan.line_count - others,
        shown=[_obstacle(request, item, busy.get(item.device_id)) for item in shown],
        others=others,
    )


def _obstacle(request: WebRequest, item: PlanItem, operation_id: UUID | None) -> Obstacle:
    coid = request.company.pk
    return Obstacle(
        number=item.number,
        device=item.device,
        look=words.device(item.device, is_going=operation_id is not None),
        url=_device_url(request, item.device_id),
        operation_url=reverse(_route(request, "operation"), args=[coid, operation_id]) if operation_id else "",
    )


def _bills(plan: Plan) -> list[Bill]:
    counted = plan.items.order_by("channel").values_list("channel").annotate(Count("pk"))
    return [Bill(code, bill_sentence(Channel(code), lines=lines), lines) for code, lines in counted]


def confirm(request: WebRequest, plan: Plan, *, show: Show) -> HttpResponseBase:
    """Take the confirmation: what shows that somebody read the plan, and fresh proof of who they are."""
    if not freshness.is_fresh(request):
        return freshness.ask_again(then=address(request, plan))
    if request.POST.get("typed", "").strip().replace(",", "") != handing_over.proof_of_reading(plan):
        asked = "the last four digits of the number" if plan.line_count == 1 else "the number of lines"
        problem = Problem(f"That does not fit the plan. Type {asked}.", field="typed")
        # Somebody else may have confirmed it while the page was open: lines are going then.
        return operation_of(request, plan) or show(request, plan, problem, 422)
    try:
        operation = confirming.confirm(
            company=request.company,
            plan_id=plan.pk,
            plan_hash=request.POST.get("plan_hash", ""),
            actor=request.actor,
            now=clock.now(),
        )
    except confirming.AlreadyConfirmed as known:
        messages.info(request, "This plan was confirmed before; nothing was started a second time.")
        return redirect(_route(request, "operation"), request.company.pk, known.operation.pk)
    except confirming.PlanVoid as void:
        messages.warning(request, f"{void} Read the new plan and confirm that one." if void.replacement else str(void))
        return redirect(address(request, void.replacement or plan))
    except confirming.UnableToConfirm as refusal:
        plan.refresh_from_db()
        return operation_of(request, plan) or show(request, plan, Problem(str(refusal)), 409)
    return redirect(_route(request, "operation"), request.company.pk, operation.pk)


def renew(request: WebRequest, plan: Plan) -> HttpResponseBase:
    """Plan the same request anew: the plan expired, is void or stopped, or its operation deleted nothing."""
    try:
        renewed = handing_over.renew(
            plan=plan,
            actor=request.actor,
            now=clock.now(),
            ports=wiring.ports(),
            is_only_able=request.POST.get("lines") == "able",
        )
    except planning.UnableToPlan as refusal:
        messages.error(request, str(refusal))
        return redirect(address(request, plan))
    return redirect(address(request, renewed))


def withdraw(request: WebRequest, plan: Plan) -> HttpResponseBase:
    """End a plan because whoever made it does not want it any more."""
    try:
        ending.withdraw(company=request.company, plan_id=plan.pk, actor=request.actor, now=clock.now())
    except ending.UnableToEnd as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The plan is withdrawn. Nothing was deleted.{_told_requester(request, plan)}")
    return redirect(address(request, plan))


def _told_requester(request: WebRequest, plan: Plan) -> str:
    """Tell whoever was sent the plan to confirm it that it is over, and return that as a sentence; empty if nobody."""
    if not handing_over.was_sent(plan):
        return ""
    to = plan.requester
    return f" {to.full_name} is told by mail." if tell(request, plan, to=to, template="plan_withdrawn") else ""


def tell(request: WebRequest, plan: Plan, *, to: User, template: str) -> bool:
    """Write to somebody about a plan, with the way to its page; whether they have an address."""
    context = {
        "plan": plan,
        "to": to,
        "by": request.user,
        "address": letters.address(request, address_for(to, plan)),
    }
    return letters.tell(to=to.email, template=f"web/mail/{template}", context=context)
