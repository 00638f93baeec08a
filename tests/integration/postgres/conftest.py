"""Real servers in short folders that are gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgres_trials import Trial, sql

from onhook.config import postgres


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a base folder of its own, in a folder anybody may enter; stop every server left in it."""
    folder = Path(tempfile.mkdtemp(prefix="onhook-", dir="/var/tmp"))
    folder.chmod(0o755)
    monkeypatch.setenv("ONHOOK_STATE", str(folder))
    monkeypatch.delenv("PG_BIN", raising=False)
    yield folder
    monkeypatch.setenv("ONHOOK_STATE", str(folder))
    for state in folder.iterdir():
        if (state / "lock").exists():
            postgres.remove(state.name)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def finished() -> Iterator[Trial]:
    """Give the files of an instance that kept the word `kept`, made once: most trials need no fresh one."""
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(tempfile.mkdtemp(prefix="onhook-", dir="/var/tmp"))
        folder.chmod(0o755)
        patch.setenv("ONHOOK_STATE", str(folder))
        patch.delenv("PG_BIN", raising=False)
        server = postgres.ensure_running("trial", fsync=False)
        sql(server, "CREATE TABLE note AS SELECT 'kept' AS word")
        pid_file = (server.state / "data" / "postmaster.pid").read_text()
        postgres.stop("trial")
    yield Trial(state=server.state, pid_file=pid_file)
    shutil.rmtree(folder)


@pytest.fixture
def stopped(base: Path, finished: Trial) -> Trial:
    """Give an instance of this trial's own that ran, kept the word `kept`, and was stopped."""
    state = base / "trial"
    subprocess.run(["cp", "-a", "--reflink=auto", str(finished.state), str(state)], check=True)
    return Trial(state=state, pid_file=finished.pid_file.replace(str(finished.state), str(state)))


@pytest.fixture
def small_disk(base: Path) -> Iterator[Callable[[str], Path]]:
    """Give a function that mounts a disk of its own over the base folder; only root can."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"mode=0755,{options}", "none", str(base)]
        answer = subprocess.run(command, check=False, capture_output=True, text=True)
        if answer.returncode != 0:
            pytest.skip(f"NOT TESTED HERE: no small disk can be mounted: {answer.stderr.strip()}")
        mounted.append(base)
        return base

    yield mount
    os.environ["ONHOOK_STATE"] = str(base)
    for folder in mounted:
        subprocess.run(["mount", "-o", "remount,rw,nr_inodes=100k,size=300m", str(folder)], check=True)
        for state in folder.iterdir():
            if (state / "lock").exists():
                postgres.remove(state.name)
        subprocess.run(["umount", str(folder)], check=True)
