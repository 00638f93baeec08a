"""Canary credentials through runs, faults and crashes, with everything logged: nothing that stays holds one."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog.testing
from django.db import connection
from pytest_django.fixtures import Settings

from onhook.audit.models import AuditEvent
from onhook.operations import worker
from onhook.operations.models import Notice, Operation, Question
from onhook.operations.ports import Ports
from tests import database
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended
from tests.integration.shop.conftest import shop_world, vendor_processes, vendors
from tests.security.leaks import Scanner, whole_database
from tests.shop import Vendors
from tests.world import World

__all__ = ["shop_world", "vendor_processes", "vendors"]

pytestmark = [pytest.mark.emulator, pytest.mark.crash]

# What the tests' vendors are opened with; the last one begins every access token of the emulated org.
SCANNER = Scanner((shops.VAULT_KEY, shops.CONSUMER_SECRET, shops.SECRET_KEY, "00Dxx0000000001!AQ"))
FAULTS = [
    ("crm", "status", {"status": 401}),
    ("crm", "wrong_body", {}),
    ("crm", "other_record", {}),
    ("shop", "cut_after_effect", {}),
    ("shop", "html_body", {"status": 503}),
    ("shop", "expired_token", {}),
    ("vault", "truncated_body", {}),
    ("vault", "status", {"status": 403}),
]
CRASHES = ["find_account:before_call", "find_account:after_call", "find_subscription:after_call"]


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """Give all that any library logs, at the lowest level there is."""
    written, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def _fresh(world: World, vendors: Vendors) -> World:
    ports = Ports(mail=world.ports.mail, **shops.connect(vendors))
    return replace(world, ports=ports)


def _journals(vendors: Vendors) -> str:
    return repr([emulator.control.journal() for emulator in (vendors.vault, vendors.crm, vendors.shop)])


def _mails(world: World) -> str:
    return json.dumps(world.messages())


@pytest.mark.parametrize("writing", ["{}", "a {} b", "x{}", "xy{}"])
@pytest.mark.parametrize("canary", SCANNER.canaries)
def test_the_scanner_finds_what_is_planted_in_a_text(canary: str, writing: str) -> None:
    planted = writing.format(canary)

    for text in (
        planted,
        base64.b64encode(planted.encode()).decode(),
        base64.urlsafe_b64encode(planted.encode()).decode(),
        planted.encode().hex(),
        f"https://example.example/?value={planted.replace('!', '%21')}",
    ):
        assert SCANNER.leaks(f'{{"line": "{text}"}}') == [canary]
    assert SCANNER.leaks("a line without any, and dGhlIHF1aWNrIGJyb3duIGZveA== beside it") == []


@pytest.mark.parametrize("place", ["a text column", "a json column", "the engine's checkpoints", "the engine's faults"])
def test_the_scanner_finds_what_is_planted_in_the_database(world: World, place: str) -> None:
    operation = world.start(world.line(1))
    world.work()
    assert SCANNER.leaks(whole_database()) == []
    canary = SCANNER.canaries[1]
    encoded = base64.b64encode(f"Basic user:{canary}".encode()).decode()
    with connection.cursor() as cursor:
        if place == "a text column":
            Operation.objects.filter(pk=operation.pk).update(outcome_reason=f"refused {canary}")
        elif place == "a json column":
            operation.steps.update(evidence={"deep": [{"header": encoded}]})
        elif place == "the engine's checkpoints":
            cursor.execute("UPDATE absurd.c_onhook SET state = %s", [json.dumps({"token": encoded})])
        else:
            cursor.execute("UPDATE absurd.r_onhook SET failure_reason = %s", [json.dumps({"message": canary})])
        assert cursor.rowcount != 0

    assert SCANNER.leaks(whole_database()) == [canary]


def test_no_secret_stays_anywhere_after_runs_under_faults(
    shop_world: World, vendors: Vendors, settings: Settings, everything_logged: io.StringIO
) -> None:
    settings.VENDOR_PATIENCE_SECONDS = 0
    with structlog.testing.capture_logs() as lines:
        for line, (name, kind, parameters) in enumerate(FAULTS, 1):
            emulator = getattr(vendors, name)
            emulator.control.add_fault(kind, times=None, **parameters)
            world = _fresh(shop_world, vendors)
            world.start(world.line(line, soc_code=SHOP_SOC))
            world.work()
            emulator.control.clear_faults()
        world = _fresh(shop_world, vendors)
        for question in Question.objects.filter(answered_at=None):
            world.answer(question, "try_again")
        world.work()

    assert set(Operation.objects.values_list("outcome", flat=True)) == {"verified"}
    assert (Notice.objects.count(), Question.objects.count() >= len(FAULTS) - 1) == (len(FAULTS), True)
    assert any(line["event"] == "outside_call" for line in lines), "nothing was logged at all"
    assert everything_logged.getvalue(), "no library logged anything"
    told = {
        "our logs": json.dumps(lines, default=repr),
        "logs of libraries": everything_logged.getvalue(),
        "database": whole_database(),
        "mails": _mails(world),
        "journals": _journals(vendors),
        "what is shown": repr((world.ports, vendors)),
    }
    assert {name: found for name, text in told.items() if (found := SCANNER.leaks(text))} == {}


def _worker(world: World, vendors: Vendors, folder: Path, point: str) -> tuple[subprocess.Popen[bytes], Path, Path]:
    """Start `onhook worker` as in production: its credentials in the vault, the vault's key in a file."""
    key, log = folder / "vault-key", folder / f"log-{point.replace(':', '-')}"
    key.write_text(shops.VAULT_KEY)
    settings = {name: value for name, value in vendors.settings(folder).items() if name != "PASSWORDSTATE_KEY"}
    environment = {
        **os.environ,
        "DATABASE_URL": database.url_of(connection.settings_dict["NAME"]),
        "ONHOOK_CRASH_AT": point,
        "ONHOOK_MAIL_URL": f"smtp://{world.mailbox.addresses['smtp']}",
        "ONHOOK_PASSWORDSTATE_KEY_FILE": str(key),
        **{f"ONHOOK_{name}": value for name, value in settings.items()},
        "ONHOOK_SHOP_HOSTS": vendors.shop_host,
        "PYTHONFAULTHANDLER": "1",
    }
    command = [sys.executable, "-m", "onhook", "worker"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)  # ours
    return process, log, Path(f"/proc/{process.pid}/cmdline")


def _arguments_until_killed(process: subprocess.Popen[bytes], arguments: Path) -> str:
    """Wait for the crash and return the process arguments that everybody on the machine could see meanwhile."""
    seen, deadline = "", time.monotonic() + 120
    while process.poll() is None:
        seen = arguments.read_text(encoding="utf-8", errors="replace") or seen
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise AssertionError("the worker never came to its point")
        time.sleep(0.02)
    return seen


def test_no_secret_stays_anywhere_after_a_killed_worker(shop_world: World, vendors: Vendors, tmp_path: Path) -> None:
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    told = {}
    for point in CRASHES:
        process, log, arguments = _worker(shop_world, vendors, tmp_path, point)
        told[f"arguments at {point}"] = _arguments_until_killed(process, arguments)
        assert process.returncode == -9
        told[f"log at {point}"] = log.read_text(encoding="utf-8", errors="replace")
        told[f"database at {point}"] = whole_database()
        assert "onhook" in told[f"arguments at {point}"]
    assert "outside_call" in told["log at find_account:after_call"]
    worker.take_over()
    shop_world.work()

    assert ended(operation) == "verified"
    assert AuditEvent.objects.filter(operation_id=operation.pk).exists()
    told.update(database=whole_database(), mails=_mails(shop_world), journals=_journals(vendors))
    assert {name: found for name, text in told.items() if (found := SCANNER.leaks(text))} == {}
