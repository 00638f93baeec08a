"""`onhook import`, `export`, `seed`: real data in and out, and made-up worlds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated, TextIO

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from onhook import clock
from onhook.exchange import exporting, importing, seeding
from onhook.exchange.importing import Kind, Report
from onhook.surfaces.cli import identity, output
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy.models import User


@app.command("import")
def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="A CSV file, UTF-8; - for standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything, report, and keep nothing.")] = False,
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help="Keep the good rows when some are bad. Else a bad row stops the whole file."),
    ] = False,
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Import companies, users or devices. Importing the same file again changes nothing."""
    # A new installation has nobody who could be named: its first companies and people come from the shell.
    actor = identity.shell() if not login and not User.objects.exists() else identity.person(login, token_file)
    with _opened(file) as stream, _progress(f"importing {kind.value}", quiet=as_json) as on_progress:
        report = importing.import_rows(
            kind=kind,
            stream=stream,
            actor=actor,
            dry_run=dry_run,
            keep_going=keep_going,
            now=clock.now(),
            on_progress=on_progress,
        )
    output.emit(as_json=as_json, data=asdict(report), show=lambda: _show(report))
    if report.bad_count:
        raise typer.Exit(Exit.NOT_SOUND)


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    if str(file) == "-":
        # The file as it is: not in the terminal's encoding, and with line ends inside of cells kept.
        yield TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        return
    try:
        stream = file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read: {error.strerror}. Nothing was imported.", exit_code=Exit.USAGE
        ) from None
    with stream:
        yield stream


@contextmanager
def _progress(what: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    if quiet or not output.errors.is_terminal:
        yield lambda _rows: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=output.errors, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda rows: progress.update(task, completed=rows)


def _show(report: Report) -> None:
    would_be = "" if report.is_applied else "would be "
    output.say(
        f"{report.kind.value.capitalize()}: {report.read} read, {report.added} {would_be}added, "
        f"{report.changed} {would_be}changed, {report.unchanged} unchanged, {report.bad_count} bad."
    )
    if report.bad:
        output.table(
            ["Line", "Column", output.prose("Reason")],
            [[output.cell(bad.line), output.cell(bad.column), output.cell(bad.reason)] for bad in report.bad],
        )
    if report.bad_count and not report.is_applied and not report.is_dry_run:
        output.say("Nothing was imported: mend the rows above, or let the good ones in with --keep-going.")
    elif report.is_dry_run:
        output.say("This was a dry run: nothing was kept.")


@app.command()
def export(
    kind: Annotated[Kind, typer.Argument(help="What to write.")],
    file: Annotated[Path, typer.Argument(help="The CSV file to write; - for standard output.")] = Path("-"),
    coid: Annotated[int | None, typer.Option("--company", help="Of this company only (COID).")] = None,
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Write what import takes: importing the file again changes nothing."""
    if as_json and str(file) == "-":
        raise CommandError(
            "Rows and JSON cannot share the standard output: name a FILE beside --json. Nothing was exported.",
            exit_code=Exit.USAGE,
        )
    actor = identity.person(login, token_file)
    if str(file) == "-":
        rows = exporting.export_rows(kind=kind, out=sys.stdout, actor=actor, coid=coid, now=clock.now())
        output.errors.print(f"{rows} rows written")
        return
    with _target(file) as out:
        rows = exporting.export_rows(kind=kind, out=out, actor=actor, coid=coid, now=clock.now())
    output.emit(
        as_json=as_json,
        data={"kind": kind.value, "rows": rows, "file": str(file)},
        show=lambda: output.say(f"{rows} {kind.value} written to {file}"),
    )


@contextmanager
def _target(file: Path) -> Iterator[TextIO]:
    """Open what an export is written to, and say it when that cannot be."""
    try:
        # A pipe or a device is written to, and never replaced.
        is_special = file.exists() and not file.is_file()
        with _as_it_is(file) if is_special else _whole_file(file.resolve()) as out:
            yield out
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written: {error.strerror}. No file was made.", exit_code=Exit.USAGE
        ) from None


@contextmanager
def _whole_file(file: Path) -> Iterator[TextIO]:
    """
    Write beside the file and rename at the end, so that a half-written export never looks like one.

    The draft has a name that nobody can plant, and is its owner's alone: what is exported names people.
    """
    descriptor, name = mkstemp(dir=file.parent, prefix=f".{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            yield out
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _as_it_is(file: Path) -> TextIO:
    return file.open("w", encoding="utf-8", newline="")


@app.command()
def seed(
    companies: Annotated[int, typer.Option(help="How many companies.", min=1)] = 10,
    lines: Annotated[int, typer.Option(help="How many lines in all.", min=0)] = 100,
    random_seed: Annotated[int, typer.Option(help="The same number makes the same world.")] = 1,
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Make up companies and lines for trials, of any size; numbers come from the ranges reserved for fiction."""
    actor = identity.person(login, token_file)
    with _progress("making lines", quiet=as_json) as on_progress:
        made = seeding.seed(
            companies=companies,
            lines=lines,
            actor=actor,
            now=clock.now(),
            random_seed=random_seed,
            on_progress=on_progress,
        )
    output.emit(
        as_json=as_json,
        data=asdict(made),
        show=lambda: output.say(f"Made {made.companies} companies with {made.lines} lines."),
    )
