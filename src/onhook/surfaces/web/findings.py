"""What a plan found, with the lines that each warning is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from onhook.operations.models import Plan
from onhook.operations.prechecks import Level


@dataclass(frozen=True, kw_only=True)
class Named:
    """A line that a warning is about: its number, its worker and its page."""

    number: str
    worker: str
    url: str


def of(plan: Plan, *, address: Callable[[int], str]) -> list[dict[str, Any]]:
    """
    Return the plan's prechecks, each with `named`, the first of its lines, and `more`, how many others there are.

    A plan of one line needs no names, and what stops a plan has its lines under "In the way".
    """
    wanted = {pk for check in plan.prechecks if _has_names(plan, check) for pk in check["devices"]}
    items = plan.items.select_related("device").filter(device__in=wanted) if wanted else []
    lines = {
        item.device_id: Named(number=item.number, worker=item.device.worker, url=address(item.device_id))
        for item in items
    }
    return [_with_names(check, lines if _has_names(plan, check) else {}) for check in plan.prechecks]


def _has_names(plan: Plan, check: dict[str, Any]) -> bool:
    # A plan of an earlier version did not keep which lines they are.
    return bool(plan.line_count > 1 and check["level"] == Level.WARN and check.get("devices"))


def _with_names(check: dict[str, Any], lines: dict[int, Named]) -> dict[str, Any]:
    named = [lines[pk] for pk in check.get("devices", ()) if pk in lines]
    return {**check, "named": named, "more": check["count"] - len(named) if named else 0}
