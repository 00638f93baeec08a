"""Starts emulators as processes and ends them, for tests and the demo."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulators.control.client import ControlClient
from emulators.control.errors import StartError

POLL_SECONDS = 0.02
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RunningEmulator:
    """
    One running emulator.

    `addresses` holds what its ready file says by protocol (`http` always; the mailbox also `smtp`).
    """

    name: str
    process: "subprocess.Popen[bytes]"
    addresses: Mapping[str, str]
    ca_file: Path | None
    control: ControlClient

    @property
    def http(self) -> str:
        """Give its HTTP address without a slash at the end."""
        return self.addresses["http"]

    def stop(self) -> None:
        """End it: ask first, then insist. A process that has ended is fine."""
        self.control.close()
        _end(self.process)


@contextmanager
def running(
    name: str,
    *,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    timeout_seconds: float = 60.0,
    module: str | None = None,
) -> Iterator[RunningEmulator]:
    """Run `python -m emulators.<name>` for the length of a `with` block."""
    emulator = start(
        name,
        arguments=arguments,
        environment=environment,
        timeout_seconds=timeout_seconds,
        module=module,
    )
    try:
        yield emulator
    finally:
        emulator.stop()


def start(
    name: str,
    *,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    timeout_seconds: float = 60.0,
    module: str | None = None,
) -> RunningEmulator:
    """
    Start `python -m emulators.<name>` on free ports and wait until it listens. The caller stops it.

    :param module: the module to run instead, for an emulator that lives elsewhere.

    It also ends by itself when this process ends, however that happens.

    :raises StartError: it ended or did not listen in time; the message holds what it wrote to stderr.
    """
    with tempfile.TemporaryDirectory(prefix="emulator-") as folder, tempfile.TemporaryFile() as errors:
        ready_file = Path(folder) / "ready.json"
        own = ["--ready-file", str(ready_file), "--until-stdin-closes"]
        process = subprocess.Popen(  # noqa: S603  # our own module, with the caller's arguments
            [sys.executable, "-m", module or f"emulators.{name}", *own, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, **(environment or {})},
        )
        try:
            document = _await_ready(process, ready_file, timeout_seconds)
        except StartError as error:
            _end(process)
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
            raise StartError(f"The {name} emulator {error}\n{said}") from None
    return _described(name, process, document)


def _await_ready(process: "subprocess.Popen[bytes]", ready_file: Path, timeout_seconds: float) -> Mapping[str, object]:
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if ready_file.exists():
            document: Mapping[str, object] = json.loads(ready_file.read_bytes())
            return document
        if process.poll() is not None:
            raise StartError(f"ended with exit code {process.returncode} before it listened:")
        time.sleep(POLL_SECONDS)
    raise StartError(f"did not listen within {timeout_seconds:g} s and was stopped:")


def _described(name: str, process: "subprocess.Popen[bytes]", document: Mapping[str, object]) -> RunningEmulator:
    addresses = {key: str(value) for key, value in document.items() if key not in {"pid", "ca_file"}}
    ca_file = Path(str(document["ca_file"])) if "ca_file" in document else None
    control = ControlClient(address=addresses["http"], ca_file=ca_file)
    return RunningEmulator(name=name, process=process, addresses=addresses, ca_file=ca_file, control=control)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
