"""`onhook token` and `onhook audit`: who proves themselves, and that nothing was rewritten."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.db import transaction

from onhook import clock
from onhook.audit import checkpoint as checkpoints
from onhook.audit import trail, verification
from onhook.audit.vocabulary import Tag
from onhook.operations.models import Operation
from onhook.surfaces.cli import identity, output
from onhook.surfaces.cli.app import audit_app, token_app
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy import people, tokens
from onhook.tenancy.models import User

Login = Annotated[str, typer.Argument(metavar="COID/USER", help="Whose token.")]


@token_app.command()
def issue(
    login: Login,
    days: Annotated[int, typer.Option(help="How long it proves them.", min=1, max=366)] = 30,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: identity.AsJson = False,
) -> None:
    """Make a token for a person. It is shown this once; the audit keeps that you, at this shell, made it."""
    user, now = people.by_login(login), clock.now()
    with transaction.atomic():
        token = tokens.issue(user=user, now=now, lifetime=timedelta(days=days), label=label)
        _record(user, Tag.TOKEN_ISSUED, {"days": days, "label": label})
    output.emit(
        as_json=as_json,
        data={"login": user.login, "token": token, "expires_at": now + timedelta(days=days)},
        show=lambda: output.say(token),
    )


@token_app.command()
def revoke(login: Login, as_json: identity.AsJson = False) -> None:
    """Revoke all tokens of a person."""
    user = people.by_login(login)
    with transaction.atomic():
        revoked = tokens.revoke_all(user=user, now=clock.now())
        _record(user, Tag.TOKENS_REVOKED, {"tokens": revoked})
    output.emit(
        as_json=as_json,
        data={"login": user.login, "revoked": revoked},
        show=lambda: output.say(f"{revoked} tokens of {user.login} revoked."),
    )


def _record(user: User, tag: Tag, after: dict[str, object]) -> None:
    entry = trail.Entry(tag=tag, subject=f"user:{user.login}", after=after)
    trail.record(company_id=user.company_id, actor=identity.shell(), entries=[entry])


@audit_app.command()
def checkpoint(
    file: Annotated[Path, typer.Argument(help="Where to write it; keep it outside this machine.")] = Path("-"),
    as_json: identity.AsJson = False,
) -> None:
    """Export a signed checkpoint of every company's chain: what a later `verify --checkpoint` compares with."""
    now = clock.now()
    text = checkpoints.export(now=now, key=settings.AUDIT_KEY)
    if str(file) == "-":
        sys.stdout.write(text + "\n")
        return
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.", exit_code=Exit.USAGE) from None
    output.emit(
        as_json=as_json,
        data={"file": str(file), "checkpoint_at": now},
        show=lambda: output.say(
            f"Checkpoint written to {file}. Keep it where nobody who can change this database can change it."
        ),
    )


@audit_app.command()
def verify(
    checkpoint_file: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="A checkpoint exported earlier; only it shows a chain cut at its end."),
    ] = None,
    as_json: identity.AsJson = False,
) -> None:
    """Read the whole trail again and find any edit, gap, cut or reorder."""
    known = _load(checkpoint_file) if checkpoint_file else None
    acted = set(Operation.objects.values_list("company_id", flat=True).distinct())
    report = verification.verify(checkpoint=known, acted=acted)
    data = {**asdict(report), "is_intact": report.is_intact, "checkpoint_at": known.at if known else None}
    output.emit(as_json=as_json, data=data, show=lambda: _show(report, known))
    if not report.is_intact:
        raise typer.Exit(Exit.NOT_SOUND)


def _load(file: Path) -> checkpoints.Checkpoint:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{file} cannot be read. Nothing was compared.", exit_code=Exit.USAGE) from None
    return checkpoints.load(text, key=settings.AUDIT_KEY)


def _show(report: verification.Report, known: checkpoints.Checkpoint | None) -> None:
    against = f", compared with the checkpoint of {known.at}" if known else ""
    output.say(
        f"{_counted(report.events, 'event', 'events')} of {_counted(report.companies, 'company', 'companies')} "
        f"read{against}."
    )
    for finding in report.findings:
        output.console.print(
            f"{output.state('fault')} COID {finding.coid}, event {finding.sequence}: {finding.problem}"
        )
    if report.off_guard:
        output.console.print(
            f"{output.state('fault')} the database does not refuse changes of the trail any more: "
            f"{', '.join(report.off_guard)} missing or switched off. See docs/how-to/when-something-is-wrong.md",
            soft_wrap=True,
        )
    if report.is_intact:
        output.console.print(f"{output.state('verified')} every chain is intact.")
    if known is None:
        output.say("A cut end cannot be seen without --checkpoint FILE.")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
