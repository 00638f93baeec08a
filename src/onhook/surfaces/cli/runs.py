"""The pipeline: `onhook plan`, `confirm`, `status`, `cancel`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from onhook import clock
from onhook.config import wiring
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.operations import cancelling, confirming, planning, targets
from onhook.operations import status as statuses
from onhook.operations.models import Operation, Plan
from onhook.operations.vocabulary import Outcome, Reason
from onhook.surfaces.cli import identity, output, requesters, views
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.companies import show_preview
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.surfaces.cli.lines import company_of
from onhook.surfaces.cli.watching import exit_for_end, show_started, show_status, watch_until_over
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission

Coid = Annotated[int, typer.Option("--company", help="COID of the company whose lines these are.")]


@app.command()
def plan(
    coid: Coid,
    line: Annotated[list[str] | None, typer.Option("--line", help="A number in any form; repeat for more.")] = None,
    device: Annotated[list[int] | None, typer.Option("--device", help="A device id; repeat for more.")] = None,
    lines_file: Annotated[
        Path | None, typer.Option("--lines-file", help="File with one number a line; - for standard input.")
    ] = None,
    requester: Annotated[str, typer.Option(help="User name of the company's Admin or Super User who asks.")] = "",
    how_checked: requesters.Checked = None,
    reason: Annotated[Reason, typer.Option(help="Why the lines go.")] = Reason.OTHER,
    ticket: Annotated[str, typer.Option(help="Ticket reference.")] = "",
    note: Annotated[str, typer.Option(help="Anything the next person should know.")] = "",
    key: Annotated[
        str, typer.Option("--key", help="Your key for this request; the same key gives the same plan.")
    ] = "",
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Plan the deletion of lines: what goes, what stands against it, and the hash to confirm. Nothing is changed."""
    actor = identity.person(login, token_file)
    company = company_of(coid, actor=actor)
    typed = [*(line or []), *(_typed_lines(lines_file) if lines_file else [])]
    device_ids = [*(device or []), *_resolve_all(typed, company=company, actor=actor)]
    asks = requesters.named(requester, coid=coid, actor=actor)
    request = planning.Request(
        requester=asks,
        how_checked=requesters.how_checked(how_checked, requester=asks, actor=actor),
        reason=reason,
        ticket_reference=ticket,
        note=note,
    )
    made = planning.plan(
        company=company,
        device_ids=device_ids,
        request=request,
        actor=actor,
        now=clock.now(),
        request_key=key,
        ports=wiring.ports(),
    )
    output.emit(as_json=as_json, data=views.plan(made), show=lambda: show_plan(made))


def _typed_lines(file: Path) -> list[str]:
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig") if str(file) == "-" else file.read_text("utf-8-sig")
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read: {error.strerror}. No plan was made.", exit_code=Exit.USAGE
        ) from None
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise CommandError(f"{file} is not text in UTF-8. No plan was made.", exit_code=Exit.USAGE)
    return [stripped for row in text.splitlines() if (stripped := row.strip())]


def _resolve_all(typed: Sequence[str], *, company: Company, actor: Actor) -> list[int]:
    """
    Return the rows that the typed numbers name. Only whole numbers: a part, a worker or an id is never guessed at here.

    :raises CommandError: one is no number of this company.
    """
    regions = frozenset({company.region} - {""})
    readings = {text: numbers.readings(text, regions=regions) for text in typed}
    wanted = {number for found in readings.values() for number in found}
    rows: dict[str, list[Device]] = {}
    for row in Device.objects.filter(company=company, number__in=wanted).order_by("-deleted_at", "id"):
        rows.setdefault(row.number, []).append(row)
    return [
        _one_of([row for number in readings[text] for row in rows.get(number, [])], text=text)
        or _none_chosen(text, company=company, actor=actor)
        for text in typed
    ]


def _none_chosen(text: str, *, company: Company, actor: Actor) -> int:
    """
    List what `text` may mean when it is no whole number of the company, and choose nothing, not even an only one.

    :raises CommandError: always.
    """
    found = targets.find(text=text, actor=actor, company=company, most=10)
    if not found:
        raise CommandError(f"{text!r} fits no line of {company}. No plan was made.", exit_code=Exit.NOT_FOUND)
    listed = ", ".join(f"device {row.pk} ({numbers.display(row.number)})" for row in found)
    raise CommandError(
        f"{text!r} is no whole number of {company}. It may mean {listed}. None was chosen and no plan was made; name "
        "one with --device.",
        exit_code=Exit.NOT_FOUND,
    )


def _one_of(rows: Sequence[Device], *, text: str) -> int | None:
    """
    Return the row that is meant: the one live row, or, when none is live, the one deleted row.

    :raises CommandError: several are equally well meant.
    """
    found = [row for row in rows if row.is_live] or rows
    if len(found) > 1:
        listed = ", ".join(f"device {row.pk} ({numbers.display(row.number)})" for row in found[:10])
        raise CommandError(
            f"{text!r} fits {len(found)} lines: {listed}. None was chosen and no plan was made; name one with "
            "--device.",
            exit_code=Exit.NOT_FOUND,
        )
    return found[0].pk if found else None


def show_plan(made: Plan) -> None:
    """Print a plan for a person to decide on."""
    output.heading(f"Delete {made.line_count} line{'s' if made.line_count != 1 else ''} of {made.company}")
    output.say()
    output.table(
        ["Line", "Number", "Device", "SOC code", "Channel"],
        [
            [
                output.cell(item.position),
                output.cell(numbers.display(item.number)),
                output.cell(item.device_id),
                output.cell(item.soc_code),
                output.cell(item.channel),
            ]
            for item in made.items.order_by("position")[:20]
        ],
    )
    if made.line_count > 20:  # noqa: PLR2004  # as many as were shown
        output.say(f"and {made.line_count - 20} more lines")
    output.say()
    output.table(
        ["Check", output.prose("Finding"), output.prose("What to do")],
        [
            [output.state(found["level"]), output.cell(found["message"]), output.cell(found["what_to_do"])]
            for found in made.prechecks
        ],
    )
    if made.preview:
        output.say()
        show_preview(made.preview)
    output.say()
    output.facts([("Plan", str(made.pk)), ("Hash", made.plan_hash)])
    if made.blocks:
        output.say("This plan cannot be confirmed.")
    else:
        output.say(f"Confirm it until {output.time(made.expires_at)}:")
        planner = made.created_by.login
        named = "" if os.environ.get("ONHOOK_AS") == planner else f" --as {planner}"
        output.command(f"onhook confirm {made.pk}{named} (in a script with --hash)")


@app.command()
def confirm(
    plan_id: Annotated[UUID, typer.Argument(metavar="PLAN")],
    plan_hash: Annotated[
        str, typer.Option("--hash", help="The plan's hash. Needed in scripts; in a terminal you are asked.")
    ] = "",
    key: Annotated[
        str, typer.Option("--key", help="Your key for this request; the same key gives the same operation.")
    ] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Watch until it is over or a person must answer.")] = False,
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Accept exactly this plan and start the deletion."""
    actor = identity.person(login, token_file)
    made = Plan.objects.select_related("company", "requester").filter(pk=plan_id).first()
    if made is None or not actor.may(Permission.VIEW_LINES, company_id=made.company_id):
        raise CommandError(
            f"There is no plan {plan_id} that you may see. Nothing was started.", exit_code=Exit.NOT_FOUND
        )
    accepted = plan_hash or _asked_in_terminal(made, as_json=as_json)
    operation = confirming.confirm(
        company=made.company, plan_id=plan_id, plan_hash=accepted, actor=actor, now=clock.now(), confirm_key=key
    )
    if wait:
        watch_until_over(operation.pk, actor=actor, as_json=as_json)
        return
    output.emit(
        as_json=as_json,
        data=views.operation(operation),
        show=lambda: show_started(operation),
    )
    if operation.is_closed:
        raise typer.Exit(exit_for_end(operation))


def _asked_in_terminal(made: Plan, *, as_json: bool) -> str:
    """Return the plan's hash when the person types what proves that they read it: last four digits, or the count."""
    if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(
            "In a script, name what you accept: --hash, as `onhook plan` printed it. Nothing was started.",
            exit_code=Exit.USAGE,
        )
    show_plan(made)
    if made.blocks:
        raise CommandError("Nothing was started.", exit_code=Exit.REFUSED)
    if made.line_count == 1:
        asked, expected = "Last four digits of the number to delete", made.items.get().number[-4:]
    else:
        asked, expected = "Number of lines to delete", str(made.line_count)
    if typer.prompt(asked).strip() != expected:
        raise CommandError("That does not fit the plan. Nothing was started.", exit_code=Exit.REFUSED)
    return made.plan_hash


@app.command()
def status(
    operation_id: Annotated[UUID, typer.Argument(metavar="OPERATION")],
    watch: Annotated[bool, typer.Option("--watch", help="Stay until it is over or a person must answer.")] = False,
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Show an operation: its steps with evidence, lines, questions and the notice."""
    actor = identity.reader(login, token_file)
    if watch:
        watch_until_over(operation_id, actor=actor, as_json=as_json)
        return
    seen = statuses.status(operation_id=operation_id, actor=actor)
    output.emit(as_json=as_json, data=views.status(seen), show=lambda: show_status(seen))


@app.command()
def cancel(
    operation_id: Annotated[UUID, typer.Argument(metavar="OPERATION")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the operation.")],
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Cancel an operation before its first line is deleted."""
    actor = identity.person(login, token_file)
    seen = statuses.status(operation_id=operation_id, actor=actor)
    operation = cancelling.cancel(
        company=seen.operation.company, operation_id=operation_id, actor=actor, reason=reason, now=clock.now()
    )
    output.emit(
        as_json=as_json,
        data=views.operation(operation),
        show=lambda: _show_cancelled(operation, was_before=seen.operation.outcome == Outcome.CANCELLED),
    )


def _show_cancelled(operation: Operation, *, was_before: bool) -> None:
    if was_before:
        first = cancelling.cancelled_by(operation)
        output.say(f"Operation {operation.pk} was already cancelled by {first}: {operation.outcome_reason}")
    else:
        output.say(f"Operation {operation.pk} is cancelled. No line was deleted.")
