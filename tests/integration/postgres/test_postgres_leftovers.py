"""What a killed or a foreign server leaves behind."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from postgres_trials import Trial, is_gone, kept_words, sql, wait_for

from onhook.config import postgres
from onhook.config.postgres import account, binaries, locks, sockets


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Give a process of the server's own account that is no server; PostgreSQL would respect it."""
    user = account.for_server()
    process = subprocess.Popen(
        ["/bin/sleep", "600"],
        user=user.user if user.is_lent else None,
        group=user.group if user.is_lent else None,
        extra_groups=[] if user.is_lent else None,
    )
    yield process
    process.kill()
    process.wait()


def kill(server: postgres.Server) -> None:
    """End the server with no word; its children live a moment longer."""
    os.kill(server.pid, signal.SIGKILL)
    wait_for(lambda: is_gone(server.pid))


def leave_pid_files(trial: Trial, pid: int) -> None:
    text = "\n".join([str(pid), *trial.pid_file.splitlines()[1:]]) + "\n"
    user = account.for_server()
    for path in (trial.state / "data" / "postmaster.pid", trial.state / "socket" / ".s.PGSQL.5432.lock"):
        path.write_text(text)
        path.chmod(0o600)
        user.give(path)


def test_server_killed_hard_starts_again_with_its_data(stopped: Trial) -> None:
    killed = postgres.ensure_running("trial")
    sql(killed, "INSERT INTO note VALUES ('committed before the kill')")
    kill(killed)

    server = postgres.ensure_running("trial")

    assert server.started
    assert server.pid != killed.pid
    assert kept_words(server) == [("kept",), ("committed before the kill",)]


def test_server_killed_hard_with_a_session_open_starts_again(stopped: Trial) -> None:
    killed = postgres.ensure_running("trial")
    with psycopg.connect(killed.url, autocommit=True) as session:
        session.execute("SELECT 1")
        kill(killed)

        server = postgres.ensure_running("trial")

    assert server.started
    assert kept_words(server) == [("kept",)]


def test_server_killed_hard_does_not_run(stopped: Trial) -> None:
    killed = postgres.ensure_running("trial", fsync=False)
    kill(killed)
    wait_for(lambda: not locks.is_held(stopped.state / "server.lock"))

    assert postgres.running("trial") is None
    assert postgres.stop("trial") is False


def test_pid_file_of_a_dead_process_is_removed(stopped: Trial) -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    leave_pid_files(stopped, gone.pid)

    server = postgres.ensure_running("trial", fsync=False)

    assert server.started
    assert kept_words(server) == [("kept",)]


def test_pid_file_that_names_another_process_by_now_is_removed(
    stopped: Trial, stranger: subprocess.Popen[bytes]
) -> None:
    leave_pid_files(stopped, stranger.pid)

    server = postgres.ensure_running("trial", fsync=False)

    assert server.started
    assert kept_words(server) == [("kept",)]
    assert stranger.poll() is None


def test_stop_and_remove_leave_a_process_alone_that_has_the_old_pid_by_now(
    stopped: Trial, stranger: subprocess.Popen[bytes]
) -> None:
    leave_pid_files(stopped, stranger.pid)

    was_stopped = postgres.stop("trial")
    postgres.remove("trial")

    assert was_stopped is False
    assert stranger.poll() is None


def test_pid_file_that_names_a_server_of_another_instance_is_removed(stopped: Trial) -> None:
    other = postgres.ensure_running("other", fsync=False)
    leave_pid_files(stopped, other.pid)

    server = postgres.ensure_running("trial", fsync=False)
    postgres.stop("trial")

    assert server.pid != other.pid
    assert postgres.running("other") == postgres.ensure_running("other")


def start_by_hand(trial: Trial) -> None:
    user = account.for_server()
    programs = binaries.find(account=user, base=trial.state.parent)
    options = [
        "-D",
        trial.state / "data",
        "-k",
        trial.state / "socket",
        "-c",
        "listen_addresses=",
        "-p",
        "5499",
    ]
    with (trial.state / "by-hand.log").open("wb") as output:
        user.run(
            ["/bin/sh", "-c", '"$@" &', "sh", programs.postgres, *options],
            timeout_seconds=10,
            output=output,
            new_session=True,
        )
    wait_for((trial.state / "socket" / ".s.PGSQL.5499").exists)


def test_data_served_by_a_server_started_by_hand_is_refused(stopped: Trial) -> None:
    start_by_hand(stopped)

    with pytest.raises(postgres.UnableToStartPostgres, match=r"onhook did not start, serves .* Stop it \(kill -INT"):
        postgres.ensure_running("trial", fsync=False)

    assert postgres.running("trial") is None


def test_stop_also_ends_a_server_started_by_hand(stopped: Trial) -> None:
    start_by_hand(stopped)

    was_stopped = postgres.stop("trial")

    assert was_stopped is True
    assert postgres.ensure_running("trial", fsync=False).started


def listen(stack: ExitStack, path: Path) -> None:
    listener = stack.enter_context(socket.socket(socket.AF_UNIX))
    listener.bind(str(path))
    listener.listen(1)


def test_used_socket_makes_the_next_one_serve(stopped: Trial) -> None:
    with ExitStack() as stack:
        listen(stack, stopped.state / "socket" / ".s.PGSQL.5432")

        server = postgres.ensure_running("trial", fsync=False)

        assert postgres.connect_parameters(server.url)["port"] == 5433
        assert kept_words(server) == [("kept",)]
        assert (stopped.state / "socket" / ".s.PGSQL.5432").exists()


def test_socket_locked_by_another_living_server_makes_the_next_one_serve(stopped: Trial) -> None:
    other = postgres.ensure_running("other", fsync=False)
    leave_pid_files(stopped, other.pid)

    server = postgres.ensure_running("trial", fsync=False)

    assert postgres.connect_parameters(server.url)["port"] == 5433


def test_socket_nobody_listens_on_is_used_again(stopped: Trial) -> None:
    with ExitStack() as stack:
        listen(stack, stopped.state / "socket" / ".s.PGSQL.5432")

    server = postgres.ensure_running("trial", fsync=False)

    assert postgres.connect_parameters(server.url)["port"] == 5432


def test_all_sockets_used_is_told(stopped: Trial) -> None:
    with ExitStack() as stack:
        for port in sockets.PORTS:
            listen(stack, stopped.state / "socket" / f".s.PGSQL.{port}")

        with pytest.raises(postgres.UnableToStartPostgres, match="other servers listen on every socket from 5432 to"):
            postgres.ensure_running("trial", fsync=False)
