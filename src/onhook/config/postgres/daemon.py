"""The server as a daemon of its own: launched, waited for, and asked to stop."""

import os
import time
from pathlib import Path

import psycopg

from onhook.config.postgres import cluster, locks, process
from onhook.config.postgres.account import SHELL, Account
from onhook.config.postgres.binaries import Binaries
from onhook.config.postgres.errors import UnableToStartPostgres, UnableToStopPostgres, disk_is_full, is_full
from onhook.config.postgres.process import Owner
from onhook.config.postgres.record import Record, Server, find

# Held by the server itself as long as any of its processes lives.
LIFE = "server.lock"
LOG = "server.log"

READY_SECONDS = 60
AT_ONCE_SECONDS = 10

# No personal data in the log. A failing statement, its detail ("Key (number)=(...) already exists") and even
# its first line quote values, so errors of statements go to the client alone; the log has the server's own.
PRIVATE_LOG = {
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def settings(*, state: Path, record: Record, fsync: bool) -> dict[str, str]:
    """Give the settings for the server's command line; so the data folder carries none of ours."""
    quoted = '"' + str(record.socket).replace('"', '""') + '"'
    durable = "on" if fsync else "off"
    return {
        "listen_addresses": "",
        "unix_socket_directories": quoted,
        "unix_socket_permissions": "0700",
        "port": str(record.port),
        "max_connections": "100",
        "shared_buffers": "128MB",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "cluster_name": state.name,
        "fsync": durable,
        "synchronous_commit": durable,
        "full_page_writes": durable,
        **PRIVATE_LOG,
    }


def launch(*, state: Path, record: Record, binaries: Binaries, account: Account, life: int, fsync: bool) -> None:
    """Start the server's process; it inherits `life`, the held lock that says it lives."""
    log = state / LOG
    if log.exists():
        log.replace(log.with_name(f"{LOG}.1"))
    command: list[str | Path] = [binaries.postgres, "-D", state / cluster.DATA]
    for name, value in settings(state=state, record=record, fsync=fsync).items():
        command += ["-c", f"{name}={value}"]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as output:  # noqa: PTH123 - a descriptor, not a path
        # The shell ends at once, so the server is nobody's child: no zombie with us, no end with us.
        account.run(
            [SHELL, "-c", '"$@" &', "sh", *command],
            timeout_seconds=30,
            keep_open=[life],
            output=output,
            new_session=True,
        )


def wait_until_ready(state: Path) -> Server:
    """
    Wait until the server that was just launched takes a connection with the password.

    :raises UnableToStartPostgres: it ended, it refuses us (then it is stopped again), or it takes too long.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        found = find(state, started=True)
        if found is not None:
            _require_answer(found)
            return found
        if not locks.is_held(state / LIFE):
            raise _ended(state)
        time.sleep(locks.PAUSE_SECONDS)
    raise not_usable(state)


def _require_answer(server: Server) -> None:
    try:
        psycopg.connect(server.url, connect_timeout=READY_SECONDS).close()
    except psycopg.OperationalError as error:
        stop(server.state, timeout_seconds=AT_ONCE_SECONDS)
        raise UnableToStartPostgres(
            f"PostgreSQL was started and does not let us in: {str(error).strip()} It was stopped again; the "
            f"data in {server.state} was not touched. If {server.state / cluster.PASSWORD} was replaced, put "
            "the former one back; or, when the data is not needed, move the folder away."
        ) from error


def _ended(state: Path) -> UnableToStartPostgres:
    said = (state / LOG).read_text("utf-8", "replace")
    if "No space left" in said or is_full(state):
        return disk_is_full(state)
    last = " ".join(said.split())[-600:]
    return UnableToStartPostgres(
        f"PostgreSQL was not started: it ended with: {last or 'no word'} Nothing runs, and the data in "
        f"{state} is as it was. Put that right and try again; all it said is in {state / LOG}."
    )


def not_usable(state: Path) -> UnableToStartPostgres:
    """Say that a server lives there and cannot be used."""
    named = process.read_pid_file(state / cluster.DATA)
    who = f" (process {named.pid})" if named else ""
    return UnableToStartPostgres(
        f"A PostgreSQL server{who} holds {state} and cannot be used after {READY_SECONDS} seconds: it is "
        "still recovering, it hangs, or it runs in another container. It was left as it is and nothing was "
        f"changed. Read {state / LOG}; wait, or stop it where it runs, and try again."
    )


def lives(state: Path) -> bool:
    """Whether any server works on the data: one of ours, or one that was started by hand."""
    return locks.is_held(state / LIFE) or _pid(state) is not None


def stop(state: Path, *, timeout_seconds: float) -> bool:
    """
    Stop the server, fast and then at once; True when there was one.

    :raises UnableToStopPostgres: it lives on.
    """
    if not lives(state):
        return False
    if _ends(state, at_once=False, seconds=timeout_seconds):
        return True
    if _ends(state, at_once=True, seconds=AT_ONCE_SECONDS):
        return True
    pid = _pid(state)
    who = f"process {pid}" if pid else "a process that cannot be seen from here (in another container?)"
    raise UnableToStopPostgres(
        f"PostgreSQL was not stopped: {who} was asked twice and still holds {state}. Its data was not "
        "touched. Look whether it hangs (on its disk, or stopped by a signal), and try again; do not use "
        "kill -9 while it writes."
    )


def _ends(state: Path, *, at_once: bool, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    is_asked = False
    while lives(state):
        pid = _pid(state)
        if pid is not None and not is_asked:
            process.ask_to_stop(pid, at_once=at_once)
            is_asked = True
        if time.monotonic() > deadline:
            return False
        time.sleep(locks.PAUSE_SECONDS)
    return True


def _pid(state: Path) -> int | None:
    """Give the server's process, only when the system agrees that it is one on this data."""
    data = state / cluster.DATA
    named = process.read_pid_file(data)
    if named is None:
        return None
    owner = process.owner_of(named.pid, data)
    is_ours = owner is Owner.OURS or (owner is Owner.UNKNOWN and locks.is_held(state / LIFE))
    return named.pid if is_ours else None
