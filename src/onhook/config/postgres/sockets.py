"""Where the server listens: one Unix socket in a private folder, short enough for the system."""

import hashlib
import os
import shutil
import socket
import stat
from pathlib import Path

from onhook.config.postgres import folders, process
from onhook.config.postgres.account import Account
from onhook.config.postgres.errors import ELSEWHERE, UnableToStartPostgres
from onhook.config.postgres.process import Owner

# The system's limit is 107 bytes on Linux and 103 elsewhere.
LONGEST_PATH = 100
# The port is only part of the socket's name. The others serve when somebody listens in our folder already.
PORTS = range(5432, 5442)


def make_folder(*, state: Path, account: Account) -> Path:
    """
    Make the folder of the socket: in the state folder, or when that is too deep, in a runtime folder.

    :raises UnableToStartPostgres: both are unusable.
    """
    folder = state / "socket"
    if not _is_usable(folder):
        folder = _short_folder(state)
    folders.make_one(folder, 0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), account.user}:
        raise UnableToStartPostgres(
            f"PostgreSQL was not started: {folder}, where its socket goes, is not a folder of ours. Nothing "
            f"was changed. Look what it is and remove it, or {ELSEWHERE}."
        )
    account.give(folder)
    return folder


def remove_folder(*, state: Path, folder: Path) -> None:
    """Remove a socket folder that lies outside the state folder."""
    if folder.parent != state and folder.name == _short_name(state):
        shutil.rmtree(folder, ignore_errors=True)


def free_port(*, folder: Path, data: Path) -> int:
    """
    Choose the first port whose socket nobody listens on, and remove what a killed server left of it.

    :raises UnableToStartPostgres: all are in use.
    """
    for port in PORTS:
        path = folder / f".s.PGSQL.{port}"
        lock = path.with_name(f"{path.name}.lock")
        if not _is_answered(path) and not _is_locked(lock, data):
            # A left lock file would stop the server for good once its process id belongs to somebody else.
            path.unlink(missing_ok=True)
            lock.unlink(missing_ok=True)
            return port
    raise UnableToStartPostgres(
        f"PostgreSQL was not started: other servers listen on every socket from {PORTS[0]} to {PORTS[-1]} in "
        f"{folder}. Nothing was changed. Stop those servers (`ss -xlp` names them), or {ELSEWHERE}."
    )


def _is_usable(folder: Path) -> bool:
    # A comma separates hosts for every client.
    path = folder / f".s.PGSQL.{PORTS[-1]}"
    return len(os.fsencode(path)) <= LONGEST_PATH and "," not in str(folder)


def _short_folder(state: Path) -> Path:
    """Never a temporary folder: its names can be guessed and taken by others."""
    runtime = Path("/run") if os.geteuid() == 0 else _runtime_folder_of_user()
    parent = runtime / "onhook"
    folder = parent / _short_name(state)
    try:
        folders.require_private(runtime)
        folders.make_one(parent, 0o711)
        folders.require_private(parent)
    except (OSError, UnableToStartPostgres) as error:
        raise _too_long(state, runtime) from error
    if not _is_usable(folder):
        raise _too_long(state, runtime)
    return folder


def _short_name(state: Path) -> str:
    return hashlib.sha256(os.fsencode(state)).hexdigest()[:12]


def _runtime_folder_of_user() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}")


def _too_long(state: Path, runtime: Path) -> UnableToStartPostgres:
    return UnableToStartPostgres(
        f"PostgreSQL was not started: {state} is too long a path (or has a comma in it) for a socket, which "
        f"may have {LONGEST_PATH} bytes with its name, and {runtime} is no private folder that could hold it "
        "instead. No data was touched. Set ONHOOK_STATE to a short path, or XDG_RUNTIME_DIR to a private "
        "folder."
    )


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except BlockingIOError:
            return True  # somebody listens, with a full queue
    return True


def _is_locked(lock: Path, data: Path) -> bool:
    """Whether the lock file beside a socket names a server that lives and may be about to listen."""
    pid = process.read_lock_file(lock)
    return pid is not None and process.owner_of(pid, data) in {Owner.UNKNOWN, Owner.OTHER_SERVER}
