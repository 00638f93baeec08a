"""Show an operation, once or until it is over."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from uuid import UUID

import typer
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from onhook.devices import numbers
from onhook.operations import status as statuses
from onhook.operations.models import Step
from onhook.operations.status import Status
from onhook.operations.vocabulary import STEP_LABELS, Outcome, StepName
from onhook.surfaces.cli import output, views
from onhook.surfaces.cli.exits import Exit
from onhook.tenancy.actor import Actor

_LOOK_SECONDS = 0.2


def exit_for(seen: Status) -> Exit:
    """Return the exit code that tells a script how the operation stands."""
    if not seen.operation.is_closed:
        return Exit.NEEDS_ANSWER
    return Exit.DONE if seen.operation.outcome in {Outcome.VERIFIED, Outcome.DONE} else Exit.NOT_VERIFIED


def watch_until_over(operation_id: UUID, *, actor: Actor, as_json: bool) -> None:
    """Follow the operation until it is closed or waits for a person; print it then, and end with its exit code."""
    seen = statuses.status(operation_id=operation_id, actor=actor)
    if sys.stdout.isatty() and not as_json:
        with Live(_steps_table(seen), console=output.console, transient=True) as live:
            while not _is_still(seen):
                time.sleep(_LOOK_SECONDS)
                seen = statuses.status(operation_id=operation_id, actor=actor)
                live.update(_steps_table(seen))
    while not _is_still(seen):
        time.sleep(_LOOK_SECONDS)
        seen = statuses.status(operation_id=operation_id, actor=actor)
    output.emit(as_json=as_json, data=views.status(seen), show=lambda: show_status(seen))
    raise typer.Exit(exit_for(seen))


def _is_still(seen: Status) -> bool:
    return seen.operation.is_closed or bool(seen.open_questions)


def show_status(seen: Status) -> None:
    """Print everything on the operation."""
    operation = seen.operation
    word = operation.outcome if operation.is_closed else operation.state
    output.say(f"Operation {operation.pk}: delete {_lines(operation.line_count)} of {operation.company}")
    output.console.print(f"  {output.state(word)}  {escape(operation.outcome_reason)}")
    output.say(
        f"  asked by {operation.plan.requester.login} ({operation.plan.how_checked}), "
        f"confirmed by {operation.confirmed_by.login} at {output.time(operation.confirmed_at)}"
        + (f", ticket {operation.plan.ticket_reference}" if operation.plan.ticket_reference else "")
    )
    output.console.print(_steps_table(seen))
    _show_lines(seen)
    for question in seen.questions:
        mark = "waiting" if question.is_open else "answered with " + (question.answer or "nothing, withdrawn")
        output.say(f"Question {question.pk} ({mark}): {question.text}")
        for choice in question.choices if question.is_open else []:
            output.say(f"    onhook answer {question.pk} {choice['code']} --reason ...   {choice['label']}")
    if seen.notice:
        notice = seen.notice
        output.console.print(
            f"Mail to {escape(notice.recipient.login)}: {output.state(notice.state)}  "
            f"{escape(notice.subject)}  {output.time(notice.sent_at)} {escape(notice.problem)}"
        )


def _steps_table(seen: Status) -> Table:
    drawn = Table.grid(padding=(0, 2))
    for step in seen.steps:
        label = f"[bold]{escape(STEP_LABELS[StepName(step.name)])}[/bold]"
        drawn.add_row(output.state(step.state), _seconds(step), " ".join([label, _tries(step)]).strip())
        for line in _evidence(step):
            drawn.add_row("", "", f"[dim]{escape(line)}[/dim]")
    if not seen.steps:
        drawn.add_row(output.state("running"), "", "waits for a worker")
    return drawn


def _seconds(step: Step) -> str:
    if step.finished_at is None:
        return f"since {step.started_at:%H:%M:%S}"
    return f"{(step.finished_at - step.started_at).total_seconds() * 1000:.0f} ms"


def _tries(step: Step) -> str:
    return f"({step.tries + 1} tries)" if step.tries else ""


def _evidence(step: Step) -> list[str]:
    """Return what the step saw as short lines: an outcome first, then the rest in the order it was kept."""
    said = [
        f"{key.replace('_', ' ')}: {_value(value)}"
        for key, value in sorted(step.evidence.items())
        if value or value == 0
    ]
    return [*([step.problem] if step.problem else []), *([", ".join(said)] if said else [])]


def evidence_lines(evidence: dict[str, object]) -> list[str]:
    """Return what was seen, one fact a line."""
    return [
        f"{key.replace('_', ' ')}: {_value(value)}"
        for key, value in sorted(evidence.items())
        if value not in ("", None)
    ]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={_value(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return "; ".join(_value(inner) for inner in value)
    text = str(value)
    try:
        return output.time(datetime.fromisoformat(text)) if "T" in text else text
    except ValueError:
        return text


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _show_lines(seen: Status) -> None:
    output.table(
        ["Line", "State", "Channel", "Deleted Datetime", ""],
        [
            [
                output.cell(numbers.display(item.number)),
                output.state(item.state),
                output.cell(item.channel),
                output.cell(output.time(item.deleted_at)),
                output.cell(item.problem) if item.problem else "",
            ]
            for item in seen.items
        ],
    )
    rest = seen.operation.line_count - len(seen.items)
    if rest > 0:
        counts = ", ".join(f"{count} {state}" for state, count in seen.lines_by_state.items())
        output.say(f"and {rest} more lines; all: {counts}")
