"""The data folder and its password: made whole or not at all, checked before every start."""

import os
import secrets
import shutil
import stat
import subprocess
from pathlib import Path

from onhook.config.postgres import files
from onhook.config.postgres.account import Account
from onhook.config.postgres.binaries import SYSTEM_FOLDER, Binaries
from onhook.config.postgres.errors import UnableToStartPostgres, disk_is_full, is_full

ROLE = "onhook"
DATABASE = "onhook"

DATA = "data"
# The mark of a half-made data folder is its name: only a finished one is renamed to `data`.
UNFINISHED = "data.unfinished"
PASSWORD = "password"  # noqa: S105 - the name of the file
_PASSWORD_FOR_INITDB = "password.initdb"  # noqa: S105 - the name of a file

MAKE_SECONDS = 150
NEEDED_BYTES = 80 * 2**20


def is_made(state: Path) -> bool:
    """
    Whether a finished data folder is there.

    :raises UnableToStartPostgres: something else lies in its place.
    """
    data = state / DATA
    if not data.exists() or (data.is_dir() and not any(data.iterdir())):
        return False
    if (data / "PG_VERSION").is_file():
        return True
    raise UnableToStartPostgres(
        f"PostgreSQL was not started: {data} is there but is no data folder of PostgreSQL (it has no "
        "PG_VERSION). Nothing was changed. Look what it is and move it away; onhook then makes a new one."
    )


def make(*, state: Path, binaries: Binaries, account: Account, lock: int, fsync: bool) -> None:
    """
    Make the data folder with the role and the database `onhook`.

    1. Remove what an interrupted attempt left; its programs are gone, for they held our lock.
    2. Make password, folder and database under the passing name.
    3. Write to disk, then rename.

    :param lock: the held instance lock; the programs inherit it and hold it even if we are killed.
    :raises UnableToStartPostgres: the disk is too full, or a program failed; nothing is left behind.
    """
    unfinished = state / UNFINISHED
    _remove_unfinished(state)
    if shutil.disk_usage(state).free < NEEDED_BYTES:
        raise disk_is_full(state)
    try:
        _make_password(state)
        unfinished.mkdir(mode=0o700)
        account.give(unfinished)
        _initdb(state=state, binaries=binaries, account=account, lock=lock, fsync=fsync)
        _create_database(state=state, binaries=binaries, account=account, lock=lock, fsync=fsync)
        unfinished.rename(state / DATA)
        files.sync_folder(state)
    except BaseException:
        _remove_unfinished(state)
        raise


def _remove_unfinished(state: Path) -> None:
    (state / _PASSWORD_FOR_INITDB).unlink(missing_ok=True)
    if (state / UNFINISHED).exists():
        shutil.rmtree(state / UNFINISHED)


def require_version(*, state: Path, binaries: Binaries) -> None:
    """
    Refuse data of another major version; PostgreSQL would too, in words that help less.

    :raises UnableToStartPostgres: with both versions and the ways out.
    """
    found = files.read_trusted_by_nobody(state / DATA / "PG_VERSION").strip()
    if found == str(binaries.major):
        return
    other = SYSTEM_FOLDER / found / "bin"
    hint = f" (such as PG_BIN={other})" if (other / "postgres").is_file() else ""
    raise UnableToStartPostgres(
        f"PostgreSQL was not started: {state / DATA} was made by PostgreSQL {found}, and the programs in "
        f"{binaries.folder} are version {binaries.version}. The data was not touched. Set PG_BIN to programs "
        f"of version {found}{hint}; to move on to version {binaries.major}, dump with those and restore into "
        "a new instance. Data that is not needed any more can be moved away instead."
    )


def password(state: Path) -> str:
    """
    Read the password of the role `onhook`.

    :raises UnableToStartPostgres: the file is missing, empty, or not private to us.
    """
    path = state / PASSWORD
    try:
        found = path.lstat()
    except FileNotFoundError as error:
        raise UnableToStartPostgres(
            f"The password file {path} is missing. The data beside it was not touched, and cannot be opened "
            f"without it. Put the file back from a backup; or, when the data is not needed, move {state} "
            "away."
        ) from error
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise UnableToStartPostgres(
            f"The password file {path} must be a plain file of user id {os.geteuid()} with mode 600; it "
            f"belongs to user id {found.st_uid} with mode {stat.S_IMODE(found.st_mode):o}. Nothing was "
            f"changed. Ask who opened it and why, then: chown {os.geteuid()} '{path}' && chmod 600 '{path}'."
        )
    text = path.read_text("utf-8").strip()
    if not text:
        raise UnableToStartPostgres(
            f"The password file {path} is empty. The data beside it was not touched. Put the file back from "
            f"a backup; or, when the data is not needed, move {state} away."
        )
    return text


def _make_password(state: Path) -> None:
    # One left by an interrupted attempt is used again.
    if not (state / PASSWORD).exists():
        files.write_private(state / PASSWORD, secrets.token_urlsafe(32) + "\n")


def _initdb(*, state: Path, binaries: Binaries, account: Account, lock: int, fsync: bool) -> None:
    # `initdb` reads the password as its own account, which must not own ours: it gets a copy for this moment.
    lent = state / _PASSWORD_FOR_INITDB
    files.write_private(lent, password(state) + "\n")
    account.give(lent)
    command: list[str | Path] = [
        binaries.initdb,
        f"--pgdata={state / UNFINISHED}",
        f"--username={ROLE}",
        f"--pwfile={lent}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-instructions",
        *([] if fsync else ["--no-sync"]),
    ]
    _run(command, state=state, account=account, lock=lock)
    lent.unlink()


def _create_database(*, state: Path, binaries: Binaries, account: Account, lock: int, fsync: bool) -> None:
    # Alone, before anybody can connect: a finished data folder always has its database.
    command: list[str | Path] = [binaries.postgres, "--single", "-j", "-D", state / UNFINISHED]
    options = ["-c", f"fsync={'on' if fsync else 'off'}", "-c", "exit_on_error=on", "postgres"]
    statement = f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n\n"
    _run([*command, *options], state=state, account=account, lock=lock, typed=statement)


def _run(command: list[str | Path], *, state: Path, account: Account, lock: int, typed: str | None = None) -> None:
    name = Path(command[0]).name
    try:
        answer = account.run(command, timeout_seconds=MAKE_SECONDS, keep_open=[lock], typed=typed)
    except subprocess.TimeoutExpired as error:
        raise UnableToStartPostgres(
            f"PostgreSQL was not started: {name} was not done after {MAKE_SECONDS} seconds and was ended. "
            f"Nothing is left behind. Look at the disk of {state}, then try again."
        ) from error
    if answer.returncode == 0:
        return
    if "No space left" in answer.stdout or is_full(state):
        raise disk_is_full(state)
    said = " ".join(answer.stdout.split())[-600:]
    raise UnableToStartPostgres(
        f"PostgreSQL was not started: {name} failed while making {state / DATA}: {said} Nothing is left "
        f"behind. {_advice(said)}"
    )


def _advice(said: str) -> str:
    if "could not look up effective user ID" in said:
        return (
            "PostgreSQL wants a user with a name: run onhook as a user of this system (or add this id to "
            "/etc/passwd), or set DATABASE_URL to a PostgreSQL of your own."
        )
    return "Put that right and try again, or set DATABASE_URL to a PostgreSQL of your own."
