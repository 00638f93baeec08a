"""What can go wrong, in words a person can act on, and how the system's own errors become such words."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ELSEWHERE = "set ONHOOK_STATE to another folder, or DATABASE_URL to a PostgreSQL of your own"


class UnableToStartPostgres(Exception):
    """The embedded server does not run; the message is fit to show and says what to do next."""


class UnableToStopPostgres(Exception):
    """The embedded server still runs; the message is fit to show and says what to do next."""


def disk_is_full(folder: Path) -> UnableToStartPostgres:
    """Say that the disk of `folder` has no room left."""
    free = shutil.disk_usage(folder).free // 2**20
    return UnableToStartPostgres(
        f"PostgreSQL was not started: the disk that holds {folder} is full ({free} MB left, or no file "
        f"entries). No finished data was touched. Free about 200 MB there and try again, or {ELSEWHERE}."
    )


def is_full(folder: Path) -> bool:
    """Whether the disk of `folder` has no room for even one page or one file more."""
    counts = os.statvfs(folder)
    return counts.f_bavail * counts.f_frsize < 2**16 or (counts.f_files > 0 and counts.f_favail == 0)


@contextmanager
def explained(
    state: Path,
    *,
    outcome: str = "PostgreSQL was not started",
    kind: type[UnableToStartPostgres | UnableToStopPostgres] = UnableToStartPostgres,
) -> Iterator[None]:
    """
    Turn an operating system's refusal below `state` into words, with the `outcome` first.

    :raises UnableToStartPostgres: or the `kind` asked for, in place of every `OSError` of the body.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise disk_is_full(_nearest_existing(state)) from error
        what, then = _in_words(error, state)
        raise kind(f"{outcome}: {what}. No finished data was touched. {then}, or {ELSEWHERE}.") from error


def _in_words(error: OSError, state: Path) -> tuple[str, str]:
    """Say what happened and what to do next."""
    where = error.filename or state
    if isinstance(error, TimeoutError):
        return (
            f"another process has been starting or stopping the server in {state} for minutes",
            f"`fuser -v {error}` names it; end it if it hangs and try again",
        )
    if error.errno == errno.EROFS:
        return f"{where} is on a read-only file system", "Make it writable and try again"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"user id {os.geteuid()} may not use {where} (permission denied)", "Give that user the folder"
    if error.errno == errno.ENAMETOOLONG:
        return f"the name {where} is too long for this file system", "Use a shorter folder"
    if error.errno == errno.ENOTDIR:
        return f"{where} cannot be there, for a part of that path is not a folder", "Move that file away"
    return f"the system refused {where}: {error.strerror}", "Put that right and try again"


def _nearest_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
