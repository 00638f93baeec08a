"""The worker: threads that carry out runs, woken by the database, with a slow poll behind it."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from django.db import close_old_connections, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.conninfo import make_conninfo

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.operations import auditing, engine
from onhook.operations.actions import delete_device, send_billing_link
from onhook.operations.models import Operation
from onhook.operations.ports import Ports
from onhook.operations.vocabulary import Action, State

log = structlog.get_logger()

_RUNS = {Action.DELETE_DEVICE: delete_device.run, Action.SEND_BILLING_LINK: send_billing_link.run}

# Seconds to wait before the next try when the database is away.
_AWAY_SECONDS = 1.0
# Seconds between two looks for runs of dead workers, and for operations that the engine lost.
_DEAD_SECONDS = 1.0
_LOST_SECONDS = 10.0


def handler(ports: Ports) -> engine.Handler:
    """Return what carries out one run with these ports."""

    def handle(run: engine.Run, operation_id: UUID) -> None:
        structlog.contextvars.bind_contextvars(operation=str(operation_id))
        operation = Operation.objects.select_related("plan").get(pk=operation_id)
        _RUNS[Action(operation.action)](run, operation, ports=ports)

    return handle


def run_until_idle(*, ports: Ports, most: int = 1000) -> int:
    """Carry out what is due now, in this thread, and return how many runs that were; for tests and small tools."""
    done = 0
    with engine.alive_here() as worker_id:
        while done < most and engine.work_once(
            handler=handler(ports), worker_id=worker_id, lease_seconds=settings.LEASE_SECONDS
        ):
            done += 1
    return done


def sweep() -> None:
    """Take back the runs of dead workers, and start again what the engine lost."""
    take_over()
    respawn_lost()


def take_over() -> None:
    """Take back the runs of workers that died."""
    with transaction.atomic():
        released = engine.release_runs_of_the_dead()
    if released:
        log.warning("took back runs of a dead worker", runs=released)


def respawn_lost() -> int:
    """Start operations again that are not closed and have no task left which could run; return how many."""
    generations = dict(Operation.objects.exclude(state=State.CLOSED.value).values_list("pk", "generation"))
    lost = engine.lost_among(generations=generations) if generations else []
    for operation_id in lost:
        with transaction.atomic():
            operation = Operation.objects.select_for_update().get(pk=operation_id)
            if operation.is_closed or operation.generation != generations[operation_id]:
                continue
            operation.generation += 1
            operation.save(update_fields=["generation"])
            _record_resumption(operation)
            engine.spawn(operation_id=operation_id, generation=operation.generation)
        log.warning("started a lost run again", operation=str(operation_id))
    return len(lost)


def _record_resumption(operation: Operation) -> None:
    entry = trail.Entry(
        tag=Tag.OPERATION_RESUMED,
        subject=f"operation:{operation.pk}",
        after={"problem": "the engine had lost its run", "generation": operation.generation},
    )
    auditing.record(operation, entry)


class Worker:
    """One worker process: a listening main thread and `threads` that work."""

    def __init__(self, *, ports: Ports, threads: int, lease_seconds: int, poll_seconds: float) -> None:
        self._handle = handler(ports)
        self._threads = threads
        self._lease_seconds = lease_seconds
        self._poll_seconds = poll_seconds
        self._stop = threading.Event()
        self._work = threading.Semaphore(0)
        self._worker_id = ""

    def stop(self) -> None:
        """Finish what is under way and come back from `run`."""
        self._stop.set()

    def run(self, *, on_ready: Callable[[], None] = lambda: None) -> None:
        """Work until `stop`; survives a restart of the database."""
        connection_created.connect(self._bound_transactions, weak=False)
        workers: list[threading.Thread] = []
        while not self._stop.is_set():
            try:
                with psycopg.connect(_listener_address(), autocommit=True) as listener:
                    alive = engine.Alive(listener)
                    self._worker_id = alive.worker_id
                    if not workers:
                        workers = [threading.Thread(target=self._work_loop, daemon=True) for _ in range(self._threads)]
                        for worker in workers:
                            worker.start()
                        # What is loaded by now stays: a full collection need not walk through it while a run waits.
                        gc.freeze()
                        log.info("worker ready", threads=self._threads)
                        on_ready()
                    self._listen(alive)
            except psycopg.OperationalError:
                log.warning("the database is away; trying again", seconds=_AWAY_SECONDS)
                self._stop.wait(_AWAY_SECONDS)
        for _ in workers:
            self._work.release()
        for worker in workers:
            worker.join(timeout=self._lease_seconds)

    def _bound_transactions(self, *, connection: BaseDatabaseWrapper, **_: object) -> None:
        """
        Let the database end a transaction that stands still for as long as a lease.

        A process that froze in the middle of a step would hold the rows of its run, and whoever takes the run over
        would wait for them as long as it is frozen.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [f"{self._lease_seconds}s"]
            )

    def _listen(self, alive: engine.Alive) -> None:
        next_look = next_take_over = next_respawn = time.monotonic()
        is_woken = False
        while not self._stop.is_set():
            if is_woken or time.monotonic() >= next_look:
                # One thread looks; when it finds work it asks the next one, so an idle worker costs one query a poll.
                self._work.release()
                next_look = time.monotonic() + self._poll_seconds
            # Never longer than a look for dead workers may wait; nor does a request to stop interrupt it.
            is_woken = alive.wait(seconds=min(self._poll_seconds, _DEAD_SECONDS))
            if (now := time.monotonic()) >= next_take_over:
                next_take_over = now + _DEAD_SECONDS
                self._quietly(take_over)
            if now >= next_respawn:
                next_respawn = now + _LOST_SECONDS
                self._quietly(respawn_lost)

    def _work_loop(self) -> None:
        while True:
            self._work.acquire()
            if self._stop.is_set():
                connections.close_all()
                return
            self._quietly(self._drain)

    def _drain(self) -> None:
        while not self._stop.is_set() and engine.work_once(
            handler=self._handle_and_call_next, worker_id=self._worker_id, lease_seconds=self._lease_seconds
        ):
            pass

    def _handle_and_call_next(self, run: engine.Run, operation_id: UUID) -> None:
        self._work.release()
        self._handle(run, operation_id)

    def _quietly(self, act: Callable[[], object]) -> None:
        """Do `act`; a lost connection or a refused late commit ends only this round."""
        close_old_connections()
        try:
            act()
        except Exception as fault:  # noqa: BLE001  # the loop must survive; the run itself is safe in the database
            log.warning("a round of work ended early", fault=type(fault).__name__)
            connection.close()
            self._stop.wait(0.1)


def _listener_address() -> str:
    """Return Django's own connection parameters as an address; what only Django understands is left out."""
    known = connection.get_connection_params()
    ours = {"prepare_threshold", "server_side_binding"}
    return make_conninfo(
        "",
        **{name: value for name, value in known.items() if isinstance(value, str | int) and value and name not in ours},
    )
