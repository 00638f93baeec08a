"""File locks of the kernel: they end with their last holder, however that ends, so none is ever stale."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE_SECONDS = 0.01


@contextmanager
def hold(path: Path, *, prepare: Callable[[], None], timeout_seconds: float) -> Iterator[int]:
    """
    Hold the lock on `path` for the body, and give its file descriptor.

    A child that inherits the descriptor holds the lock with us, and goes on holding it should we die.

    :param prepare: makes the folder of `path`; asked again when somebody removed it while we waited.
    :raises TimeoutError: somebody else held it all that time.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        prepare()
        descriptor = take(path)
        if descriptor is not None:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        time.sleep(PAUSE_SECONDS)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def take(path: Path) -> int | None:
    """Take the lock without waiting; `None` when somebody else holds it or the file went away just now."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        return None
    if _lock(descriptor, fcntl.LOCK_EX) and _is_still(path, descriptor):
        return descriptor
    os.close(descriptor)
    return None


def is_held(path: Path) -> bool:
    """Whether any process holds the lock on `path` for itself."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    """A removed folder takes its lock file along; a lock on that file excludes nobody any more."""
    try:
        named = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(named, os.fstat(descriptor))
