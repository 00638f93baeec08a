"""`onhook doctor`: look at every part, and say what to do about what is wrong."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

import typer
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from onhook import clock
from onhook.audit import guard
from onhook.config import wiring
from onhook.operations import engine
from onhook.operations.errors import Rejected, Retryable, SignInsUsedUp
from onhook.operations.models import Operation, Question
from onhook.operations.ports import Ports
from onhook.operations.vocabulary import State
from onhook.surfaces.cli import database_faults, identity, output
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.exits import Exit
from onhook.tenancy.models import User

# Apart by more than this, clocks mislead people who compare logs with the database's times.
_MOST_SKEW_SECONDS = 5.0


@dataclass(frozen=True)
class Finding:
    """One part: how it is, and what to do when it is not well."""

    part: str
    level: str
    said: str
    what_to_do: str = ""


@app.command()
def doctor(as_json: identity.AsJson = False) -> None:
    """Check database, engine, workers, clock, mail, vault and billing systems, and say what to do."""
    findings = list(_examine())
    output.emit(as_json=as_json, data=[asdict(finding) for finding in findings], show=lambda: _show(findings))
    if any(finding.level == "fault" for finding in findings):
        raise typer.Exit(Exit.NOT_SOUND)


def _examine() -> Iterator[Finding]:
    yield Finding(
        "onhook", "ok", f"version {version('onhook')}, Python {platform.python_version()}, {settings.ENVIRONMENT}"
    )
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding("database", "fault", database_faults.in_words(error), "Start it, or check DATABASE_URL.")
        yield _settings()
        yield from _outside()
        return
    yield _database()
    migrations = _migrations()
    yield migrations
    if migrations.level == "ok":
        for look in (_trail, _engine, _workers, _runs, _questions, _people):
            yield look()
    yield _clock()
    yield _settings()
    yield from _outside()


def _show(findings: list[Finding]) -> None:
    output.table(
        ["Part", "State", output.prose("Finding"), output.prose("What to do")],
        [
            [output.cell(found.part), output.state(found.level), output.cell(found.said), output.cell(found.what_to_do)]
            for found in findings
        ],
    )


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        server, fsync = cursor.fetchone()
    if fsync != "on":
        return Finding(
            "database", "warn", f"PostgreSQL {server}, fsync {fsync}", "Switch fsync on: a power cut loses data."
        )
    return Finding("database", "ok", f"PostgreSQL {server}, fsync on")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding("schema", "fault", f"{len(missing)} migrations are missing", "Run: onhook migrate")
    return Finding("schema", "ok", "up to date")


def _trail() -> Finding:
    off = guard.off_guard()
    if off:
        return Finding(
            "audit",
            "fault",
            f"the database does not refuse changes of the trail: {', '.join(off)} missing or switched off",
            "Find out who did it, run onhook audit verify with a checkpoint, and see "
            "docs/how-to/when-something-is-wrong.md.",
        )
    return Finding("audit", "ok", "the database refuses changes of the trail")


def _engine() -> Finding:
    installed, expected = engine.schema_version(), version("absurd-sdk")
    if installed != expected:
        return Finding("engine", "fault", f"schema {installed}, library {expected}", "Run: onhook migrate")
    depth = ", ".join(f"{count} {state}" for state, count in sorted(engine.queue_depth().items())) or "no runs"
    return Finding("engine", "ok", f"schema {installed}; {depth}")


def _workers() -> Finding:
    alive = engine.living_workers()
    if not alive:
        return Finding("workers", "fault", "none is alive", "Start one: onhook up, or onhook worker")
    return Finding("workers", "ok", f"{alive} alive")


def _runs() -> Finding:
    generations = dict(Operation.objects.exclude(state=State.CLOSED.value).values_list("pk", "generation"))
    lost = engine.lost_among(generations=generations) if generations else []
    if lost:
        return Finding("operations", "warn", f"{len(lost)} have no live run", "A worker starts them again by itself.")
    return Finding("operations", "ok", f"{len(generations)} under way")


def _questions() -> Finding:
    waiting = Question.objects.filter(answered_at=None, withdrawn_at=None).count()
    if waiting:
        return Finding("questions", "warn", f"{waiting} wait for a person", "See: onhook questions")
    return Finding("questions", "ok", "none waits")


def _people() -> Finding:
    people = User.objects.count()
    if not people:
        return Finding("people", "warn", "nobody is on record", "Run: onhook import companies FILE, then users FILE")
    return Finding("people", "ok", f"{people} on record")


def _clock() -> Finding:
    skew = abs((clock.now() - datetime.now(UTC)).total_seconds())
    if skew > _MOST_SKEW_SECONDS:
        return Finding(
            "clock", "warn", f"{skew:.1f} s apart from the database", "Let both machines set their clocks (NTP)."
        )
    return Finding("clock", "ok", f"{skew:.1f} s apart from the database")


def _settings() -> Finding:
    faults = [found for found in checks.run_checks() if found.is_serious()]
    if faults:
        first = faults[0]
        return Finding("settings", "fault", " ".join(found.msg for found in faults), first.hint or "")
    return Finding("settings", "ok", f"fit for {settings.ENVIRONMENT}")


def _outside() -> Iterator[Finding]:
    """Greet the mail server; read each credential; sign in to each billing system and read something harmless."""
    ports = wiring.ports()
    yield _connector("mail", ports.mail.check, "Check ONHOOK_MAIL_URL and the mail server.")
    credentials = list(_credentials(ports))
    yield from credentials
    unread = {found.part for found in credentials if found.level == "fault"}
    for part, port, setting, secret in (
        ("Salesforce", ports.accounts, "ONHOOK_SALESFORCE_URL", settings.SALESFORCE_SECRET),
        ("2Checkout", ports.shop, "ONHOOK_TWOCHECKOUT_URL", settings.TWOCHECKOUT_SECRET),
    ):
        if port is None:
            yield Finding(
                part, "warn", "not set up", f"Lines that the shop bills will wait for a person: set {setting}."
            )
        elif f"secret {secret}" in unread:
            yield _connector(
                part, port.check, f"Its credential cannot be read: mend the secret {secret} first, see there."
            )
        else:
            yield _connector(part, port.check, f"Check {setting}, its credentials in the vault, and the network.")


def _credentials(ports: Ports) -> Iterator[Finding]:
    for port, reference, setting in (
        (ports.accounts, settings.SALESFORCE_SECRET, "ONHOOK_SALESFORCE_SECRET"),
        (ports.shop, settings.TWOCHECKOUT_SECRET, "ONHOOK_TWOCHECKOUT_SECRET"),
    ):
        if port is not None:
            yield _connector(
                f"secret {reference}",
                partial(wiring.secrets().check, reference),
                "Check Passwordstate (ONHOOK_PASSWORDSTATE_URL, its key and list) or, in development, the variables "
                f"ONHOOK_SECRET_..., and {setting}.",
            )


def _connector(part: str, check: Callable[[], str], what_to_do: str) -> Finding:
    try:
        return Finding(part, "ok", check())
    except SignInsUsedUp as pause:
        return Finding(
            part, "warn", str(pause), "All processes together sign in three times a minute: look again soon."
        )
    except (Retryable, Rejected) as fault:
        return Finding(part, "fault", str(fault), what_to_do)
