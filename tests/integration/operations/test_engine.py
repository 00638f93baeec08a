"""The engine as we use it: what a resumed step sees, zombies, wake-ups, early answers, lost runs, dead workers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction

from onhook import clock
from onhook.devices.models import Device
from onhook.operations import engine, worker
from onhook.operations.models import Notice, Operation, Question
from tests import factories
from tests.integration.operations.conftest import AtPoint
from tests.integration.operations.looking import ended, let_time_pass, lines, tags
from tests.world import World

Somebody = psycopg.Connection[Any]


class Killed(BaseException):
    """Ends a run as kill -9 would: no handler of ours or of the engine sees it."""


def _die() -> None:
    raise Killed


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _forget_the_run() -> None:
    """Lose the engine's tables' content, as a restore of only our own tables would."""
    for table in ("t", "r", "c", "w", "e"):
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM absurd.{table}_onhook")


def _dies_at(world: World, at_point: AtPoint, point: str) -> None:
    at_point(point, _die)
    with pytest.raises(Killed):
        world.work()


# --- values ----------------------------------------------------------------------------------------------------------


def test_a_resumed_step_sees_the_object_that_the_first_pass_stored(world: World) -> None:
    operation = world.start(world.line(1))
    seen: list[Any] = []

    def first(run: engine.Run, _: object) -> None:
        with transaction.atomic():
            run.complete(run.begin("a"), {"deep": [{"number": 1, "text": "ä", "nothing": None, "is_so": True}]})
        run.sleep(name="later", seconds=60)

    def second(run: engine.Run, _: object) -> None:
        handle = run.begin("a")
        seen.extend([handle.done, handle.state])

    engine.work_once(handler=first, worker_id="a:1:1", lease_seconds=60)
    let_time_pass()
    engine.work_once(handler=second, worker_id="a:1:1", lease_seconds=60)

    assert seen == [True, {"deep": [{"number": 1, "text": "ä", "nothing": None, "is_so": True}]}]
    assert operation.state == "running"


def test_the_engine_keeps_ids_and_no_names_numbers_or_addresses(world: World) -> None:
    world.start(world.line(1, worker="Grace Hopper", soc_code=factories.UNKNOWN_SOC))
    world.work()
    world.answer(world.open_question(), "direct")
    world.work()

    kept = "".join(
        str(row)
        for table in ("t", "r", "c", "w", "e")
        for row in _rows(f"SELECT {table}_onhook::text FROM absurd.{table}_onhook")
    )

    assert str(Operation.objects.get().pk) in kept
    for word in ("2025550101", "555-0101", "Grace", "plumbing", "Plumbing", "sam", "MysteryPlan"):
        assert word not in kept, word


def test_attempts_are_unlimited(world: World) -> None:
    world.start(world.line(1))

    assert _rows("SELECT max_attempts FROM absurd.t_onhook") == [(None,)]


# --- spawning ---------------------------------------------------------------------------------------------------------


def test_a_run_is_spawned_in_the_transaction_that_confirms(world: World) -> None:
    plan = world.plan([world.line(1)])

    with transaction.atomic():
        world.confirm(plan)
        assert _rows("SELECT count(*) FROM absurd.t_onhook") == [(1,)]
        transaction.set_rollback(True)

    assert _rows("SELECT count(*) FROM absurd.t_onhook") == [(0,)]
    assert world.work() == 0


def test_a_generation_is_spawned_once_whoever_asks(world: World) -> None:
    operation = world.start(world.line(1))

    for _ in range(3):
        engine.spawn(operation_id=operation.pk)

    assert _rows("SELECT count(*) FROM absurd.t_onhook") == [(1,)]


# --- zombies ----------------------------------------------------------------------------------------------------------


def _lose_the_lease(somebody: Somebody) -> None:
    """Let the lease of whatever runs end, and somebody else notice it by looking for work of another kind."""
    somebody.execute(
        "SELECT absurd.fail_run('onhook', run_id, '{\"name\": \"$ClaimTimeout\"}', clock_timestamp()) "
        "FROM absurd.r_onhook WHERE state = 'running'"
    )


@pytest.mark.parametrize(
    "point", ["authorise:after_commit", "delete_devices:1:after_commit", "verify_deleted:1:after_commit"]
)
def test_a_worker_that_lost_its_lease_commits_nothing_more(
    world: World, somebody_else: Somebody, at_point: AtPoint, point: str
) -> None:
    operation = world.start(world.line(1), world.line(2))
    at_point(point, lambda: _lose_the_lease(somebody_else))
    before: list[list[str]] = []

    # The first run ends at its next step; the second, which took over, does the rest.
    with engine.alive_here() as worker_id:
        engine.work_once(handler=worker.handler(world.ports), worker_id=worker_id, lease_seconds=60)
    before.append(tags(operation))
    world.work()

    done = {"authorise": 2, "delete_devices": 4, "verify_deleted": 5}[point.partition(":")[0]]
    assert len(before[0]) == done
    assert ended(operation) == "verified"
    assert tags(operation).count("device:deleted") == 2
    assert len(world.messages()) == 1


@pytest.mark.parametrize("moment", ["before_effect", "after_effect", "after_checkpoint"])
def test_nobody_takes_a_run_over_while_its_step_is_being_committed(
    world: World, somebody_else: Somebody, at_point: AtPoint, moment: str
) -> None:
    operation = world.start(world.line(1))
    somebody_else.execute("SET lock_timeout = '200ms'")

    def try_to_take_it_over() -> None:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            _lose_the_lease(somebody_else)

    at_point(f"delete_devices:1:{moment}", try_to_take_it_over)
    world.work()

    assert ended(operation) == "verified"


def test_a_late_answer_of_the_mail_server_is_not_stored_by_who_lost_the_lease(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    operation = world.start(world.line(1))
    at_point("notify_customer:send:after_call", lambda: _lose_the_lease(somebody_else))

    world.work()

    notice = Notice.objects.get()
    assert (ended(operation), notice.state, notice.sendings) == ("verified", "sent", 2)
    assert [message["message_id"] for message in world.messages()] == [notice.message_id] * 2
    assert tags(operation).count("notice:sent") == 1


def test_who_lost_the_lease_does_not_take_back_the_sending_of_who_took_over(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    operation = world.start(world.line(1))
    world.mailbox.control.add_fault("refuse", match={"method": "MAIL"}, code=451)

    def somebody_takes_over_and_sends() -> None:
        _lose_the_lease(somebody_else)
        # Their `prepare`, committed while our call to the mail server is still under way.
        Notice.objects.update(sendings=2)

    at_point("notify_customer:send:before_call", somebody_takes_over_and_sends)
    with engine.alive_here() as worker_id:
        engine.work_once(handler=worker.handler(world.ports), worker_id=worker_id, lease_seconds=60)

    assert (Notice.objects.get().state, Notice.objects.get().sendings) == ("sending", 2)
    assert ended(operation) == "running"


# --- waking -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def listening(somebody_else: Somebody) -> Iterator[Somebody]:
    somebody_else.execute(f"LISTEN {engine.WAKE_CHANNEL}")
    return somebody_else


# Seconds in which a notification comes, however busy the machine: the database sends it after the commit.
_SOON = 10.0


def _was_woken(listening: Somebody, *, within: float = _SOON) -> bool:
    return any(True for _ in listening.notifies(timeout=within, stop_after=1))


def test_confirming_wakes_the_workers_at_its_commit_and_not_before(world: World, listening: Somebody) -> None:
    plan = world.plan([world.line(1)])

    with transaction.atomic():
        world.confirm(plan)
        assert not _was_woken(listening, within=0.2)

    assert _was_woken(listening)


def test_an_answer_wakes_the_workers(world: World, listening: Somebody) -> None:
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    assert _was_woken(listening), "the confirmation's own"
    while _was_woken(listening, within=0.2):
        pass

    world.answer(world.open_question(), "direct")

    assert _was_woken(listening)


def test_a_question_answered_before_the_run_waits_is_not_missed(world: World, at_point: AtPoint) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    at_point(
        "authorise:question_opened",
        # Right at the commit that shows the question, before the run begins to wait.
        lambda: transaction.on_commit(lambda: world.answer(world.open_question(), "direct")),
    )

    assert world.work() == 1

    assert ended(operation) == "verified"


def test_a_waiting_run_holds_no_worker_and_no_lease(world: World) -> None:
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))

    world.work()

    assert _rows("SELECT state, claimed_by, claim_expires_at FROM absurd.r_onhook") == [("sleeping", None, None)]
    assert world.work() == 0


# --- lost runs --------------------------------------------------------------------------------------------------------

POINTS = [
    "authorise:before_effect",
    "authorise:after_commit",
    "delete_devices:1:after_commit",
    "delete_devices:2:after_commit",
    "verify_deleted:1:after_commit",
    "notify_customer:write:after_commit",
    "notify_customer:send:before_call",
    "notify_customer:send:after_commit",
]


@pytest.mark.parametrize("point", POINTS)
def test_a_run_that_the_engine_lost_is_started_anew_and_does_nothing_twice(
    world: World, settings: Any, at_point: AtPoint, point: str
) -> None:
    settings.CHUNK_LINES = 1
    operation = world.start(world.line(1), world.line(2))
    _dies_at(world, at_point, point)
    _forget_the_run()

    assert worker.respawn_lost() == 1
    world.work()

    assert ended(operation) == "verified"
    assert lines(operation) == [("verified", False), ("verified", False)]
    assert len(world.messages()) == 1
    found = tags(operation)
    assert found.count("device:deleted") == 2
    assert found.count("notice:written") == found.count("notice:sent") == found.count("operation:resumed") == 1
    assert operation.generation == 1


def test_a_run_lost_while_a_person_thinks_goes_on_with_the_answer(world: World) -> None:
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.open_question()
    _forget_the_run()
    worker.sweep()
    world.work()
    assert world.open_question() == question

    world.answer(question, "direct")
    world.work()

    assert ended(operation) == "verified"
    assert Question.objects.count() == 1


def test_a_decision_on_the_read_back_survives_a_lost_run(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    device = world.line(1)
    operation = world.start(device)
    at_point(
        "delete_devices:1:after_commit",
        lambda: somebody_else.execute("UPDATE devices_device SET deleted_at = NULL"),
    )
    world.work()
    world.answer(world.open_question(), "close_silently")
    _forget_the_run()

    worker.sweep()
    world.work()

    assert ended(operation) == "mismatch"
    assert Question.objects.count() == 1


@pytest.mark.parametrize("state", ["failed", "cancelled", "completed"])
def test_a_task_that_can_no_longer_run_counts_as_lost(world: World, somebody_else: Somebody, state: str) -> None:
    operation = world.start(world.line(1))
    somebody_else.execute("UPDATE absurd.t_onhook SET state = %s", [state])
    somebody_else.execute("UPDATE absurd.r_onhook SET state = %s", [state])

    worker.sweep()
    world.work()

    assert ended(operation) == "verified"


def test_the_sweeper_leaves_runs_alone_that_live_or_are_over(world: World) -> None:
    over = world.start(world.line(1))
    world.work()
    waiting = world.start(world.line(2, soc_code=factories.UNKNOWN_SOC))
    world.work()
    fresh = world.start(world.line(3))

    assert worker.respawn_lost() == 0

    assert {operation.generation for operation in Operation.objects.all()} == {0}
    assert {ended(over), ended(waiting), ended(fresh)} == {"verified", "waiting", "running"}


# --- dead workers -----------------------------------------------------------------------------------------------------


def test_a_run_of_a_dead_worker_is_taken_over_at_once_however_long_its_lease(
    world: World, settings: Any, at_point: AtPoint
) -> None:
    settings.LEASE_SECONDS = 3600
    operation = world.start(world.line(1))
    _dies_at(world, at_point, "delete_devices:1:after_commit")
    assert world.work() == 0, "the lease alone should keep others away"

    worker.take_over()
    world.work()

    assert ended(operation) == "verified"


def test_a_run_of_a_living_worker_is_left_to_it(world: World, at_point: AtPoint) -> None:
    operation = world.start(world.line(1))
    released: list[int] = []

    def look() -> None:
        try:
            with transaction.atomic():
                released.append(engine.release_runs_of_the_dead())
        finally:
            connections.close_all()

    def a_peer_looks() -> None:
        # In a thread, with a connection of its own: advisory locks do not shut out their own session.
        peer = threading.Thread(target=look)
        peer.start()
        peer.join(30)

    at_point("authorise:after_commit", a_peer_looks)
    world.work()

    assert released == [0]
    assert ended(operation) == "verified"
    assert tags(operation).count("operation:authorised") == 1


def test_a_lease_that_ran_out_is_enough_when_the_sign_of_life_lies(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    operation = world.start(world.line(1))
    _dies_at(world, at_point, "authorise:after_commit")
    somebody_else.execute("UPDATE absurd.r_onhook SET claim_expires_at = clock_timestamp() WHERE state = 'running'")

    world.work()
    let_time_pass()
    world.work()

    assert ended(operation) == "verified"


def test_a_worker_of_an_unknown_kind_does_not_stop_the_look_for_dead_ones(
    world: World, somebody_else: Somebody, at_point: AtPoint
) -> None:
    first = world.start(world.line(1))
    _dies_at(world, at_point, "authorise:after_commit")
    somebody_else.execute("UPDATE absurd.r_onhook SET claimed_by = 'a stranger'")
    second = world.start(world.line(2))
    _dies_at(world, at_point, "authorise:after_commit")

    worker.take_over()
    world.work()

    assert (ended(first), ended(second)) == ("running", "verified")


def test_times_are_the_databases(world: World) -> None:
    before = clock.now()
    operation = world.start(world.line(1))

    world.work()

    after = clock.now()
    ended(operation)
    moments = [operation.confirmed_at, operation.irreversible_at, Device.objects.get().deleted_at, operation.closed_at]
    assert [before, *moments, after] == sorted([before, *moments, after])
