"""The durable execution engine (absurd), and the only module that knows it: spawn, wake, run, recover."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import absurd_sdk
from django.db import connection
from psycopg import Connection, Cursor
from psycopg.types.json import JsonbLoader

from onhook.operations import crash_points
from onhook.tenancy import walls

QUEUE = "onhook"
TASK = "run_operation"
# PostgreSQL notification channel that wakes the workers.
WAKE_CHANNEL = "onhook_work"
# First key of the advisory locks that workers hold while they live; the second is the worker's number.
_ALIVE_LOCK = 0x0F40
# What escapes a run is a fault outside its steps, or a lease that ran out: never tried again in a tight loop.
_AFTER_FAULT: absurd_sdk.RetryStrategy = {"kind": "fixed", "base_seconds": 2}

# What the engine raises to unwind a run. Never caught by a step: swallowing one would lose the wait or the refusal.
Unwinding = (absurd_sdk.SuspendTask, absurd_sdk.CancelledTask, absurd_sdk.FailedTask)

Json = dict[str, Any]
Handle = absurd_sdk.StepHandle


class _DjangoConnection:
    """What the SDK needs of a connection, taken from Django's, so that both share one transaction."""

    def cursor(self, row_factory: Any = None) -> Cursor[Any]:
        connection.ensure_connection()
        cursor: Cursor[Any] = connection.connection.cursor(**({"row_factory": row_factory} if row_factory else {}))
        # Django makes jsonb arrive as text; a resumed step would then see a string where the first pass saw an object.
        cursor.adapters.register_loader("jsonb", JsonbLoader)
        return cursor


def _client() -> absurd_sdk.Absurd:
    # Attempts are unlimited: every lost lease burns one, and a task that ran out would be dead without our knowing.
    return absurd_sdk.Absurd(
        cast("Connection[Any]", _DjangoConnection()),
        queue_name=QUEUE,
        default_max_attempts=cast("int", None),
    )


def spawn(*, operation_id: UUID, generation: int = 0) -> None:
    """Start the operation's run, in the caller's transaction; the same generation is started once, whoever asks."""
    client = _client()
    with walls.lifted():
        client.spawn(
            TASK,
            {"operation_id": str(operation_id)},
            queue=QUEUE,
            retry_strategy=_AFTER_FAULT,
            idempotency_key=f"{operation_id}:{generation}",
        )
    _notify()


def wake(*, event: str) -> None:
    """Let the run that waits for `event` go on, in the caller's transaction. An early event is kept and counts too."""
    with walls.lifted():
        _client().emit_event(event, {"happened": True})
    _notify()


def hurry(*, operation_id: UUID, generation: int) -> bool:
    """Let a run that sleeps until its next try go on now, in the caller's transaction; return whether it slept."""
    with connection.cursor() as cursor:
        # What waits for an event waits for a person: only the event may wake it.
        cursor.execute(
            f"""UPDATE absurd.r_{QUEUE} AS run SET available_at = absurd.current_time()
                FROM absurd.t_{QUEUE} AS task
                WHERE task.idempotency_key = %s AND run.task_id = task.task_id AND run.state IN ('pending', 'sleeping')
                  AND run.wake_event IS NULL AND run.available_at > absurd.current_time()""",  # noqa: S608
            [f"{operation_id}:{generation}"],
        )
        slept = bool(cursor.rowcount)
    if slept:
        _notify()
    return slept


def next_try(*, operation_id: UUID, generation: int) -> datetime | None:
    """Return when a run that sleeps goes on by itself, UTC; None: it does not sleep, or waits for an event."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT run.available_at FROM absurd.r_{QUEUE} AS run
                JOIN absurd.t_{QUEUE} AS task ON run.task_id = task.task_id
                WHERE task.idempotency_key = %s AND run.state IN ('pending', 'sleeping')
                  AND run.wake_event IS NULL ORDER BY run.available_at LIMIT 1""",  # noqa: S608
            [f"{operation_id}:{generation}"],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _notify() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE_CHANNEL}")


class Run:
    """One execution of an operation's run: checkpoints, waits and the lease."""

    def __init__(self, context: absurd_sdk.TaskContext) -> None:
        self._context = context

    def begin(self, name: str) -> Handle:
        """Return a step's handle; `done` and `state` tell of an earlier pass. Call once per name and execution."""
        return self._context.begin_step(name)

    def complete(self, handle: Handle, result: Json) -> None:
        """Store the step's result; inside `atomic()` it commits together with the effect."""
        self._context.complete_step(handle, result)

    def hold(self) -> None:
        """Lock the run and extend its lease. First in a step's transaction: a zombie's late commit is refused here."""
        self._context.heartbeat()

    def sleep(self, *, name: str, seconds: float) -> None:
        """Give the worker back and go on later; `name` must be new for every sleep."""
        self._context.sleep_for(name, seconds)

    def wait_for(self, *, event: str) -> None:
        """Give the worker back until `event` was emitted; return at once when it was. Never inside `atomic()`."""
        self._context.await_event(event)


Handler = Callable[[Run, UUID], None]


class RunFailed(Exception):
    """What the engine may store of an unexpected fault: the kind of error, never its text."""


def work_once(*, handler: Handler, worker_id: str, lease_seconds: int) -> bool:
    """
    Claim one run and execute it with `handler`.

    :return: whether there was one.
    """
    found = False

    def execute(params: Json, context: absurd_sdk.TaskContext) -> Json:
        nonlocal found
        found = True
        try:
            handler(Run(context), UUID(params["operation_id"]))
        except Unwinding:
            raise
        except Exception as fault:  # noqa: BLE001  # see below
            # The engine stores text and traceback of what escapes: neither may carry a value.
            raise RunFailed(type(fault).__name__) from None
        crash_points.reached("run:before_complete")
        return {}

    client = _client()
    client.register_task(TASK)(execute)
    client.work_batch(worker_id=worker_id, claim_timeout=lease_seconds, batch_size=1)
    return found


class Alive:
    """
    A worker's sign of life: a session-level advisory lock on a connection of its own, also used to listen.

    While it is held nobody takes the worker's runs before their lease ends; when the process dies, PostgreSQL lets
    go of it at once and a peer can fail those runs without waiting.
    """

    def __init__(self, listener: Connection[Any]) -> None:
        self._listener = listener
        # One worker per process, and pids repeat across hosts: the connection's own pid is unique in the database.
        self.number = listener.info.backend_pid
        listener.execute("SELECT pg_advisory_lock(%s, %s)", [_ALIVE_LOCK, self.number])
        listener.execute(f"LISTEN {WAKE_CHANNEL}")

    @property
    def worker_id(self) -> str:
        return f"{socket.gethostname()}:{os.getpid()}:{self.number}"

    def wait(self, *, seconds: float) -> bool:
        """Wait for a wake-up, at most `seconds`; return whether one came."""
        return any(True for _ in self._listener.notifies(timeout=seconds, stop_after=1))


@contextmanager
def alive_here() -> Iterator[str]:
    """Give a sign of life on this thread's own connection, for work that is done without a worker process."""
    connection.ensure_connection()
    number = connection.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_ALIVE_LOCK, number])
        try:
            yield f"{socket.gethostname()}:{os.getpid()}:{number}"
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_ALIVE_LOCK, number])


def release_runs_of_the_dead() -> int:
    """Fail the runs whose worker lost its sign of life, so that they are taken up at once; return how many."""
    released = 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT claimed_by FROM absurd.r_{QUEUE} WHERE state = 'running' AND claimed_by IS NOT NULL"  # noqa: S608
        )
        for (worker_id,) in cursor.fetchall():
            number = worker_id.rpartition(":")[2]
            if not number.isdecimal():
                continue
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_ALIVE_LOCK, int(number)])
            if cursor.fetchone() == (True,):
                released += _fail_runs_of(worker_id)
    if released:
        _notify()
    return released


def _fail_runs_of(worker_id: str) -> int:
    with connection.cursor() as cursor:
        # Rows that the dead one's last transaction still holds are left for the next look.
        cursor.execute(
            f"""SELECT absurd.fail_run(%s, dead.run_id, '{{"name": "$WorkerDied"}}'::jsonb, clock_timestamp())
                FROM (SELECT run_id FROM absurd.r_{QUEUE} WHERE state = 'running' AND claimed_by = %s
                      FOR UPDATE SKIP LOCKED) AS dead""",  # noqa: S608
            [QUEUE, worker_id],
        )
        return len(cursor.fetchall())


def lost_among(*, generations: dict[UUID, int]) -> list[UUID]:
    """Return those operations (with their generation) that have no task which could still run."""
    keys = [f"{operation_id}:{generation}" for operation_id, generation in generations.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT idempotency_key FROM absurd.t_{QUEUE}
                WHERE idempotency_key = ANY(%s) AND state IN ('pending', 'running', 'sleeping')""",  # noqa: S608
            [keys],
        )
        living = {row[0] for row in cursor.fetchall()}
    return [operation_id for operation_id, number in generations.items() if f"{operation_id}:{number}" not in living]


def queue_depth() -> dict[str, int]:
    """Return how many runs are in each state, for `doctor`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state, count(*) FROM absurd.r_{QUEUE} GROUP BY state")  # noqa: S608
        return dict(cursor.fetchall())


def living_workers() -> int:
    """Return how many workers hold their sign of life now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [_ALIVE_LOCK],
        )
        return int(cursor.fetchone()[0])


def schema_version() -> str:
    """Return the version of the engine's schema in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT absurd.get_schema_version()")
        return str(cursor.fetchone()[0])
