"""How a plan stands that was not confirmed: whether it still can be, and if not, what its page says instead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from onhook.operations import facts, handing_over
from onhook.operations.facts import ChangeKind
from onhook.operations.models import Plan
from onhook.operations.vocabulary import PlanState
from onhook.ui.states import Tone


@dataclass(frozen=True, kw_only=True)
class Standing:
    """
    What a plan's page is headed and says first. One that can be confirmed says nothing of itself here.

    `is_renewable`: the same request can be planned anew, and a line is left for that. `has_obstacles`: some lines
    cannot go as they were planned, and the page names them.
    """

    heading: str = ""
    title: str = ""
    text: str = ""
    tone: Tone = "warn"
    is_renewable: bool = False
    has_obstacles: bool = False

    @property
    def is_open(self) -> bool:
        return not self.heading


def of(plan: Plan, *, now: datetime) -> Standing:
    """Return how a plan stands; why it ended comes before what would stop it as well."""
    changes = facts.changed_lines(plan_id=plan.pk)
    gone = sum(change.kind is ChangeKind.DELETED for change in changes)
    if plan.state != PlanState.OPEN:
        return _ended(plan, gone=gone)
    if plan.blocks:
        return Standing(
            heading="This plan is stopped",
            title="This plan cannot be confirmed.",
            text="See below what stops it. Nothing was deleted.",
            tone="bad",
            has_obstacles=True,
        )
    if gone:
        return _gone(gone, lines=plan.line_count)
    if changes:
        return Standing(
            heading="Facts changed since this plan was made",
            title="This plan cannot be confirmed any more.",
            text=f"{facts.in_words(changes)}. Nothing was deleted. Make it again: the new one says what can go now.",
            is_renewable=True,
            has_obstacles=True,
        )
    if plan.is_expired(at=now):
        return Standing(
            heading="This plan is too old",
            title="This plan is too old to confirm.",
            text="Nothing was deleted. Make it again: it then shows the lines as they are now.",
            is_renewable=True,
        )
    return _busy(handing_over.busy(plan).count(), lines=plan.line_count)


def _busy(busy: int, *, lines: int) -> Standing:
    """Return the standing of a plan of `lines`, `busy` of which an operation of somebody else is deleting."""
    if not busy:
        return Standing()
    some = "This line is" if lines == 1 else "1 of these lines is" if busy == 1 else f"{busy:,} of these lines are"
    return Standing(
        heading=f"{some} being deleted already",
        title="This plan cannot be confirmed now.",
        text=f"Another operation has {'it' if busy == 1 else 'them'}, see below. This plan deleted nothing; it "
        "can be confirmed after all if that operation is cancelled.",
        has_obstacles=True,
    )


def maybe_free(stopped: Standing) -> Standing:
    """Return the standing of a stopped plan none of whose lines is in the way any more."""
    return replace(
        stopped,
        text="No line is in its way now. Make it again: everything is checked anew. Nothing was deleted.",
        tone="warn",
        is_renewable=True,
    )


def _ended(plan: Plan, *, gone: int) -> Standing:
    """Return the standing of a plan that somebody ended, or that its confirmation found void."""
    if plan.state == PlanState.DECLINED:
        return Standing(
            heading="This plan was declined",
            title=f"{plan.requester.full_name} declined it.",
            text=f"“{plan.void_reason}”. Nothing was deleted.",
        )
    if plan.state == PlanState.WITHDRAWN:
        return Standing(
            heading="This plan was withdrawn",
            title=f"{plan.created_by.full_name} withdrew it.",
            text="Nothing was deleted.",
            tone="info",
        )
    return Standing(
        heading="This plan is void",
        title="Facts changed since this plan was made.",
        text=f"{plan.void_reason}. Nothing was deleted.",
        is_renewable=gone < plan.line_count,
        has_obstacles=0 < gone < plan.line_count,
    )


def _gone(gone: int, *, lines: int) -> Standing:
    """Return the standing of a plan of `lines`, `gone` of which were deleted by something else since it was made."""
    if gone == lines:
        one = lines == 1
        return Standing(
            heading="This line is gone already" if one else "These lines are gone already",
            title="There is nothing left to confirm.",
            text=f"{'It was' if one else 'They were'} deleted after this plan was made, not by this plan.",
            tone="info",
        )
    some = "1 of these lines is" if gone == 1 else f"{gone:,} of these lines are"
    return Standing(
        heading=f"{some} gone already",
        title="This plan cannot be confirmed any more.",
        text=f"{some} deleted, but not by this plan, which deleted nothing. Make it again: the new one has the others.",
        is_renewable=True,
        has_obstacles=True,
    )
