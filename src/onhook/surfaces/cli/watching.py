"""Show an operation, once or until it is over."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import typer
from rich.cells import cell_len
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table

from onhook.devices import numbers
from onhook.operations import engine, evidence_order
from onhook.operations import status as statuses
from onhook.operations.models import Operation, Question, Step
from onhook.operations.status import Status
from onhook.operations.vocabulary import STEP_LABELS, Outcome, StepName, StepState
from onhook.surfaces.cli import output, views
from onhook.surfaces.cli.exits import Exit
from onhook.tenancy.actor import Actor

_LOOK_SECONDS = 0.2
# As long may nothing happen before it is asked whether there is a worker at all.
_PATIENCE_SECONDS = 3.0
# The longest word of a step's state, with a gap; and how far a step's evidence stands in.
_STATE_COLUMNS = 9
_INDENT = 4
# When a step looked stands in front of its name.
_SAID_ELSEWHERE = {"at"}


def exit_for(seen: Status) -> Exit:
    """Return the exit code that tells a script how the operation stands."""
    return exit_for_end(seen.operation) if seen.operation.is_closed else Exit.NEEDS_ANSWER


def exit_for_end(operation: Operation) -> Exit:
    """Return the exit code that tells a script how a closed operation ended."""
    return Exit.DONE if operation.outcome in {Outcome.VERIFIED, Outcome.DONE} else Exit.NOT_VERIFIED


def watch_until_over(operation_id: UUID, *, actor: Actor, as_json: bool) -> None:
    """Follow the operation until it is closed or waits for a person; print it then, and end with its exit code."""
    seen = statuses.status(operation_id=operation_id, actor=actor)
    if output.console.is_terminal and not as_json:
        with Live(_live_steps(seen), console=output.console, transient=True) as live:
            for seen in _looks(operation_id, actor):  # the last look is what is printed
                live.update(_live_steps(seen))
    else:
        for seen in _looks(operation_id, actor):  # noqa: B007
            pass
    output.emit(as_json=as_json, data=views.status(seen), show=lambda: show_status(seen))
    raise typer.Exit(exit_for(seen))


def _looks(operation_id: UUID, actor: Actor) -> Iterator[Status]:
    """Look again and again until nothing moves any more; say once when nobody is there who could move it."""
    patience_ends = time.monotonic() + _PATIENCE_SECONDS
    while True:
        seen = statuses.status(operation_id=operation_id, actor=actor)
        yield seen
        if _is_still(seen):
            return
        if patience_ends and time.monotonic() > patience_ends:
            patience_ends = 0.0
            if not engine.living_workers():
                output.errors.print("No worker is alive. Start one: onhook up, or onhook worker", soft_wrap=True)
        time.sleep(_LOOK_SECONDS)


def _is_still(seen: Status) -> bool:
    return seen.operation.is_closed or bool(seen.open_questions)


def show_started(operation: Operation) -> None:
    """Say that an operation started, and how to follow it; or, confirmed once more, how it ended."""
    if operation.is_closed:
        output.say(f"Already confirmed; it ended as {operation.outcome}.")
        output.command(f"onhook status {operation.pk}")
        return
    output.say("Started. Follow it:")
    output.command(f"onhook status {operation.pk} --watch")


def show_status(seen: Status) -> None:
    """Print everything on the operation."""
    operation = seen.operation
    word = operation.outcome if operation.is_closed else operation.state
    output.heading(f"{_what(operation)} of {operation.company}")
    how_checked = operation.plan.how_checked.replace("_", " ")
    output.say()
    output.facts(
        [
            ("Operation", str(operation.pk)),
            ("State", f"{output.state(word)}  {output.plain(operation.outcome_reason)}".rstrip()),
            ("Asked by", output.cell(f"{operation.plan.requester.login} ({how_checked})")),
            ("Ticket", output.cell(operation.plan.ticket_reference)),
            ("Confirmed by", output.cell(f"{operation.confirmed_by.login}, {output.time(operation.confirmed_at)}")),
        ]
    )
    output.say()
    _show_steps(seen)
    output.say()
    _show_lines(seen)
    for question in seen.questions:
        show_question(question)
    if seen.notice:
        notice = seen.notice
        output.console.print(
            f"{output.state(notice.state)}  "
            + output.plain(f"mail to {notice.recipient.login}: {notice.subject}")
            + (f", {output.time(notice.sent_at)}" if notice.sent_at else "")
            + (f" {output.plain(notice.problem)}" if notice.problem else ""),
            soft_wrap=not output.console.is_terminal,
        )


def _what(operation: Operation) -> str:
    return f"Delete {_lines(operation.line_count)}" if operation.line_count else "Send the billing link"


def show_question(question: Question) -> None:
    """Print a question: what was seen and the command for each choice, or how it was answered."""
    if not question.is_open:
        said = f"answered with {question.answer}" if question.answer else "withdrawn"
        output.say(f"Question {question.pk} ({said}): {question.text}")
        return
    output.heading(f"Question {question.pk}: {question.text}")
    seen = evidence_order.in_order(question.evidence)
    output.facts([(f"  {name.replace('_', ' ')}", output.cell(_value(one))) for name, one in seen.items()])
    for choice in question.choices:
        output.say(f"{choice['label']}:")
        output.command(f"onhook answer {question.pk} {choice['code']} --reason ...")


def _show_steps(seen: Status) -> None:
    """Print each step, and below it what it saw."""
    for step in seen.steps:
        gap = " " * (_STATE_COLUMNS - len(step.state))
        output.console.print(f"{output.state(step.state)}{gap}{_began(step)}  {_took(step):>8}  {_name(step)}")
        for line in _evidence(step):
            output.console.print(Padding(f"[dim]{output.plain(line)}[/dim]", (0, 0, 0, _INDENT), expand=False))
    if not seen.steps and not seen.operation.is_closed:
        output.console.print(f"{output.state('running')}  waits for a worker")


def _live_steps(seen: Status) -> Table:
    """Return the steps as they stand, short enough for any screen; what runs turns."""
    drawn = Table.grid(padding=(0, 2))
    for step in seen.steps:
        is_running = step.state == StepState.RUNNING
        state = Spinner("dots", text="[blue]running[/blue]", style="blue") if is_running else output.state(step.state)
        drawn.add_row(state, _began(step), _name(step))
    if not seen.steps and not seen.operation.is_closed:
        drawn.add_row(Spinner("dots", text="waits for a worker"))
    return drawn


def _name(step: Step) -> str:
    tries = f" ({step.tries + 1} tries)" if step.tries else ""
    return f"[bold]{output.plain(STEP_LABELS[StepName(step.name)])}[/bold]{tries}"


def _began(step: Step) -> str:
    return f"{step.started_at.astimezone(UTC):%H:%M:%S}"


def _took(step: Step) -> str:
    if step.finished_at is None:
        return "…"
    return f"{(step.finished_at - step.started_at).total_seconds() * 1000:.0f} ms"


def _evidence(step: Step) -> list[str]:
    """Return the problem, if any, and what the step saw, in lines that break between two facts."""
    said = [
        f"{key.replace('_', ' ')}: {_value(value)}"
        for key, value in evidence_order.in_order(step.evidence).items()
        if key not in _SAID_ELSEWHERE and (value or value == 0)
    ]
    return [*([step.problem] if step.problem else []), *_filled(said, columns=output.console.width - _INDENT)]


def _filled(facts: Sequence[str], *, columns: int) -> list[str]:
    lines: list[str] = []
    for fact in facts:
        if lines and cell_len(lines[-1]) + cell_len(fact) + 2 <= columns:
            lines[-1] += f", {fact}"
        else:
            lines.append(fact)
    return lines


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
        ["Line", "State", "Channel", "Deleted Datetime", output.prose("Problem")],
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
