"""The server starts, answers, survives its starter, keeps its data and stops."""

import os
import stat
from pathlib import Path

import psycopg
import pytest
from postgres_trials import Trial, begin_start, end_start, is_gone, kept_words, require_root, sql

from onhook.config import postgres
from onhook.config.postgres import binaries

NUMBER = "+12025550123"


def test_server_is_made_started_and_found_again(base: Path) -> None:
    assert postgres.running("trial") is None

    first = postgres.ensure_running("trial")
    second = postgres.ensure_running("trial")

    assert (first.started, second.started) == (True, False)
    assert second.pid == first.pid
    assert postgres.running("trial") == second
    assert sql(first, "SELECT current_user::text, current_database()::text") == [("onhook", "onhook")]


def test_server_is_durable_private_and_in_utc(stopped: Trial) -> None:
    server = postgres.ensure_running("trial")

    names = ["fsync", "full_page_writes", "synchronous_commit", "listen_addresses", "timezone", "lc_collate"]
    shown = [sql(server, f"SHOW {name}")[0][0] for name in names[:-1]]
    encoding = sql(server, "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname='onhook'")
    authentication = sql(server, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")

    assert shown == ["on", "on", "on", "", "UTC"]
    assert encoding == [("UTF8", "C.UTF-8")]
    assert authentication == [("scram-sha-256",)]


def test_server_for_unit_tests_does_not_wait_for_the_disk(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)

    names = ["fsync", "full_page_writes", "synchronous_commit"]

    assert [sql(server, f"SHOW {name}")[0][0] for name in names] == ["off", "off", "off"]


def test_wrong_password_is_refused(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)
    parameters = postgres.connect_parameters(server.url)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**parameters, "password": "guessed"})  # type: ignore[arg-type]


def test_files_are_closed_to_others(base: Path) -> None:
    server = postgres.ensure_running("trial", fsync=False)

    modes = {
        name: stat.S_IMODE((server.state / name).stat().st_mode)
        for name in ("password", "server.log", "server.json", "data", "socket", "lock", "server.lock")
    }

    assert modes == {
        "password": 0o600,
        "server.log": 0o600,
        "server.json": 0o600,
        "lock": 0o600,
        "server.lock": 0o600,
        "data": 0o700,
        "socket": 0o700,
    }
    assert (server.state / "password").stat().st_uid == os.geteuid()
    assert not (server.state / "password.initdb").exists()


def test_password_shows_in_no_process_and_no_text(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)
    password = str(postgres.connect_parameters(server.url)["password"])

    assert len(password) > 30
    assert password not in Path(f"/proc/{server.pid}/cmdline").read_text()
    assert password not in repr(server)


def test_contains_search_extension_is_there(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)

    sql(server, "CREATE EXTENSION pg_trgm")

    assert sql(server, "SELECT '2025550123' LIKE '%555%'") == [(True,)]


def test_database_can_be_cloned_from_a_template(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)

    sql(server, "CREATE DATABASE clone TEMPLATE template1")

    assert sql(server, "SELECT count(*) FROM pg_database WHERE datname = 'clone'") == [(1,)]


def test_data_survives_a_restart(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)

    assert server.started
    assert kept_words(server) == [("kept",)]


def test_server_outlives_its_starter_in_a_session_of_its_own(stopped: Trial) -> None:
    starter = begin_start("trial")
    answer = end_start(starter)

    server = postgres.running("trial")

    assert server is not None
    assert (starter.returncode, server.pid) == (0, answer["pid"])
    assert os.getsid(server.pid) != starter.pid
    assert sql(server, "SELECT 1") == [(1,)]


def test_stop_ends_the_process_and_open_sessions(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)
    session = psycopg.connect(server.url)

    was_stopped = postgres.stop("trial")

    assert was_stopped
    assert is_gone(server.pid)
    assert postgres.running("trial") is None
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")


def test_stop_of_nothing_is_told(stopped: Trial) -> None:
    assert postgres.stop("trial") is False
    assert postgres.stop("never-made") is False
    assert not postgres.state_folder("never-made").exists()


def test_remove_deletes_everything_even_of_a_running_server(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)

    postgres.remove("trial")
    postgres.remove("trial")

    assert is_gone(server.pid)
    assert not server.state.exists()


def test_two_instances_are_two_worlds(base: Path) -> None:
    one = postgres.ensure_running("one", fsync=False)
    other = postgres.ensure_running("other", fsync=False)

    sql(one, "CREATE TABLE only_here (word text)")

    assert sql(other, "SELECT to_regclass('only_here')") == [(None,)]
    assert one.url != other.url


def test_log_tells_the_start_and_keeps_the_former_one(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)

    assert "ready to accept connections" in (server.state / "server.log").read_text()
    assert "database system is shut down" in (server.state / "server.log.1").read_text()


def test_log_never_holds_a_value(stopped: Trial) -> None:
    server = postgres.ensure_running("trial", fsync=False)
    sql(server, "CREATE TABLE line (number text UNIQUE)")

    with psycopg.connect(server.url, autocommit=True) as connection:
        for statement in (
            "INSERT INTO line VALUES (%s)",
            "INSERT INTO line VALUES (%s)",
            "SELECT %s::text::date",
            "SELECT 1 / (length(%s) - 12)",
        ):
            try:
                connection.execute(statement, [NUMBER])
                connection.execute(f"SELECT '{NUMBER}'::date")
            except psycopg.DatabaseError as error:
                seen = error
    postgres.stop("trial")

    assert seen.sqlstate == "22012"
    assert NUMBER[1:] not in (server.state / "server.log").read_text()


def test_umask_of_the_caller_does_not_matter(base: Path) -> None:
    answer = end_start(begin_start("trial", umask=0o077))

    assert answer["started"] is True, answer


def test_variables_meant_for_clients_do_not_redirect_the_server(
    stopped: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGDATA": "/nonexistent",
        "PGPORT": "1",
        "PGUSER": "other",
        "PGHOST": "other",
    }.items():
        monkeypatch.setenv(name, value)

    server = postgres.ensure_running("trial", fsync=False)

    assert sql(server, "SELECT current_user::text") == [("onhook",)]


def test_secrets_of_the_caller_do_not_reach_the_server(stopped: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "not-for-nobody")

    server = postgres.ensure_running("trial", fsync=False)

    assert b"VAULT_TOKEN" not in Path(f"/proc/{server.pid}/environ").read_bytes()


def test_root_lends_the_server_to_nobody(stopped: Trial) -> None:
    user = require_root()

    server = postgres.ensure_running("trial", fsync=False)

    assert Path(f"/proc/{server.pid}").stat().st_uid == user.user
    assert server.state.stat().st_uid == 0


def test_pg_bin_comes_first(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = sorted(binaries.SYSTEM_FOLDER.glob("*/bin/initdb"))
    if not others:
        pytest.skip("NOT TESTED HERE: no other PostgreSQL is installed")
    monkeypatch.setenv("PG_BIN", str(others[-1].parent))

    server = postgres.ensure_running("trial", fsync=False)

    version = str(sql(server, "SHOW server_version")[0][0])
    assert version.partition(".")[0] == others[-1].parent.parent.name
