"""Real worker processes over time: woken, deprived of their database, outlived by peers, many at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from django.db import connection

from onhook.audit import verification
from onhook.devices.models import Device
from onhook.operations import engine
from onhook.operations.models import Operation, Step
from tests import database, factories
from tests.crash.conftest import Scene
from tests.crash.processes import Process
from tests.integration.operations.looking import ended, tags

pytestmark = pytest.mark.crash

NEVER = "3600"


def _is_over(operation: Operation) -> bool:
    return Operation.objects.get(pk=operation.pk).is_closed


def _ready(scene: Scene, **environment: str) -> Process:
    before = engine.living_workers()
    process = scene.worker(**environment)
    scene.wait_until(lambda: engine.living_workers() == before + 1)
    return process


def test_a_worker_that_hardly_ever_looks_is_woken_by_a_confirmation_and_by_an_answer(scene: Scene) -> None:
    worker = _ready(scene, POLL_SECONDS=NEVER)
    plain = scene.world.start(scene.world.line(1))
    scene.wait_until(lambda: _is_over(plain))
    asking = scene.world.start(scene.world.line(2, soc_code=factories.UNKNOWN_SOC))

    scene.answer_when_asked(asking, "direct")

    scene.wait_until(lambda: _is_over(asking))
    assert worker.terminate() == 0


def test_a_worker_told_to_stop_lets_go_of_its_sign_of_life(scene: Scene) -> None:
    worker = _ready(scene)

    assert worker.terminate() == 0

    scene.wait_until(lambda: engine.living_workers() == 0)


@pytest.fixture
def everybody_else(scene: Scene) -> Iterator[psycopg.Connection[object]]:
    """Give a connection to another database of the server, to throw everybody but this test out of the test's own."""
    with psycopg.connect(database.url_of("postgres"), autocommit=True) as connection:
        yield connection


def _throw_out(server: psycopg.Connection[object]) -> None:
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
        [connection.settings_dict["NAME"], connection.connection.info.backend_pid],
    )


def test_a_worker_survives_a_database_that_goes_away_and_comes_back(
    scene: Scene, everybody_else: psycopg.Connection[object]
) -> None:
    worker = _ready(scene)
    name = connection.settings_dict["NAME"]
    before = scene.world.start(scene.world.line(1))
    scene.wait_until(lambda: _is_over(before))

    # As in a restart: nobody gets in, and everybody who is in is thrown out.
    everybody_else.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    _throw_out(everybody_else)
    scene.wait_until(lambda: engine.living_workers() == 0)
    during = scene.world.start(scene.world.line(2))
    everybody_else.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    scene.wait_until(lambda: _is_over(during))
    assert (ended(during), worker.terminate()) == ("verified", 0)


def test_a_worker_whose_connections_are_cut_in_the_middle_of_a_step_does_it_once(
    scene: Scene, everybody_else: psycopg.Connection[object]
) -> None:
    worker = _ready(scene)
    lost, other = scene.world.line(1), scene.world.line(2)
    with closing(psycopg.connect(scene.world.url)) as blocker:
        # The deletion gets stuck on a row that somebody holds.
        blocker.execute("SELECT FROM devices_device WHERE id = %s FOR NO KEY UPDATE", [other.pk])
        operation = scene.world.start(lost, other)
        scene.wait_until(lambda: _somebody_waits(everybody_else))
        _throw_out(everybody_else)

    scene.wait_until(lambda: _is_over(operation))
    assert (ended(operation), worker.terminate()) == ("verified", 0)
    assert tags(operation).count("device:deleted") == 2
    assert len(scene.world.messages()) == 1


def _somebody_waits(server: psycopg.Connection[object]) -> bool:
    row = server.execute(
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'",
        [connection.settings_dict["NAME"]],
    ).fetchone()
    return row == (True,)


def test_a_peer_takes_over_from_a_killed_worker_however_long_the_lease(scene: Scene) -> None:
    victim = _ready(scene, ONHOOK_CRASH_AT="delete_devices:1:after_commit", LEASE_SECONDS=NEVER)
    operation = scene.world.start(scene.world.line(1), scene.world.line(2))
    assert victim.was_killed()

    peer = _ready(scene, LEASE_SECONDS=NEVER)

    scene.wait_until(lambda: _is_over(operation))
    assert (ended(operation), peer.terminate()) == ("verified", 0)
    assert tags(operation).count("device:deleted") == 2


def test_many_threads_of_two_workers_do_every_operation_once(scene: Scene) -> None:
    workers = [_ready(scene, THREADS="3") for _ in range(2)]
    operations = [scene.world.start(scene.world.line(line)) for line in range(1, 13)]

    scene.wait_until(lambda: all(_is_over(operation) for operation in operations))

    assert [worker.terminate() for worker in workers] == [0, 0]
    assert {ended(operation) for operation in operations} == {"verified"}
    assert not Device.objects.filter(deleted_at=None).exists()
    assert verification.verify().findings == []
    assert len(scene.world.messages()) == len(operations)
    assert set(Step.objects.values_list("tries", flat=True)) == {0}
    assert {tuple(tags(operation)) for operation in operations} == {tuple(tags(operations[0]))}
