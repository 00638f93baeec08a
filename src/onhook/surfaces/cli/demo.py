"""`onhook demo`: the main job on real parts, with the commands a person would type."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import typer
from django.db import connections

from onhook.config import database, postgres, processes
from onhook.config.surroundings import Surroundings
from onhook.exchange import demo as demo_data
from onhook.exchange.importing import Kind
from onhook.surfaces.cli import output
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.exits import CommandError, Exit

_AGENT, _LEAD = "1/sam", "1/lea"


@app.command()
def demo() -> None:
    """Start everything, import a small world, delete a line, answer a question, show the proof, and stop everything."""
    # Asked to end, it ends as with Ctrl-C: what it started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        _title("Start: PostgreSQL, a worker, a mailbox, and emulated Passwordstate, Salesforce and 2Checkout")
        mailbox = stack.enter_context(_world())
        _title("Import a small world from CSV files")
        for kind in (Kind.COMPANIES, Kind.USERS):
            _type("import", kind.value, str(demo_data.path(kind)))
        tokens = {login: _read("token", "issue", login)["token"] for login in (_AGENT, _LEAD)}
        with _as(_LEAD, tokens):
            _type("import", "devices", str(demo_data.path(Kind.DEVICES)))
        with _as(_AGENT, tokens):
            _direct_line(mailbox)
            _shop_line(mailbox)
            _unknown_code()
        _proof(stack)
    output.say()
    output.say("Everything that was started is stopped again.")


def _planned(*arguments: str) -> dict[str, Any]:
    """Plan as typed, and read the same plan for a program: the same key gives the same plan."""
    _type("plan", *arguments)
    return _read("plan", *arguments)


def _direct_line(mailbox: str) -> None:
    _title("An agent deletes a lost phone's line: the channel bills directly")
    _type("find", "202-555-0101", "--company", "4711")
    asked = ["--requester", "ada", "--how-checked", "called_back", "--reason", "lost", "--ticket", "T-1001"]
    plan = _planned("--company", "4711", "--line", "(202) 555-0101", *asked, "--key", "demo-1")
    _type("confirm", plan["plan"], "--hash", plan["plan_hash"], "--wait")
    _title("The mail as the customer's Admin got it")
    _show_mail(mailbox)
    _title("CSU shows the row with its Deleted Datetime")
    _type("find", "+1 202 555 0101")


def _shop_line(mailbox: str) -> None:
    _title("A line that the online shop bills: the line goes at once, the mail waits for a link that is beyond doubt")
    _type("soc", "test", "Ecom2Checkout1515")
    _type("company", "4712")
    asked = ["--requester", "bea", "--how-checked", "called_back", "--reason", "not_needed"]
    plan = _planned("--company", "4712", "--line", "07700 900105", *asked, "--key", "demo-2")
    waiting = _read("confirm", plan["plan"], "--hash", plan["plan_hash"], "--wait", expected=Exit.NEEDS_ANSWER)
    _type("find", "07700 900105", "--company", "4712")
    _type("questions")
    question = str(waiting["questions"][0]["question"])
    _type("answer", question, "use_shop_link", "--reason", "Salesforce holds the link of a subscription that ended")
    _type("status", waiting["operation"], "--watch")
    _title("The mail as the customer's Admin got it, with the checked link and the new count")
    _show_mail(mailbox)


def _unknown_code() -> None:
    _title("A line with a SOC code that no rule knows: a person decides before anything is deleted")
    asked = ["--requester", "ben", "--how-checked", "in_person", "--reason", "not_needed"]
    plan = _planned("--company", "4711", "--line", demo_data.UNKNOWN_LINE, *asked, "--key", "demo-3")
    waiting = _read("confirm", plan["plan"], "--hash", plan["plan_hash"], "--wait", expected=Exit.NEEDS_ANSWER)
    _type("questions")
    question = str(waiting["questions"][0]["question"])
    _type("answer", question, "direct", "--reason", "Sold directly in 2009, says finance")
    _type("status", waiting["operation"], "--watch")


def _proof(stack: ExitStack) -> None:
    _title("The audit trail: every act, chained by hash")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onhook-demo-")))
    _type("audit", "checkpoint", str(folder / "checkpoint.json"))
    _type("audit", "verify", "--checkpoint", str(folder / "checkpoint.json"))
    _type("doctor")


@contextmanager
def _world() -> Iterator[str]:
    """Give the mailbox's address, with a database of its own and a worker; stop all of it afterwards."""
    os.environ["ONHOOK_INSTANCE"] = "demo"
    os.environ.pop("DATABASE_URL", None)
    postgres.remove(database.instance())
    with ExitStack() as stack:
        stack.callback(postgres.remove, database.instance())
        server = postgres.ensure_running(database.instance())
        database.use(server.url)
        stack.callback(connections.close_all)
        database.migrate()
        around = Surroundings(server.state / "surroundings")
        try:
            supervisor = stack.enter_context(processes.Supervisor(stop=threading.Event()))
            around.start(supervisor.start)
            supervisor.start(processes.worker(log_file=around.folder / "worker.log"))
        except processes.UnableToStart as fault:
            raise CommandError(
                f"{fault} The demo was stopped and nothing is left running. The emulators are part of the source "
                "tree: run the demo there, with: make demo",
                exit_code=Exit.UNAVAILABLE,
            ) from None
        output.say("All of them are running, each a process of its own.")
        yield around.mailbox


@contextmanager
def _as(login: str, tokens: dict[str, str]) -> Iterator[None]:
    """Act as this person, as somebody would who sets the two variables in their shell."""
    os.environ.update(ONHOOK_AS=login, ONHOOK_TOKEN=tokens[login])
    try:
        yield
    finally:
        del os.environ["ONHOOK_AS"], os.environ["ONHOOK_TOKEN"]


def _title(text: str) -> None:
    output.say()
    output.console.print(f"[bold cyan]▌ {text}[/bold cyan]")
    sys.stdout.flush()


def _type(*arguments: str) -> None:
    """Run a command as if typed, and show it with its output."""
    from onhook.surfaces.cli import main  # noqa: PLC0415  # main imports the commands, of which this is one

    output.console.print(f"[dim]$ onhook {shlex.join(arguments)}[/dim]", markup=True, soft_wrap=True)
    code = main.invoke(list(arguments))
    if code != Exit.DONE:
        raise CommandError(f"`onhook {arguments[0]}` ended with {code}: the demo stops here.", exit_code=Exit.FAULT)


def _read(*arguments: str, expected: Exit = Exit.DONE) -> dict[str, Any]:
    """Run a command quietly and return its JSON."""
    from onhook.surfaces.cli import main  # noqa: PLC0415

    printed = StringIO()
    with redirect_stdout(printed):
        code = main.invoke([*arguments, "--json"])
    said: dict[str, Any] = json.loads(printed.getvalue())
    if code != expected:
        raise CommandError(f"`onhook {arguments[0]}` ended with {code}: {said}", exit_code=Exit.FAULT)
    return said


def _show_mail(mailbox: str) -> None:
    with httpx.Client(base_url=mailbox, trust_env=False, timeout=10) as http:
        newest = http.get("/messages").json()["messages"][-1]
        message = http.get(f"/messages/{newest['id']}").json()
    output.say(f"To: {', '.join(message['to'])}")
    output.say(f"Subject: {message['subject']}")
    output.say(f"Message-ID: {message['message_id']}")
    output.say()
    typer.echo(message["text"].strip())
