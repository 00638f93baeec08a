"""`onhook` as its own process: start, settings, databases that do not answer, pipes, and no secrets in any output."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from onhook.surfaces.cli.exits import Exit
from tests import factories
from tests.functional.cli import processes
from tests.functional.cli.typing_person import TypingPerson, token_of
from tests.world import World

SECRET = "s3cret-of-nobody"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment that names a state folder of its own, and no database."""
    return processes.environment(ONHOOK_STATE=str(tmp_path / "state"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--version"], Exit.DONE, "onhook 0."),
        (["--help"], Exit.DONE, "Usage: onhook"),
        (["plan", "--help"], Exit.DONE, "--lines-file"),
        ([], Exit.USAGE, "Usage: onhook"),
        (["fnid", "x"], Exit.USAGE, "No such command 'fnid'"),
        (["down"], Exit.DONE, "Nothing was running."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_needs_no_database_starts_none(
    env: dict[str, str], tmp_path: Path, arguments: list[str], code: Exit, said: str
) -> None:
    ran = processes.run(*arguments, env=env)

    assert ran.exit is code
    assert said in ran.out + ran.err
    assert not (tmp_path / "state").exists()


def with_parts(url: str, **parts: str) -> str:
    split = urlsplit(url)
    return urlunsplit(split._replace(**parts))


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def addresses_that_do_not_answer(url: str) -> dict[str, str]:
    where = psycopg.conninfo.conninfo_to_dict(url)
    socket_at = f"?host={where['host']}&port={where['port']}"
    return {
        "nothing listens there": f"postgresql://onhook:{SECRET}@127.0.0.1:{closed_port()}/onhook",
        "the name of its host is not known": f"postgresql://onhook:{SECRET}@no-such-host.invalid/onhook",
        "it refuses the user name or the password": f"postgresql://onhook:{SECRET}@/{where['dbname']}{socket_at}",
        "it has no such database, or no such user": with_parts(url, path="/no_such_database"),
    }


@pytest.mark.parametrize(
    "reason",
    [
        "nothing listens there",
        "the name of its host is not known",
        "it refuses the user name or the password",
        "it has no such database, or no such user",
    ],
)
def test_a_database_that_cannot_be_used_is_named_with_its_reason_and_no_secret(
    env: dict[str, str], committed: str, reason: str
) -> None:
    url = addresses_that_do_not_answer(committed)[reason]
    password = urlsplit(url).password or ""

    ran = processes.run("find", "2025550101", "--json", env={**env, "DATABASE_URL": url})

    assert ran.exit is Exit.UNAVAILABLE
    assert reason in ran.error[1]
    assert "Nothing was done" in ran.error[1]
    assert ran.err == ""
    assert password
    assert password not in ran.out


def test_doctor_tells_of_a_database_that_is_away(env: dict[str, str]) -> None:
    url = f"postgresql://onhook:{SECRET}@127.0.0.1:{closed_port()}/onhook"

    ran = processes.run("doctor", "--json", env={**env, "DATABASE_URL": url})

    assert ran.exit is Exit.NOT_SOUND
    (database,) = [finding for finding in ran.json if finding["part"] == "database"]
    assert (database["level"], "nothing listens there" in database["said"]) == ("fault", True)
    assert SECRET not in ran.out + ran.err


def test_a_database_without_our_schema_says_what_to_do(env: dict[str, str], committed: str) -> None:
    with psycopg.connect(committed, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA elsewhere")
    url = f"{committed}&options=-csearch_path%3Delsewhere"

    ran = processes.run("find", "2025550101", "--json", env={**env, "DATABASE_URL": url})

    assert ran.exit is Exit.UNAVAILABLE
    assert ran.error[1].endswith("Run: onhook migrate")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ONHOOK_LEASE_SECONDS", "soon", "ONHOOK_LEASE_SECONDS must be a whole number, not 'soon'."),
        ("ONHOOK_WORKER_THREADS", "0", "ONHOOK_WORKER_THREADS must be at least 1, not 0."),
        ("ONHOOK_ENVIRONMENT", "prod", "ONHOOK_ENVIRONMENT must be one of development, test, production, not 'prod'."),
        ("DATABASE_URL", f"mysql://root:{SECRET}@db/onhook", "DATABASE_URL cannot be used."),
        ("DATABASE_URL", f"postgresql://onhook:{SECRET}%zz@db:port/onhook", "DATABASE_URL cannot be used."),
        ("DATABASE_URL_FILE", "/no/such/file", "DATABASE_URL_FILE points to /no/such/file, which cannot be read"),
        ("ONHOOK_INSTANCE", "../x", "ONHOOK_INSTANCE is '../x', which is no name for an installation."),
        ("ONHOOK_STATE", "relative", "ONHOOK_STATE is 'relative', which depends on where one stands."),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(env: dict[str, str], name: str, value: str, said: str) -> None:
    words = processes.run("find", "x", env={**env, name: value})
    ran = processes.run("find", "x", "--json", env={**env, name: value})

    assert words.exit in {Exit.USAGE, Exit.UNAVAILABLE}
    assert words.err.startswith(said)
    assert ran.error[1] == words.err.strip()
    assert SECRET not in words.out + words.err + ran.out + ran.err


@pytest.mark.parametrize("command", [["find", "x"], ["up"], ["down"]], ids=lambda command: command[0])
def test_a_name_that_leads_out_of_the_state_folder_is_a_usage_error(env: dict[str, str], command: list[str]) -> None:
    ran = processes.run(*command, env={**env, "ONHOOK_INSTANCE": "../x"})

    assert (ran.exit, ran.err[:26]) == (Exit.USAGE, "ONHOOK_INSTANCE is '../x',")


def test_a_mail_server_that_cannot_be_meant_stops_the_worker_in_words(env: dict[str, str], committed: str) -> None:
    url = f"smtp://onhook:{SECRET}@mail.example"

    ran = processes.run("worker", env={**env, "DATABASE_URL": committed, "ONHOOK_MAIL_URL": url})

    assert ran.exit is Exit.USAGE
    assert "ONHOOK_MAIL_URL" in ran.err
    assert "Traceback" not in ran.err
    assert SECRET not in ran.err


@pytest.mark.parametrize("command", ["worker", "web", "up"])
def test_production_does_not_start_with_what_suits_development(
    env: dict[str, str], committed: str, command: str
) -> None:
    ran = processes.run(command, env={**env, "DATABASE_URL": committed, "ONHOOK_ENVIRONMENT": "production"})

    assert ran.exit is Exit.USAGE
    assert "ONHOOK_SECRET_KEY is not set." in ran.err
    assert "Nothing was started." in ran.err


def test_a_secret_of_the_environment_is_in_no_output_of_an_error(env: dict[str, str], world: World) -> None:
    token = token_of(world.agent)
    person = {**env, "DATABASE_URL": world.url, "ONHOOK_AS": "1/nobody", "ONHOOK_TOKEN": token}

    for arguments in (["export", "devices"], ["plan", "--company", "x"], ["plan", "--company", "4711", "--line", "1"]):
        for more in ([], ["--json"]):
            ran = processes.run(*arguments, *more, env=person)

            assert ran.code != Exit.DONE
            assert token not in ran.out + ran.err


def test_a_command_that_is_not_utf8_is_refused(env: dict[str, str]) -> None:
    ended = subprocess.run(
        [*(word.encode() for word in processes.command("find")), b"\xff\xfe"],
        env=env,
        capture_output=True,
        timeout=processes.SECONDS,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (Exit.USAGE, b"The command is not written in UTF-8. Nothing was done.\n")


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["words", "json"])
def test_a_reader_that_goes_away_ends_the_command_quietly(env: dict[str, str], world: World, more: list[str]) -> None:
    for line in range(10, 400):
        factories.device(world.company, line=line, worker="Grace Example of a rather long name")

    with subprocess.Popen(
        processes.command("find", "grace", "--most", "1000", *more),
        env={**env, "DATABASE_URL": world.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
        code = process.wait(processes.SECONDS)

    assert (code, said) == (Exit.READER_GONE, b"")


def test_ctrl_c_ends_a_script_s_command_with_its_own_code(env: dict[str, str], world: World, tmp_path: Path) -> None:
    operation = world.start(world.line(1))
    log = tmp_path / "watch.log"

    with processes.background(
        "status", operation.pk, "--watch", "--json", env={**env, "DATABASE_URL": world.url}, log=log
    ) as process:
        processes.until(lambda: b"No worker is alive" in log.read_bytes(), what="the word that nobody works")
        os.kill(process.pid, signal.SIGINT)
        code = process.wait(processes.SECONDS)

    assert code == Exit.STOPPED
    assert "Traceback" not in log.read_text()
    assert '"code": "stopped"' in log.read_text()


def test_a_database_that_goes_away_while_somebody_watches_is_told(
    env: dict[str, str], world: World, tmp_path: Path
) -> None:
    operation = world.start(world.line(1))
    log = tmp_path / "watch.log"

    with processes.background(
        "status", operation.pk, "--watch", env={**env, "DATABASE_URL": world.url}, log=log
    ) as process:
        processes.until(lambda: b"No worker is alive" in log.read_bytes(), what="the word that nobody works")
        with psycopg.connect(with_parts(world.url, path="/onhook"), autocommit=True) as connection:
            name = urlsplit(world.url).path[1:]
            connection.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            code = process.wait(processes.SECONDS)
            connection.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")

    assert code == Exit.UNAVAILABLE
    assert "Traceback" not in log.read_text()


def test_what_nobody_expected_is_told_with_its_own_code(onhook: TypingPerson, db: None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("UPDATE billing_socrule SET channel = 'nowhere'")

    ran = onhook("soc", "list", "--json")

    assert (ran.exit, ran.error[0]) == (Exit.FAULT, "fault")
    assert "onhook itself failed (ValueError)" in ran.error[1]
    assert "Traceback" in ran.err
