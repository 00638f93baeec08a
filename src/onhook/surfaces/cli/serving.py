"""`onhook up`, `down`, `migrate`, `worker`: run an installation."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.core import checks
from django.db import connections

from onhook.config import database, postgres, presence, processes, surroundings, wiring
from onhook.operations.worker import Worker
from onhook.surfaces.cli import demo_people, identity, output, pages
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.exits import CommandError, Exit

WEB_PORT = 8000
_VENDORS = {"passwordstate": "Passwordstate", "salesforce": "Salesforce", "twocheckout": "2Checkout"}
_DOWN_SECONDS = 90.0
_LAST_SECONDS = 2.0
_LOOK_SECONDS = 0.05
TellOthers = Callable[[Mapping[str, str]], None]
ReadyFile = Annotated[Path | None, typer.Option("--ready-file", help="File to write once ready.")]


def refuse_unsafe_settings() -> None:
    """
    Look at the settings as a whole before anything is served or carried out.

    :raises CommandError: they suit a development machine only, and this is production.
    """
    faults = [found for found in checks.run_checks() if found.is_serious()]
    if faults:
        told = " ".join(f"{fault.msg} {fault.hint or ''}".strip() for fault in faults)
        raise CommandError(f"These settings cannot be used: {told} Nothing was started.", exit_code=Exit.USAGE)


@app.command()
def migrate(as_json: identity.AsJson = False) -> None:
    """Bring the database to this version's schema. Doing it twice is doing it once."""
    database.migrate()
    output.emit(as_json=as_json, data={"migrated": True}, show=lambda: output.say("The database is up to date."))


@app.command()
def worker(ready_file: ReadyFile = None) -> None:
    """Carry out operations until stopped. Run as many as you like, on any machine that reaches the database."""
    refuse_unsafe_settings()
    working = Worker(
        ports=wiring.ports(),
        threads=settings.WORKER_THREADS,
        lease_seconds=settings.LEASE_SECONDS,
        poll_seconds=settings.POLL_SECONDS,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: working.stop())
    working.run(on_ready=lambda: processes.announce_ready(ready_file, {}))


@app.command()
def web(
    host: Annotated[str, typer.Option(help="Address to listen on; TLS ends at a proxy in front.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = WEB_PORT,
    workers: Annotated[int, typer.Option(help="Processes that serve.", min=1)] = 2,
    ready_file: ReadyFile = None,
) -> None:
    """Serve the portal and the console until stopped."""
    refuse_unsafe_settings()
    pid = os.getpid()
    pages.serve(
        host=host,
        port=port,
        workers=workers,
        on_ready=lambda address: processes.announce_ready(ready_file, {"pid": pid, "http": address}),
    )


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of the web pages.", min=1, max=65535)] = WEB_PORT,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Let the demo's companies and people move in where nobody lives yet.")
    ] = False,
) -> None:
    """Start everything and stay in the foreground; Ctrl-C stops what this started."""
    refuse_unsafe_settings()
    with _as_the_only_one() as tell_others, processes.stop_signals() as stop:
        # The one thing that often stands in the way is looked at while nothing was changed yet.
        pages.refuse_taken("127.0.0.1", port)
        with _database() as keep:
            database.migrate()
            guide = demo_people.move_in() if with_demo else None
            with processes.Supervisor(stop=stop, keep=keep) as supervisor, suppress(processes.AskedToStop):
                places = _start_all(supervisor, tell_others, port=port)
                _greet(places, guide)
                supervisor.run()
    output.say("onhook is down; nothing is left running.")


def _greet(places: list[list[str]], guide: demo_people.Guide | None) -> None:
    output.say(f"onhook is up (process {os.getpid()}). Ctrl-C stops it; so does: onhook down")
    output.table(["Open", "At", "For"], places)
    if guide:
        guide.show()
    else:
        output.say("A first password: onhook password COID/USER")


def _start_all(supervisor: processes.Supervisor, tell_others: TellOthers, *, port: int) -> list[list[str]]:
    """Start what belongs together, and return each place that a person may open: what, where, what for."""
    around = _start_surroundings(supervisor, tell_others)
    supervisor.start(processes.worker())
    address = str(supervisor.start(processes.web(port=port)).ready["http"]).rstrip("/")
    return [
        ["Portal", f"{address}/", "customers, and support on their behalf"],
        ["Console", f"{address}/csu/", "support"],
        ["Help", f"{address}/help/", "everybody"],
        *around,
    ]


def _start_surroundings(supervisor: processes.Supervisor, tell_others: TellOthers) -> list[list[str]]:
    """Start a mailbox and emulated vendors where no mail server is named: a trial has nothing around it."""
    if settings.MAIL_URL:
        return []
    if settings.ENVIRONMENT != "development" or not surroundings.are_installed():
        return [["Mail, vault, shop, Salesforce", "not set up", "see docs/reference/settings.md"]]
    around = surroundings.Surroundings(postgres.state_folder(database.instance()) / "surroundings")
    around.start(supervisor.start)
    tell_others(around.environment)
    emulated = [[_VENDORS[name], address, "emulated"] for name, address in around.addresses.items() if name in _VENDORS]
    return [["Mailbox", f"{around.mailbox}/messages", "every mail that is sent"], *emulated]


@contextmanager
def _as_the_only_one() -> Iterator[TellOthers]:
    try:
        with presence.claimed(database.instance()) as tell_others:
            yield tell_others
    except presence.AlreadyUp as fault:
        raise CommandError(str(fault), exit_code=Exit.REFUSED) from None


@contextmanager
def _database() -> Iterator[Callable[[], bool]]:
    """
    Start the embedded database, unless another one is named, and stop it at the end.

    Gives what starts it again when it ended by itself, and tells whether its address is another one then.
    """
    is_embedded = database.is_embedded()
    try:
        database.ensure()
        yield database.Keeper() if is_embedded else lambda: False
    finally:
        connections.close_all()
        if is_embedded:
            postgres.stop(database.instance())


@app.command()
def down(as_json: identity.AsJson = False) -> None:
    """Stop what `onhook up` left running, and the embedded database. Data stays."""
    stopped = _stop_supervisor()
    database_stopped = postgres.stop(database.instance())
    output.emit(
        as_json=as_json,
        data={"processes": stopped, "database": database_stopped},
        show=lambda: output.say("Stopped." if stopped or database_stopped else "Nothing was running."),
    )


def _stop_supervisor() -> bool:
    """
    Ask the `onhook up` of this installation to end, and wait until it has stopped everything.

    :raises CommandError: it does not end, or is somebody else's.
    """
    pid = presence.holder(database.instance())
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError:
        raise CommandError(
            f"Process {pid} keeps onhook up and belongs to another user. Nothing was stopped; run this as that user.",
            exit_code=Exit.NOT_PERMITTED,
        ) from None
    except ProcessLookupError:
        pass
    end = time.monotonic() + _DOWN_SECONDS
    while presence.holder(database.instance()) == pid:
        if time.monotonic() > end:
            raise CommandError(
                f"Process {pid} was asked to stop and still runs after {_DOWN_SECONDS:g} s. Its database was left "
                "running. Look what it waits for, and try again.",
                exit_code=Exit.UNAVAILABLE,
            )
        time.sleep(_LOOK_SECONDS)
    _wait_until_gone(pid)
    return True


def _wait_until_gone(pid: int) -> None:
    """It has stopped everything; its own end is a matter of an instant."""
    end = time.monotonic() + _LAST_SECONDS
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(_LOOK_SECONDS)
