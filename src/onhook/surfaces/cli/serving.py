"""`onhook up`, `down`, `migrate`, `worker`: run an installation."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command

from onhook.config import database, postgres, processes, wiring
from onhook.config.surroundings import Surroundings
from onhook.operations.worker import Worker
from onhook.surfaces.cli import identity, output, pages
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.exits import CommandError, Exit

WEB_PORT = 8000
ReadyFile = Annotated[Path | None, typer.Option("--ready-file", help="File to write once ready.")]


@app.command()
def migrate(as_json: identity.AsJson = False) -> None:
    """Bring the database to this version's schema. Doing it twice is doing it once."""
    call_command("migrate", verbosity=0)
    output.emit(as_json=as_json, data={"migrated": True}, show=lambda: output.say("The database is up to date."))


@app.command()
def worker(ready_file: ReadyFile = None) -> None:
    """Carry out operations until stopped. Run as many as you like, on any machine that reaches the database."""
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
    pages.serve(
        host=host,
        port=port,
        workers=workers,
        on_ready=lambda address: processes.announce_ready(ready_file, {"http": address}),
    )


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of the web pages.", min=1, max=65535)] = WEB_PORT,
) -> None:
    """Start everything and stay in the foreground; Ctrl-C stops what this started."""
    call_command("migrate", verbosity=0)
    supervised: list[processes.Child] = []
    around = None
    if not settings.MAIL_URL and settings.ENVIRONMENT == "development":
        around = Surroundings(postgres.state_folder(database.instance()) / "surroundings")
        _surround(around)
        supervised += around.children
    web_process = processes.web(port=port)
    try:
        for child in (processes.worker(), web_process):
            _start(child)
            supervised.append(child)
    except CommandError:
        for child in reversed(supervised):
            child.stop()
        raise
    _write_pid()
    output.say(f"onhook is up (process {os.getpid()}). Ctrl-C stops it; so does: onhook down")
    output.say(f"web pages: {web_process.ready['http']}  (a first password: onhook password COID/USER)")
    if around:
        output.say(f"mail goes to the mailbox: {around.mailbox}/messages")
        output.say("vault, Salesforce and 2Checkout are emulated: " + ", ".join(list(around.addresses.values())[1:]))
    try:
        processes.Supervisor(supervised).run()
    finally:
        _pid_file().unlink(missing_ok=True)
        if database.names_embedded():
            postgres.stop(database.instance())


def _surround(around: Surroundings) -> None:
    try:
        around.start()
    except processes.UnableToStart as fault:
        raise CommandError(str(fault), exit_code=Exit.UNAVAILABLE) from None


def _start(child: processes.Child) -> None:
    try:
        child.start()
    except processes.UnableToStart as fault:
        raise CommandError(str(fault), exit_code=Exit.UNAVAILABLE) from None


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


def _pid_file() -> Path:
    return postgres.state_folder(database.instance()) / "up.pid"


def _write_pid() -> None:
    file = _pid_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{os.getpid()} {_birth(os.getpid())}")


def _birth(pid: int) -> str:
    """Return when a process began, in the kernel's ticks: a pid used again is not taken for it; empty if gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _stop_supervisor() -> bool:
    try:
        pid, birth = _pid_file().read_text().split()
    except (OSError, ValueError):
        return False
    if _birth(int(pid)) != birth:
        _pid_file().unlink(missing_ok=True)
        return False
    os.kill(int(pid), signal.SIGTERM)
    _wait_until_gone(int(pid), birth)
    return True


def _wait_until_gone(pid: int, birth: str) -> None:
    end = time.monotonic() + 60
    while _birth(pid) == birth and time.monotonic() < end:
        time.sleep(0.05)
