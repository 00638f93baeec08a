"""
Real processes for the crash tests, forked from one that has loaded everything, so that each costs milliseconds.

Run as `python -m tests.crash.worker_process`; `tests.crash.processes` speaks with it. Each line on standard input is
a command in JSON, each line on standard output its answer. The process itself never opens a connection.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import django

# The environment can say otherwise. The lease outlasts any pause of a loaded machine: who lives keeps its run.
LEASE_SECONDS = "60"
POLL_SECONDS = "0.2"
THREADS = "1"
# How a process ends that was not let sign in.
PACED = 7


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "onhook.config.settings"
    django.setup()
    # Loaded before the first fork.
    import tests.shop  # noqa: F401

    for line in sys.stdin:
        command = json.loads(line)
        answer = {"fork": _fork, "wait": _wait}[command["do"]](command)
        print(json.dumps(answer), flush=True)


def _fork(command: Mapping[str, Any]) -> dict[str, Any]:
    pid = os.fork()
    if pid:
        return {"pid": pid}
    status = 1
    try:
        _child(command)
        status = 0
    finally:
        # Not sys.exit: nothing of the parent's may run in the child.
        os._exit(status)


def _wait(command: Mapping[str, Any]) -> dict[str, Any]:
    """Wait for a child's end; one that does not end in time is killed and called still running."""
    deadline = time.monotonic() + command["seconds"]
    while time.monotonic() < deadline:
        pid, status = os.waitpid(command["pid"], os.WNOHANG)
        if pid:
            return {"ended": os.waitstatus_to_exitcode(status)}
        time.sleep(0.005)
    os.kill(command["pid"], signal.SIGKILL)
    os.waitpid(command["pid"], 0)
    return {"ended": None}


def _child(command: Mapping[str, Any]) -> None:
    from django.conf import settings
    from django.db import connections

    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, 0)
    os.dup2(devnull, 1)
    os.environ.update(command["environment"])
    for name, value in command["settings"].items():
        setattr(settings, name, value)
    connections["default"].settings_dict["NAME"] = command["database"]
    {"work": _work, "confirm": _confirm, "sign_in": _sign_in}[command["what"]](command)


@dataclass(frozen=True)
class Place:
    """Where an emulator is that another process started."""

    http: str
    ca_file: Path


def _ports(vendors: Mapping[str, tuple[str, str]]) -> Any:
    """Return the product's own wiring, and its own connectors to the vendors' emulators where there are any."""
    from onhook.config import wiring
    from onhook.operations.ports import Ports
    from tests import shop

    if not vendors:
        return wiring.ports()
    places: dict[str, Any] = {name: Place(http, Path(ca_file)) for name, (http, ca_file) in vendors.items()}
    return Ports(mail=wiring.mail(), **shop.connect(shop.Vendors(**places)))


def _work(command: Mapping[str, Any]) -> None:
    """Be a worker until SIGTERM, or until a crash point."""
    from onhook.operations.worker import Worker

    worker = Worker(
        ports=_ports(command["vendors"]),
        threads=int(os.environ.get("THREADS", THREADS)),
        lease_seconds=int(os.environ.get("LEASE_SECONDS", LEASE_SECONDS)),
        poll_seconds=float(os.environ.get("POLL_SECONDS", POLL_SECONDS)),
    )
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()


def _sign_in(command: Mapping[str, Any]) -> None:
    """Sign in at both billing systems through the product's own wiring, as `onhook doctor` does."""
    from onhook.config import wiring
    from onhook.operations.errors import SignInsUsedUp

    for port in (wiring.accounts(), wiring.shop()):
        try:
            port.check()  # type: ignore[union-attr]  # the command names both systems
        except SignInsUsedUp:
            os._exit(PACED)


def _confirm(command: Mapping[str, Any]) -> None:
    """Confirm a plan, as a surface would."""
    from onhook import clock
    from onhook.operations import confirming
    from onhook.operations.models import Plan
    from onhook.tenancy import people
    from onhook.tenancy.actor import Actor, Surface

    plan = Plan.objects.select_related("company").get(pk=UUID(command["plan"]))
    confirming.confirm(
        company=plan.company,
        plan_id=plan.pk,
        plan_hash=plan.plan_hash,
        actor=Actor(user=people.by_login(command["login"]), surface=Surface.CLI),
        now=clock.now(),
    )


if __name__ == "__main__":
    main()
