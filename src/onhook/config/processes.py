"""Start, watch and stop the processes of an installation. Nothing is shared between them but the database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()

_READY_SECONDS = 30.0
_STOP_SECONDS = 20.0
_LOOK_SECONDS = 0.02
# Seconds before a process that ended by itself is started again; doubled each time, up to the most.
_RESTART_SECONDS = 0.5
_MOST_RESTART_SECONDS = 30.0


class UnableToStart(Exception):
    """A process did not become ready; the message says what it wrote."""


@dataclass
class Child:
    """One process: how it is started, and, while it runs, what it said in its ready file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log_file: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    ready: dict[str, object] = field(default_factory=dict)

    def start(self) -> None:
        """
        Start it and wait until it writes its ready file.

        :raises UnableToStart: it ended or was not ready in time; it is stopped then.
        """
        with tempfile.TemporaryDirectory(prefix="onhook-") as folder:
            ready_file = Path(folder) / "ready.json"
            output = self.log_file.open("ab") if self.log_file else None
            try:
                self.process = subprocess.Popen(  # noqa: S603  # our own command line
                    [*self.command, "--ready-file", str(ready_file)],
                    env={**os.environ, **self.environment},
                    stdout=output or subprocess.DEVNULL,
                    stderr=output or None,
                    # Ctrl-C in a terminal goes to the whole group; we stop our children ourselves, in order.
                    start_new_session=True,
                )
            finally:
                if output:
                    output.close()
            self.ready = self._wait_until_ready(self.process, ready_file)

    def _wait_until_ready(self, process: subprocess.Popen[bytes], ready_file: Path) -> dict[str, object]:
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end:
            if ready_file.exists():
                said: dict[str, object] = json.loads(ready_file.read_bytes())
                return said
            if process.poll() is not None:
                raise UnableToStart(f"{self.name} ended with exit code {process.returncode} before it was ready.")
            time.sleep(_LOOK_SECONDS)
        self.stop()
        raise UnableToStart(f"{self.name} was not ready within {_READY_SECONDS:g} s and was stopped.")

    def stop(self) -> None:
        """Ask it to end, and insist after a while. One that ended already is fine."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("killed a process that did not end", process=self.name)
            self.process.kill()
            self.process.wait()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def announce_ready(ready_file: Path | None, said: Mapping[str, object]) -> None:
    """Tell whoever started this process that it is ready: the file appears whole or not at all."""
    if ready_file is None:
        return
    draft = ready_file.with_suffix(".part")
    draft.write_text(json.dumps({"pid": os.getpid(), **said}), encoding="utf-8")
    draft.replace(ready_file)


class Supervisor:
    """Keeps children running until it is asked to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = list(children)
        self._stop = threading.Event()

    def start(self) -> None:
        """Start all, in order; when one cannot start, stop those before it."""
        try:
            for child in self._children:
                child.start()
        except UnableToStart:
            self.stop_children()
            raise

    def run(self) -> None:
        """Watch until SIGINT or SIGTERM; start again what ends by itself."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        pauses = dict.fromkeys((child.name for child in self._children), _RESTART_SECONDS)
        while not self._stop.wait(0.5):
            for child in self._children:
                if child.is_running:
                    continue
                log.warning("a process ended and is started again", process=child.name)
                self._stop.wait(pauses[child.name])
                pauses[child.name] = min(pauses[child.name] * 2, _MOST_RESTART_SECONDS)
                self._start_again(child)
        self.stop_children()

    def _start_again(self, child: Child) -> None:
        try:
            child.start()
        except UnableToStart as fault:
            log.warning("a process cannot be started again", process=child.name, problem=str(fault))

    def stop_children(self) -> None:
        """Stop all, last started first."""
        for child in reversed(self._children):
            child.stop()


def worker(*, log_file: Path | None = None, environment: Mapping[str, str] | None = None) -> Child:
    """Return the worker process."""
    return Child("worker", [sys.executable, "-m", "onhook", "worker"], environment or {}, log_file)


def web(*, port: int, log_file: Path | None = None, environment: Mapping[str, str] | None = None) -> Child:
    """Return the process that serves the web pages on this machine's loopback."""
    return Child("web", [sys.executable, "-m", "onhook", "web", "--port", str(port)], environment or {}, log_file)


def mailbox(*, log_file: Path | None = None) -> Child:
    """Return the mailbox that receives mail where no mail server is set up. It is not part of the product's package."""
    return Child("mailbox", [sys.executable, "-m", "emulators.mailbox"], {}, log_file)
