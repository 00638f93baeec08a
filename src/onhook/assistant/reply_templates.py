"""Replies that agents start from, by who bills and how the request stands. They read and change them before sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onhook.assistant import cases
from onhook.assistant.models import Case
from onhook.billing import rules
from onhook.billing.channels import Channel
from onhook.devices import numbers
from onhook.operations import handing_over
from onhook.operations.models import Plan
from onhook.operations.vocabulary import Outcome


class PlanStanding(StrEnum):
    """How a plan stands that became no operation."""

    WAITS = "waits"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Template:
    """
    A reply. It fits every channel, outcome or standing of a plan that it does not name.

    `{line}` becomes "line", with its number if there is one, and `{confirmer}` who may confirm the plan.
    """

    code: str
    label: str | Promise
    text: str | Promise
    channels: frozenset[Channel] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    plan_standing: PlanStanding | None = None


TEMPLATES: tuple[Template, ...] = (
    Template(
        code="done_shop",
        label=gettext_lazy("Done, billed by the shop"),
        channels=frozenset({Channel.SHOP}),
        outcomes=frozenset({Outcome.VERIFIED}),
        text=gettext_lazy(
            "The {line} is deleted, and we checked it. Your bill at the 2Checkout portal does not follow by "
            "itself: please open the link in our other mail and lower the count by the number of deleted lines."
        ),
    ),
    Template(
        code="done_direct",
        label=gettext_lazy("Done, billed directly"),
        channels=frozenset({Channel.DIRECT}),
        outcomes=frozenset({Outcome.VERIFIED}),
        text=gettext_lazy(
            "The {line} is deleted, and we checked it. Your bill follows by itself; there is nothing to do for you."
        ),
    ),
    Template(
        code="done_contract",
        label=gettext_lazy("Done, under a contract"),
        channels=frozenset({Channel.CONTRACT}),
        outcomes=frozenset({Outcome.VERIFIED}),
        text=gettext_lazy(
            "The {line} is deleted, and we checked it. It is part of your contract; your account manager adjusts the "
            "bill."
        ),
    ),
    Template(
        code="partner",
        label=gettext_lazy("Sold by a partner"),
        channels=frozenset({Channel.EXCLUDED_PARTNER}),
        text=gettext_lazy(
            "The {line} was sold to you by a partner of ours, who alone can delete it. Nothing was deleted; "
            "please ask them."
        ),
    ),
    Template(
        code="not_verified",
        label=gettext_lazy("Deleted, the check does not fit yet"),
        outcomes=frozenset({Outcome.MISMATCH, Outcome.TIMED_OUT}),
        text=gettext_lazy(
            "The {line} was deleted, but our check does not show it as it should yet. We look into it and write again."
        ),
    ),
    Template(
        code="not_done",
        label=gettext_lazy("Not deleted, plan it again"),
        outcomes=frozenset({Outcome.VOID, Outcome.REJECTED, Outcome.CANCELLED}),
        text=gettext_lazy(
            "The {line} was not deleted: the request ended before. If the line shall still go, please plan it "
            "again under Administration > Devices."
        ),
    ),
    Template(
        code="not_confirmed",
        label=gettext_lazy("Planned, nobody confirmed it"),
        plan_standing=PlanStanding.WAITS,
        text=gettext_lazy(
            "The deletion of the {line} is planned and nobody confirmed it yet. The plan waits under Operations for "
            "{confirmer}. Nothing is deleted before it is confirmed there."
        ),
    ),
    Template(
        code="plan_again",
        label=gettext_lazy("Plan it again"),
        plan_standing=PlanStanding.OVER,
        text=gettext_lazy(
            "The plan to delete the {line} cannot be confirmed any more: a plan is good for a short time, and only "
            "while its line stays as it was. Nothing was deleted by that plan. If the line is still listed under "
            "Administration > Devices and shall go, please plan it again there."
        ),
    ),
    Template(
        code="link",
        label=gettext_lazy("Billing link, send it again"),
        text=gettext_lazy(
            "You get the billing link again at any time: Contact us > My bill > Send my billing link again. It goes to "
            "the mail address of your own sign-in. Nothing is deleted by it."
        ),
    ),
    Template(
        code="new_phone",
        label=gettext_lazy("New phone, same worker"),
        text=gettext_lazy(
            "The {line} stays as it is. Please write to us when the new phone is at hand; then we move the app."
        ),
    ),
    Template(
        code="other_worker",
        label=gettext_lazy("Somebody else takes the number"),
        text=gettext_lazy("The {line} stays as it is. Please write to us who has it from now on, and from when."),
    ),
    Template(
        code="ask_more",
        label=gettext_lazy("Ask for more"),
        text=gettext_lazy("Which line is it about, and what shall happen with it?"),
    ),
)


def fitting(case: Case, *, now: datetime) -> tuple[list[Template], list[Template]]:
    """Return the templates that fit how this case stands, the most exact first, and those that contradict it."""
    channel, outcome, standing = _facts(case, now)

    def contradicts(template: Template) -> bool:
        return (
            bool(template.channels and channel not in template.channels)
            or bool(template.outcomes and outcome not in template.outcomes)
            or bool(template.plan_standing and standing is not template.plan_standing)
        )

    def exactness(template: Template) -> int:
        return -bool(template.outcomes) - bool(template.channels) - bool(template.plan_standing)

    fit = [template for template in TEMPLATES if not contradicts(template)]
    return sorted(fit, key=exactness), [template for template in TEMPLATES if contradicts(template)]


def filled(template: Template, case: Case) -> str:
    """Return the template's text for this case."""
    line = _("line %(number)s") % {"number": numbers.display(case.device.number)} if case.device else _("line")
    nobody_yet = _("an Admin or a Super User of your company")
    confirmer = case.plan.requester.full_name if case.plan else nobody_yet
    greeting = _("Hello %(name)s,") % {"name": case.opened_by.full_name}
    return f"{greeting}\n\n{str(template.text).format(line=line, confirmer=confirmer)}"


def _facts(case: Case, now: datetime) -> tuple[str, str, PlanStanding | None]:
    """Return who bills, how the run ended (nothing while it has not), and how a plan stands that nobody confirmed."""
    operation = cases.operation_of(case)
    item = case.plan.items.first() if case.plan else None
    channel = item.channel if item else rules.in_force().channel_of(case.device.soc_code) if case.device else ""
    return channel, (operation.outcome or "") if operation else "", None if operation else _standing(case.plan, now)


def _standing(plan: Plan | None, now: datetime) -> PlanStanding | None:
    # One that something stands against is neither: another plan would meet the same.
    if plan is None or plan.blocks:
        return None
    return PlanStanding.WAITS if handing_over.can_be_confirmed(plan=plan, now=now) else PlanStanding.OVER
