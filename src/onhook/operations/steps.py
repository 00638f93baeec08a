"""The step rows: how far a run is, how often a step was tried, and what it saw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from onhook.clock import ClockTimestamp
from onhook.operations.models import Operation, Step
from onhook.operations.vocabulary import StepName, StepState

_POSITIONS = {name: position for position, name in enumerate(StepName, start=1)}


# One statement, as it opens every step.
_START = """
    WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)
    INSERT INTO operations_step
        (operation_id, company_id, name, position, state, tries, problem, evidence, started_at)
    SELECT %s, %s, %s, %s, 'running', 0, '', '{}', now FROM clock
    ON CONFLICT (operation_id, name) DO UPDATE SET state = 'running', finished_at = NULL
    RETURNING *, (SELECT now FROM clock) AS now
"""


def start(*, operation: Operation, name: StepName) -> tuple[Step, datetime]:
    """Return the step's row, running, made when it is not there yet, and the database's time now."""
    step = Step.objects.raw(_START, [operation.pk, operation.company_id, name.value, _POSITIONS[name]])[0]
    return step, vars(step)["now"]


def finish(step: Step, *, evidence: dict[str, Any]) -> None:
    """Mark the step done with what it saw, at the database's time."""
    step.state, step.evidence, step.problem = StepState.DONE.value, evidence, ""
    step.finished_at = ClockTimestamp()
    step.save(update_fields=["state", "evidence", "finished_at", "problem"])


def set_back(*, operation: Operation, name: StepName, state: StepState, problem: str, failed: bool) -> int:
    """Note that the step could not finish now; return the number of failed tries so far."""
    step, _ = start(operation=operation, name=name)
    step.state, step.problem = state.value, problem
    step.tries += 1 if failed else 0
    step.save(update_fields=["state", "problem", "tries"])
    return step.tries
