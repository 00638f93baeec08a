"""Starts that meet each other, and starts that were cut off."""

import os
import signal
from pathlib import Path

from postgres_trials import Trial, begin_start, end_start, kept_words, sql, wait_for

from onhook.config import postgres
from onhook.config.postgres import locks

DIE = """
import os
from onhook.config.postgres import {module}
def die(*args, **kwargs):
    os._exit(1)
{module}.{function} = die
"""


def test_starts_at_once_make_one_server(base: Path) -> None:
    starters = [begin_start("trial") for _ in range(4)]

    answers = [end_start(starter) for starter in starters]

    assert sorted(bool(answer["started"]) for answer in answers) == [False, False, False, True]
    assert len({answer["pid"] for answer in answers}) == 1


def test_starts_at_once_of_a_stopped_server_make_one(stopped: Trial) -> None:
    starters = [begin_start("trial") for _ in range(4)]

    answers = [end_start(starter) for starter in starters]

    assert sorted(bool(answer["started"]) for answer in answers) == [False, False, False, True]
    assert len({answer["pid"] for answer in answers}) == 1


def test_start_and_remove_at_once_leave_a_whole_world_or_none(stopped: Trial) -> None:
    starters = [begin_start("trial") for _ in range(3)]
    postgres.remove("trial")

    answers = [end_start(starter) for starter in starters]
    server = postgres.running("trial")

    assert all("error" not in answer for answer in answers), answers
    assert server is None or sql(server, "SELECT 1") == [(1,)]


def test_half_made_data_folder_is_made_anew(base: Path) -> None:
    unfinished = base / "trial" / "data.unfinished"
    starter = begin_start("trial")
    wait_for((unfinished / "PG_VERSION").exists)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate()
    assert unfinished.exists()
    assert not (base / "trial" / "data").exists()

    server = postgres.ensure_running("trial", fsync=False)

    assert server.started
    assert not unfinished.exists()
    assert sql(server, "SELECT 1") == [(1,)]


def test_start_waits_for_the_orphaned_initdb_of_a_killed_starter(base: Path) -> None:
    state = base / "trial"
    starter = begin_start("trial")
    wait_for((state / "data.unfinished" / "PG_VERSION").exists)
    starter.kill()
    starter.communicate()
    assert locks.is_held(state / "lock")

    server = postgres.ensure_running("trial", fsync=False)

    assert server.started
    assert sql(server, "SELECT 1") == [(1,)]


def test_data_folder_cut_off_before_its_last_name_is_made_anew(base: Path) -> None:
    before = DIE.format(module="files", function="sync_folder") + (
        "from onhook.config.postgres import cluster\ncluster._create_database = die\n"
    )
    starter = begin_start("trial", before=before.replace("files.sync_folder = die\n", ""))
    starter.communicate()
    assert starter.returncode == 1
    assert (base / "trial" / "data.unfinished" / "PG_VERSION").exists()

    server = postgres.ensure_running("trial", fsync=False)

    assert sql(server, "SELECT current_database()::text") == [("onhook",)]


def test_finished_data_of_a_killed_starter_is_kept(base: Path) -> None:
    starter = begin_start("trial", before=DIE.format(module="daemon", function="launch"))
    starter.communicate()
    made = (base / "trial" / "data").stat().st_ino

    server = postgres.ensure_running("trial", fsync=False)

    assert starter.returncode == 1
    assert server.started
    assert (base / "trial" / "data").stat().st_ino == made


def test_server_of_a_killed_starter_is_taken_over(stopped: Trial) -> None:
    starter = begin_start("trial", before=DIE.format(module="daemon", function="wait_until_ready"))
    starter.communicate()
    assert starter.returncode == 1

    server = postgres.ensure_running("trial", fsync=False)

    assert not server.started
    assert sql(server, "SELECT 1") == [(1,)]


def test_finished_data_is_never_made_again(stopped: Trial) -> None:
    (stopped.state / "data.unfinished").mkdir()

    server = postgres.ensure_running("trial", fsync=False)

    assert kept_words(server) == [("kept",)]
