"""The step rows: how far a run is, how often a step was tried, and what it saw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from onhook.operations.models import Operation, Step
from onhook.operations.vocabulary import StepName, StepState

_POSITIONS = {name: position for position, name in enumerate(StepName, start=1)}


def start(*, operation: Operation, name: StepName, now: datetime) -> Step:
    """Return the step's row, running, made when it is not there yet."""
    step, is_new = Step.objects.get_or_create(
        operation=operation,
        name=name.value,
        defaults={"company_id": operation.company_id, "position": _POSITIONS[name], "started_at": now},
    )
    if not is_new and step.state != StepState.RUNNING:
        step.state, step.finished_at = StepState.RUNNING.value, None
        step.save(update_fields=["state", "finished_at"])
    return step


def finish(step: Step, *, evidence: dict[str, Any], now: datetime) -> None:
    """Mark the step done with what it saw."""
    step.state, step.evidence, step.finished_at, step.problem = StepState.DONE.value, evidence, now, ""
    step.save(update_fields=["state", "evidence", "finished_at", "problem"])


def set_back(
    *, operation: Operation, name: StepName, state: StepState, problem: str, now: datetime, failed: bool
) -> int:
    """Note that the step could not finish now; return the number of failed tries so far."""
    step = start(operation=operation, name=name, now=now)
    step.state, step.problem = state.value, problem
    step.tries += 1 if failed else 0
    step.save(update_fields=["state", "problem", "tries"])
    return step.tries
