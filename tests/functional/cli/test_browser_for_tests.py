"""`requirements/browser`, which `make test` starts: where a browser comes from, and what is said when none can."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "requirements" / "browser"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that is all of the path: a machine without a browser."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "bash").symlink_to("/bin/bash")
    return folder


def program(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def look(programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", SCRIPT],
        env={"PATH": str(programs), "HOME": os.environ.get("HOME", "/"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", ["chromium-headless-shell", "chromium"])
def test_a_browser_that_is_there_is_taken_without_a_word(programs: Path, name: str) -> None:
    program(programs, name, "exit 0")
    program(programs, "id", "echo 0")
    program(programs, "apt-get", "exit 100")

    looked = look(programs)

    assert (looked.returncode, looked.stderr) == (0, "")


def test_a_named_browser_is_taken_without_a_word(programs: Path, tmp_path: Path) -> None:
    named = program(tmp_path, "my-chromium", "exit 0")

    looked = look(programs, CHROMIUM=str(named))

    assert (looked.returncode, looked.stderr) == (0, "")


def test_root_with_apt_gets_one(programs: Path) -> None:
    program(programs, "id", "echo 0")
    program(programs, "apt-get", f'echo "$@" >> {programs}/asked')

    looked = look(programs)

    assert looked.returncode == 0
    assert (programs / "asked").read_text().splitlines() == [
        "-qq update",
        "-qq install -y --no-install-recommends chromium-headless-shell",
    ]


@pytest.mark.parametrize("user", ["0", "1000"])
def test_a_machine_that_can_have_none_is_told_loudly(programs: Path, user: str) -> None:
    program(programs, "id", f"echo {user}")
    program(programs, "apt-get", "echo 'no network' >&2; exit 100")

    looked = look(programs)

    assert looked.returncode == 0
    assert "NO BROWSER" in looked.stderr
    assert "will not be looked at" in looked.stderr
