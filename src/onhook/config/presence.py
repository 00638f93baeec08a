"""Which `onhook up` runs for an installation: a lock of the kernel, which ends with its holder and is never stale."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from onhook.config.postgres import errors, folders, locks

# Somebody who only looks holds the lock, shared, for an instant.
_TRIES = 5
_PAUSE_SECONDS = 0.05


class AlreadyUp(Exception):
    """Another `onhook up` runs for this installation; the message is fit to show."""


@contextmanager
def claimed(instance: str) -> Iterator[Callable[[Mapping[str, str]], None]]:
    """
    Be the one `onhook up` of this installation for the body; gives what leaves its environment for other commands.

    :raises AlreadyUp: another one runs.
    :raises UnableToStartPostgres: the state folder cannot be used.
    """
    state = folders.state_folder(instance)
    with errors.explained(state, outcome="onhook was not started"):
        folders.make(state)
        descriptor = _take(_file(instance))
        if descriptor is None:
            raise AlreadyUp(
                f"onhook is up already (process {holder(instance) or 'unknown'}). Nothing was started. Stop that one "
                "with `onhook down`, or name another installation with ONHOOK_INSTANCE."
            )
        _write(descriptor, {})
    try:
        yield lambda environment: _write(descriptor, environment)
    finally:
        os.close(descriptor)


def holder(instance: str) -> int | None:
    """Return the process id of the `onhook up` that runs for this installation, or None."""
    said = _read(instance)
    return int(said["pid"]) if said else None


def environment(instance: str) -> dict[str, str]:
    """Return the variables that point at the emulated systems around the running `onhook up`; empty without one."""
    found: dict[str, str] = _read(instance).get("environment", {})
    return found


def _write(descriptor: int, environment: Mapping[str, str]) -> None:
    text = json.dumps({"pid": os.getpid(), "environment": dict(environment)}).encode()
    os.pwrite(descriptor, text, 0)
    os.truncate(descriptor, len(text))


def _read(instance: str) -> dict[str, Any]:
    file = _file(instance)
    with errors.explained(file.parent, outcome="It cannot be seen whether onhook is up"):
        if not locks.is_held(file):
            return {}
        written = file.read_text("utf-8")
    try:
        said: dict[str, Any] = json.loads(written)
    except ValueError:
        # It is just being written.
        return {}
    return said


def _take(file: Path) -> int | None:
    for _ in range(_TRIES):
        descriptor = locks.take(file)
        if descriptor is not None:
            return descriptor
        time.sleep(_PAUSE_SECONDS)
    return None


def _file(instance: str) -> Path:
    return folders.state_folder(instance) / "up.lock"
