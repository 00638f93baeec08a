"""What the trials of the embedded server share."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from onhook.config import postgres
from onhook.config.postgres import account, binaries

PATIENCE_SECONDS = 120

# Dropped in the process, after the imports: the other user need not be able to enter Python's own folder.
DROP = """
import os, psycopg
from onhook.config import postgres
os.setgroups([])
os.setgid({user})
os.setuid({user})
"""

START = """
import json
from onhook.config import postgres
try:
    server = postgres.ensure_running({instance!r}, fsync=False)
except postgres.UnableToStartPostgres as error:
    print(json.dumps(dict(error=str(error))))
else:
    print(json.dumps(dict(url=server.url, pid=server.pid, started=server.started)))
"""


@dataclass(frozen=True)
class Trial:
    """A stopped instance: its folder, and its pid file as it was while the server ran."""

    state: Path
    pid_file: str


def sql(server: postgres.Server, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url, autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []


def kept_words(server: postgres.Server) -> list[tuple[object, ...]]:
    return sql(server, "SELECT word FROM note")


def begin_start(
    instance: str,
    *,
    before: str = "",
    environment: dict[str, str] | None = None,
    user: int | None = None,
    umask: int = 0o022,
    without: str = "",
) -> subprocess.Popen[str]:
    """Start an instance from a process of its own, as another user or without capabilities if asked."""
    limits = ["setpriv", f"--bounding-set={without}"] if without else []
    drop = "" if user is None else DROP.format(user=user)
    return subprocess.Popen(
        [*limits, sys.executable, "-B", "-c", drop + before + START.format(instance=instance)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env={**os.environ, **(environment or {})},
        start_new_session=True,
        umask=umask,
    )


def end_start(started: subprocess.Popen[str]) -> dict[str, object]:
    said, complaint = started.communicate(timeout=PATIENCE_SECONDS)
    assert said, complaint
    answer: dict[str, object] = json.loads(said)
    return answer


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


def is_gone(pid: int) -> bool:
    """Whether the process ended, waited for by its parent or not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() == b""
    except (FileNotFoundError, ProcessLookupError):
        return True


def require_root() -> account.Account:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: only root can do this")
    return account.for_server()


def require_programs_for(user: account.Account) -> None:
    package = binaries.package_folder()
    if package is None or not user.can_enter(package):
        pytest.skip(f"NOT TESTED HERE: another user cannot enter {package}")
