"""Imports beside other writers, on several connections: nothing half done, nothing brought back, nothing twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connections

from onhook.audit import verification
from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.exchange.importing import Kind, Report, UnableToImport
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Role
from tests import factories
from tests.integration.exchange.files import LINE, NOW, counts, put

PATIENCE_SECONDS = 60


@pytest.fixture
def lead(committed: str) -> Actor:
    factories.company()
    return factories.actor(factories.agent(username="lea", role=Role.LEAD))


class Running:
    """An import in a thread of its own, and so on a connection of its own."""

    def __init__(self, actor: Actor, *rows: dict[str, str]) -> None:
        self.report: Report | None = None
        self.problem: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(actor, rows))
        self._thread.start()

    def _run(self, actor: Actor, rows: tuple[dict[str, str], ...]) -> None:
        try:
            self.report = put(Kind.DEVICES, actor, *rows)
        except UnableToImport as problem:
            self.problem = problem
        finally:
            connections.close_all()

    def finish(self) -> None:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()


@contextmanager
def _other_writer(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url) as other:
        yield other


def _wait_until_blocked(url: str, *, sessions: int = 1) -> None:
    """Wait until so many sessions of this database wait for a lock."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(url, autocommit=True) as look:
        while time.monotonic() < deadline:
            row = look.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if row is not None and row[0] >= sessions:
                return
            time.sleep(0.01)
    pytest.fail("nobody waited")


def test_a_line_deleted_under_an_import_stays_deleted(committed: str, lead: Actor) -> None:
    device = factories.device(Company.objects.get(coid=4711), line=1)

    with _other_writer(committed) as deleting:
        deleting.execute("UPDATE devices_device SET deleted_at = %s WHERE id = %s", [NOW, device.pk])
        running = Running(lead, LINE | {"worker": "Somebody else"})
        _wait_until_blocked(committed)
        deleting.commit()
    running.finish()

    device.refresh_from_db()
    assert "changed the same records at the same time. Nothing was imported" in str(running.problem)
    assert (device.deleted_at, device.worker) == (NOW, "Worker 1")
    assert Device.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_a_line_deleted_before_an_import_applies_is_not_brought_back(committed: str, lead: Actor) -> None:
    put(Kind.DEVICES, lead, LINE)
    with _other_writer(committed) as deleting:
        deleting.execute("UPDATE devices_device SET deleted_at = %s", [NOW])

    report = put(Kind.DEVICES, lead, LINE)

    assert [row.column for row in report.bad] == ["number"]
    assert Device.objects.filter(deleted_at=None).count() == 0


def test_two_imports_of_one_file_at_once_add_each_line_once(committed: str, lead: Actor) -> None:
    rows = [LINE | {"number": factories.number(line)} for line in range(40)]

    with _other_writer(committed) as holding:
        # Hold the lock behind which imports line up, so that both wait there with their rows staged.
        holding.execute("SELECT pg_advisory_xact_lock(7361204)")
        both = [Running(lead, *rows), Running(lead, *rows)]
        _wait_until_blocked(committed, sessions=2)
        holding.commit()
    for running in both:
        running.finish()

    reports = [running.report for running in both]
    assert sorted(counts(report) for report in reports if report is not None) == [(0, 0, 40, 0), (40, 0, 0, 0)]
    assert Device.objects.count() == 40
    assert verification.verify().findings == []
    assert AuditEvent.objects.count() == 2


def test_a_deadlock_is_told_as_a_reason_to_try_again(committed: str, lead: Actor) -> None:
    put(Kind.DEVICES, lead, LINE, LINE | {"number": factories.number(2)})
    with _other_writer(committed) as other:
        other.execute("UPDATE devices_device SET worker = 'x' WHERE number = %s", [factories.number(2)])
        # Who waits looks for a deadlock once, after this time: the import when both wait, and long before the other.
        other.execute("SET LOCAL deadlock_timeout = '60s'")
        with _other_writer(committed) as administrator:
            administrator.execute(f"ALTER DATABASE {other.info.dbname} SET deadlock_timeout = '4s'")
        running = Running(lead, LINE | {"worker": "y"}, LINE | {"number": factories.number(2), "worker": "y"})
        _wait_until_blocked(committed)
        other.execute("UPDATE devices_device SET worker = 'x' WHERE number = %s", [factories.number(1)])
        other.commit()
    running.finish()

    assert "Run the import again" in str(running.problem)
    assert list(Device.objects.values_list("worker", flat=True)) == ["x", "x"]
