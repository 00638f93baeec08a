"""Start, find and stop the server of an instance: its own daemon, one at a time whoever asks at once."""

import os
import shutil
import time
from contextlib import AbstractContextManager
from pathlib import Path

from onhook.config.postgres import account as accounts
from onhook.config.postgres import (
    binaries,
    cluster,
    daemon,
    errors,
    folders,
    locks,
    process,
    record,
    sockets,
)
from onhook.config.postgres.errors import UnableToStartPostgres, UnableToStopPostgres
from onhook.config.postgres.process import Owner
from onhook.config.postgres.record import Record, Server

# Longer than making a data folder may take.
LOCK_SECONDS = 180


def ensure_running(instance: str, *, fsync: bool = True) -> Server:
    """
    Start the server of `instance`, made first when it is new; one that runs is left as it is.

    1. Look without waiting: nearly always it runs.
    2. Take the instance lock, and look again: somebody may have been first.
    3. Make the data folder when there is none, launch, let go of the life lock, which the server now holds.
    4. Wait until it answers.

    :param fsync: off only for unit tests, which may lose all at a power cut.
    :raises UnableToStartPostgres: it does not run; nothing half done is left, finished data is not touched.
    """
    state = folders.state_folder(instance)
    found = running(instance)
    if found is not None:
        return found
    with errors.explained(state), _hold(state) as lock:
        life = _take_life(state)
        if isinstance(life, Server):
            return life
        try:
            _launch(state, lock=lock, life=life, fsync=fsync)
        finally:
            os.close(life)
        return daemon.wait_until_ready(state)


def running(instance: str) -> Server | None:
    """
    Give the server of `instance` when it runs and takes connections.

    :raises UnableToStartPostgres: it runs, and its password file is missing or open to others.
    """
    state = folders.state_folder(instance)
    with errors.explained(state, outcome="PostgreSQL cannot be used"):
        return record.find(state, started=False) if locks.is_held(state / daemon.LIFE) else None


def stop(instance: str, *, timeout_seconds: float = 30) -> bool:
    """
    Stop the server of `instance`: sessions are ended, everything is written. True when one was stopped.

    When that takes longer than the time given, it is stopped at once, and recovers at the next start.

    :raises UnableToStopPostgres: it still runs.
    """
    state = folders.state_folder(instance)
    with _explained_stop(state):
        if not state.exists():
            return False
        with _hold(state):
            return daemon.stop(state, timeout_seconds=timeout_seconds)


def remove(instance: str) -> None:
    """
    Stop the server of `instance` and delete everything it kept.

    :raises UnableToStopPostgres: it still runs, and nothing was deleted; or it cannot be deleted.
    """
    state = folders.state_folder(instance)
    with _explained_stop(state):
        if not state.exists():
            return
        with _hold(state):
            daemon.stop(state, timeout_seconds=daemon.READY_SECONDS)
            kept = record.read(state)
            if kept is not None:
                sockets.remove_folder(state=state, folder=kept.socket)
            shutil.rmtree(state)


def _hold(state: Path) -> AbstractContextManager[int]:
    def prepare() -> None:
        folders.make(state)

    return locks.hold(state / folders.LOCK, prepare=prepare, timeout_seconds=LOCK_SECONDS)


def _explained_stop(state: Path) -> AbstractContextManager[None]:
    return errors.explained(state, outcome="PostgreSQL was not stopped", kind=UnableToStopPostgres)


def _take_life(state: Path) -> int | Server:
    """
    Take the lock that a living server holds, or give the server that got ready meanwhile.

    :raises UnableToStartPostgres: one lives and does not get ready, or it is none that we can see.
    """
    deadline = time.monotonic() + daemon.READY_SECONDS
    while True:
        life = locks.take(state / daemon.LIFE)
        if life is not None:
            return life
        found = record.find(state, started=False)
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise daemon.not_usable(state)
        time.sleep(locks.PAUSE_SECONDS)


def _launch(state: Path, *, lock: int, life: int, fsync: bool) -> None:
    account = accounts.for_server()
    folders.require_reachable(state, account)
    _remove_stale_pid_file(state)
    programs = binaries.find(account=account, base=state.parent)
    if not cluster.is_made(state):
        cluster.make(state=state, binaries=programs, account=account, lock=lock, fsync=fsync)
    cluster.require_version(state=state, binaries=programs)
    cluster.password(state)
    folder = sockets.make_folder(state=state, account=account)
    chosen = Record(socket=folder, port=sockets.free_port(folder=folder, data=state / cluster.DATA))
    record.write(state, chosen)
    daemon.launch(state=state, record=chosen, binaries=programs, account=account, life=life, fsync=fsync)


def _remove_stale_pid_file(state: Path) -> None:
    """
    Remove what a killed server left: PostgreSQL would not start once that process id is somebody else's.

    :raises UnableToStartPostgres: a server that was started by other means uses the data.
    """
    data = state / cluster.DATA
    path = data / "postmaster.pid"
    named = process.read_pid_file(data)
    if named is not None and process.owner_of(named.pid, data) in {Owner.OURS, Owner.UNKNOWN}:
        raise UnableToStartPostgres(
            f"PostgreSQL was not started: process {named.pid}, which onhook did not start, serves {data}. "
            f"Nothing was changed. Stop it (kill -INT {named.pid}); or, when that process is no PostgreSQL, "
            f"remove {path}. Then try again."
        )
    path.unlink(missing_ok=True)
