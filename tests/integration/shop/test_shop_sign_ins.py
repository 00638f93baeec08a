"""Three sign-ins a minute at each vendor, however many processes an installation has: counted in PostgreSQL."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from emulators.control.launch import RunningEmulator
from onhook.config.sign_ins import CounterOfInstallation
from onhook.operations.errors import Retryable
from onhook.operations.models import Operation
from tests.crash.conftest import nursery
from tests.crash.processes import Nursery, Process
from tests.crash.worker_process import PACED
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended
from tests.integration.shop.test_shop_calls import SIGN_INS_A_MINUTE, _sign_ins
from tests.shop import Vendors
from tests.world import World

__all__ = ["nursery"]

PROCESSES = 6

Fork = Callable[[str], Process]


@pytest.fixture
def fork(committed: str, vendors: Vendors, mailbox: RunningEmulator, nursery: Nursery, tmp_path: Path) -> Fork:
    """Give what starts a process of the installation, which knows the vendors by its settings alone."""
    settings = {
        **vendors.settings(tmp_path),
        "SHOP_HOSTS": [vendors.shop_host],
        "MAIL_URL": f"smtp://{mailbox.addresses['smtp']}",
    }
    return lambda what: nursery.fork(what, database=connection.settings_dict["NAME"], settings=settings)


def _a_minute_later() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vendor_sign_in SET counted_at = counted_at - interval '1 minute'")


def _ends(processes: list[Process]) -> Counter[int | None]:
    return Counter(process.ended() for process in processes)


def test_many_processes_sign_in_three_times_a_minute_together(fork: Fork, vendors: Vendors) -> None:
    ends = _ends([fork("sign_in") for _ in range(PROCESSES)])

    assert ends == {0: SIGN_INS_A_MINUTE, PACED: PROCESSES - SIGN_INS_A_MINUTE}
    # At the shop the proof of credentials and the harmless read after it are the same call.
    assert (_sign_ins(vendors)["crm"], _sign_ins(vendors)["shop"]) == (SIGN_INS_A_MINUTE, 2 * SIGN_INS_A_MINUTE)

    _a_minute_later()

    assert _ends([fork("sign_in") for _ in range(PROCESSES)])[0] == SIGN_INS_A_MINUTE
    assert _sign_ins(vendors)["crm"] == 2 * SIGN_INS_A_MINUTE


def test_workers_of_several_processes_do_many_runs_with_one_sign_in_each(
    fork: Fork, shop_world: World, vendors: Vendors
) -> None:
    operations = [shop_world.start(shop_world.line(line, soc_code=SHOP_SOC)) for line in range(1, 13)]
    workers = [fork("work") for _ in range(SIGN_INS_A_MINUTE)]

    _wait_until_closed()

    assert [worker.terminate() for worker in workers] == [0] * len(workers)
    assert {ended(operation) for operation in operations} == {"verified"}
    assert len(shop_world.messages()) == len(operations)
    assert 1 <= _sign_ins(vendors)["crm"] <= SIGN_INS_A_MINUTE
    assert 1 <= _sign_ins(vendors)["shop"] <= SIGN_INS_A_MINUTE


def _wait_until_closed() -> None:
    given_up_at = time.monotonic() + 120
    while Operation.objects.exclude(state="closed").exists():
        assert time.monotonic() < given_up_at, "the runs never ended"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.1)")


def test_credentials_that_are_refused_are_shown_three_times_a_minute_by_all_processes_together(
    fork: Fork, vendors: Vendors
) -> None:
    vendors.crm.control.call("POST", "settings", {"sign_in_error": "invalid_client"})

    ends = _ends([fork("sign_in") for _ in range(PROCESSES)])

    assert ends[0] == 0
    assert _sign_ins(vendors)["crm"] == SIGN_INS_A_MINUTE


def _count(vendor: str = "a vendor", *, most: int = 3, span_seconds: float = 60.0) -> float:
    return CounterOfInstallation().count(vendor=vendor, most=most, span_seconds=span_seconds)


def _kept() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT vendor, count(*) FROM vendor_sign_in GROUP BY vendor ORDER BY vendor")
        return cursor.fetchall()


def test_there_is_room_for_three_and_then_a_wait_of_at_most_a_minute(committed: str) -> None:
    waits = [_count() for _ in range(5)]

    assert waits[:3] == [0.0, 0.0, 0.0]
    assert all(0.0 < wait <= 60.0 for wait in waits[3:])
    assert _kept() == [("a vendor", 3)]


def test_a_command_leaves_the_last_place_to_others_and_says_when_there_is_room(committed: str) -> None:
    command, worker = CounterOfInstallation(spare=1), CounterOfInstallation()
    ask = {"vendor": "a vendor", "most": 3, "span_seconds": 60.0}

    waits = [counter.count(**ask) for counter in (command, command, command, worker, worker, command)]

    assert [wait > 0.0 for wait in waits] == [False, False, True, False, True, True]
    # A place for the command is free when two of the three are over, for the worker when one is.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vendor_sign_in")
        cursor.execute(
            "INSERT INTO vendor_sign_in SELECT 'a vendor', clock_timestamp() - make_interval(secs => age) "
            "FROM unnest(ARRAY[50, 15, 5]) AS age"
        )
    assert 0.0 < worker.count(**ask) <= 10.0
    assert 20.0 < command.count(**ask) <= 45.0


def test_each_vendor_has_a_pace_of_its_own(committed: str) -> None:
    waits = [_count(vendor, most=1) for vendor in ("one", "other", "one", "other")]

    assert [wait > 0.0 for wait in waits] == [False, False, True, True]


def test_what_is_over_a_minute_ago_is_forgotten(committed: str) -> None:
    for _ in range(3):
        _count()
    _a_minute_later()

    assert _count() == 0.0
    assert _kept() == [("a vendor", 1)]


def test_of_many_that_count_at_once_three_are_let_through(committed: str) -> None:
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: _count(), range(48)))

    assert waits.count(0.0) == 3
    assert all(0.0 < wait <= 60.0 for wait in waits if wait)


def test_a_count_stands_although_its_caller_rolls_back(committed: str) -> None:
    with transaction.atomic():
        _count()
        transaction.set_rollback(True)

    assert _kept() == [("a vendor", 1)]


@contextmanager
def _held_up(url: str) -> Iterator[None]:
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE vendor_sign_in IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@contextmanager
def _away(url: str) -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "no_such_database"
    try:
        yield
    finally:
        connection.settings_dict["NAME"] = name


@pytest.mark.parametrize("trouble", [_held_up, _away])
def test_where_nothing_can_be_counted_nobody_signs_in(committed: str, trouble: Any) -> None:
    with trouble(committed), pytest.raises(Retryable) as caught:
        _count()

    assert str(caught.value) == (
        "a vendor was not asked to sign us in, as the database that counts sign-ins does not answer"
    )
    assert _count() == 0.0
