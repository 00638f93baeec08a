"""`requirements/install`, which every target of the Makefile starts: what a newcomer's machine may lack."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
OLD = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n'
WITHOUT_VENV = f'#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\nexec {sys.executable} "$@"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the script and a lock that nobody can serve."""
    folder = tmp_path / "a project"
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "requirements" / "install", folder / "requirements" / "install")
    (folder / "requirements" / "none.txt").write_text("no-such-package-of-anybody==1 --hash=sha256:" + "0" * 64 + "\n")
    return folder


def python(folder: Path, text: str) -> Path:
    file = folder / "python-of-a-test"
    file.write_text(text)
    file.chmod(0o755)
    return file


def install(project: Path, named: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project / "requirements" / "install", str(named), ".venv", "requirements/none.txt"],
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(("text", "is_called"), [(OLD, "Python 3.9.2"), (None, "it is not there")])
def test_a_python_that_is_too_old_or_missing_is_named(project: Path, text: str | None, is_called: str) -> None:
    named = python(project, text) if text else project / "nothing"

    ended = install(project, named)

    assert ended.returncode == 2
    assert f"'{named}' is not ({is_called}). Nothing was installed." in ended.stderr
    assert not (project / ".venv").exists()


def test_a_python_without_the_venv_module_is_named(project: Path) -> None:
    ended = install(project, python(project, WITHOUT_VENV))

    assert ended.returncode == 2
    assert "its 'venv' module is missing. Nothing was installed." in ended.stderr
    assert not (project / ".venv").exists()


def test_packages_that_cannot_be_had_are_told_and_the_next_run_goes_on(project: Path) -> None:
    first = install(project, sys.executable)
    again = install(project, sys.executable)

    for ended in (first, again):
        assert ended.returncode == 2
        assert "the packages were not installed; the lines above say why." in ended.stderr
        assert "no-such-package-of-anybody" in ended.stderr
    assert "made anew" not in again.stderr


def test_an_environment_that_does_not_work_any_more_is_made_anew(project: Path) -> None:
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to("/no/such/python")

    ended = install(project, sys.executable)

    assert "does not work any more and is made anew" in ended.stderr
    assert (project / ".venv" / "bin" / "python").exists()
