"""Which process serves a data folder: the server's pid file, believed only as far as the system agrees."""

import os
import signal
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from onhook.config.postgres import files

PROCESSES = Path("/proc")


class Owner(Enum):
    """Whom a process id belongs to, seen from one data folder."""

    NOBODY = "no such process"
    OURS = "the server of this data folder"
    OTHER = "a process that is no server"
    OTHER_SERVER = "a server of another data folder"
    UNKNOWN = "a process that cannot be told apart"


@dataclass(frozen=True)
class PidFile:
    """What `postmaster.pid` says: process, port, first socket folder, and whether connections are taken."""

    pid: int
    port: int
    socket: str
    is_ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """Read the server's pid file; `None` when there is none or it is not written to the end yet."""
    try:
        lines = files.read_trusted_by_nobody(data / "postmaster.pid").splitlines()
    except FileNotFoundError:
        return None
    try:
        # Lines by PostgreSQL's pidfile.h: pid, data folder, start time, port, socket folder, address, key,
        # and, once it got that far, the status.
        return PidFile(
            pid=abs(int(lines[0])),
            port=int(lines[3]),
            socket=lines[4],
            is_ready=[line.strip() for line in lines[7:8]] == ["ready"],
        )
    except (IndexError, ValueError):
        return None


def read_lock_file(lock: Path) -> int | None:
    """Read the process id in the lock file beside a socket."""
    try:
        return abs(int(files.read_trusted_by_nobody(lock).splitlines()[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None


def owner_of(pid: int, data: Path) -> Owner:
    """
    Tell whose process `pid` is, from its command line.

    Not from its working folder: root in a container may not look at that of `nobody`'s processes.
    """
    if pid <= 1 or not _is_there(pid):
        return Owner.NOBODY
    try:
        words = (PROCESSES / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        # No /proc here, or it is hidden: it may be the server.
        return Owner.UNKNOWN if _is_there(pid) else Owner.NOBODY
    if not words[0]:
        return Owner.NOBODY  # ended, and its parent did not look yet
    return owner_by_words([os.fsdecode(word) for word in words], data)


def owner_by_words(words: list[str], data: Path) -> Owner:
    """Tell the owner from the words of a command line, which ends with an empty one."""
    if words[0].startswith("postgres: ") or Path(words[0]).name not in {"postgres", "postmaster"}:
        return Owner.OTHER
    if "-D" not in words[:-1]:
        return Owner.UNKNOWN
    named = Path(words[words.index("-D") + 1])
    if named == data:
        return Owner.OURS
    if not named.is_absolute():
        return Owner.UNKNOWN
    return Owner.OURS if named.exists() and named.samefile(data) else Owner.OTHER_SERVER


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def ask_to_stop(pid: int, *, at_once: bool) -> None:
    """Fast shutdown (sessions are ended, all is written), or at once (recovery at the next start)."""
    try:
        os.kill(pid, signal.SIGQUIT if at_once else signal.SIGINT)
    except ProcessLookupError:
        return
