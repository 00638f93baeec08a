"""What is measured. Each function returns plain figures; `__main__` makes the table."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from benchmarks import floor, world

LINES = 10_000
SINGLES = 200
ONE_LINE_ROUNDS = 200
IDLE_SECONDS = 20


class NoMail:
    """A mail port that takes every mail at once: the mail server's time is not ours."""

    def send(self, mail: Any) -> None:
        """Take it."""

    def check(self) -> str:
        return "none"


@dataclass(frozen=True)
class Speed:
    """Lines per second of three ways to do the same work."""

    product: float
    floor: float
    one_by_one: float


def set_based(url: str) -> Speed:
    """Delete, audit and read back 10,000 lines as one operation, with plain psycopg, and as one operation per line."""
    from onhook.operations import worker
    from onhook.operations.models import Operation
    from onhook.operations.ports import Ports

    ports = Ports(mail=NoMail())
    confirm(world.lines(10, first=79_000))
    worker.run_until_idle(ports=ports)  # warm: caches, prepared statements, imports

    floor_ids = world.lines(LINES, first=0)
    floor_seconds = _seconds(lambda: floor.delete_lines(url, floor_ids))
    plan = _plan(world.lines(LINES, first=LINES))
    started = time.perf_counter()
    operation = _confirm_plan(plan)
    worker.run_until_idle(ports=ports)
    product_seconds = time.perf_counter() - started
    operation.refresh_from_db()
    assert operation.outcome == "verified", operation.outcome
    plans = [_plan([device]) for device in world.lines(SINGLES, first=3 * LINES)]
    started = time.perf_counter()
    for single in plans:
        _confirm_plan(single)
    worker.run_until_idle(ports=ports)
    single_seconds = time.perf_counter() - started
    assert Operation.objects.exclude(outcome="verified").count() == 0
    return Speed(LINES / product_seconds, LINES / floor_seconds, SINGLES / single_seconds)


def _seconds(act: Any) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _plan(device_ids: list[int]) -> Any:
    from onhook import clock
    from onhook.operations import planning
    from onhook.operations.vocabulary import HowChecked, Reason
    from onhook.tenancy.actor import Actor, Surface
    from onhook.tenancy.models import Company, User

    admin = User.objects.get(login=f"{world.COID}/ada")
    request = planning.Request(requester=admin, how_checked=HowChecked.SIGNED_IN, reason=Reason.OTHER)
    return planning.plan(
        company=Company.objects.get(pk=world.COID),
        device_ids=device_ids,
        request=request,
        actor=Actor(user=admin, surface=Surface.CLI),
        now=clock.now(),
    )


def _confirm_plan(plan: Any) -> Any:
    from onhook import clock
    from onhook.operations import confirming
    from onhook.tenancy.actor import Actor, Surface

    return confirming.confirm(
        company=plan.company,
        plan_id=plan.pk,
        plan_hash=plan.plan_hash,
        actor=Actor(user=plan.created_by, surface=Surface.CLI),
        now=clock.now(),
    )


def confirm(device_ids: list[int]) -> Any:
    return _confirm_plan(_plan(device_ids))


@dataclass(frozen=True)
class Wait:
    """Milliseconds from confirm to verified, of one line, with a worker woken by NOTIFY."""

    median: float
    p99: float


@dataclass(frozen=True)
class Rest:
    """What a worker costs that has nothing to do."""

    cpu_percent: float
    memory_mib: float


@contextmanager
def worker_process(mail_url: str) -> Iterator[int]:
    """Run a worker as in production; gives its pid."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        environment = {**os.environ, "ONHOOK_MAIL_URL": mail_url}
        command = [sys.executable, "-m", "onhook", "worker", "--ready-file", str(ready)]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise RuntimeError("the worker did not start")
                time.sleep(0.02)
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


_IS_VERIFIED = "SELECT FROM operations_step WHERE operation_id = %s AND name = 'verify_deleted' AND state = 'done'"
_IS_CLOSED = "SELECT FROM operations_operation WHERE id = %s AND state = 'closed'"


def one_line(url: str) -> Wait:
    """Confirm one line at a time; from the call of `confirm` until somebody else sees its read-back as committed."""
    waits = []
    with psycopg.connect(url, autocommit=True) as watcher:
        for device in world.lines(ONE_LINE_ROUNDS, first=4 * LINES):
            plan = _plan([device])
            started = time.perf_counter()
            operation = _confirm_plan(plan)
            _wait_for(watcher, _IS_VERIFIED, operation.pk)
            waits.append((time.perf_counter() - started) * 1000)
            _wait_for(watcher, _IS_CLOSED, operation.pk)
    waits.sort()
    return Wait(statistics.median(waits), waits[int(len(waits) * 0.99) - 1])


def _wait_for(watcher: psycopg.Connection[Any], question: str, operation_id: UUID) -> None:
    """Look again and again, cheaply: the watcher takes its time from the very processors that are measured."""
    while watcher.execute(question, [operation_id], prepare=True).fetchone() is None:
        time.sleep(0.002)


def idle(pid: int) -> Rest:
    """Watch a worker that has nothing to do."""
    before = _cpu_seconds(pid)
    time.sleep(IDLE_SECONDS)
    used = _cpu_seconds(pid) - before
    resident = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return Rest(100 * used / IDLE_SECONDS, int(resident.split()[1]) / 1024)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
