"""Start, watch and stop the processes of an installation. Nothing is shared between them but the database."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()

_READY_SECONDS = 30.0
_STOP_SECONDS = 20.0
_LOOK_SECONDS = 0.02
_WATCH_SECONDS = 0.5
# Seconds before a process that ended by itself is started again; doubled each time, up to the most, and the first
# again once it ran for a while.
_RESTART_SECONDS = 0.5
_MOST_RESTART_SECONDS = 30.0
_STEADY_SECONDS = 60.0
# A person's proof is for the command they type, not for the processes that serve everybody.
_PERSONAL = ("ONHOOK_AS", "ONHOOK_TOKEN", "ONHOOK_TOKEN_FILE")
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1

Said = Mapping[str, object]


class UnableToStart(Exception):
    """A process did not become ready; the message says what it wrote."""


class AskedToStop(Exception):
    """It was to stop while processes were still being started."""


@dataclass
class Child:
    """
    One process: how it is started, and, while it runs, what it said in its ready file.

    `same_place` makes the arguments with which it comes back at the addresses of its first start, which others know.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log_file: Path | None = None
    same_place: Callable[[Said], Sequence[str]] | None = None
    process: subprocess.Popen[bytes] | None = None
    ready: Said = field(default_factory=dict)

    def start(self, *, stop: threading.Event | None = None) -> None:
        """
        Start it and wait until it writes its ready file.

        :raises UnableToStart: it ended or was not ready in time; it is stopped then.
        :raises AskedToStop: `stop` was set before it was ready; it is stopped then.
        """
        with tempfile.TemporaryDirectory(prefix="onhook-") as folder:
            ready_file = Path(folder) / "ready.json"
            self.process = self._launch(ready_file)
            try:
                self.ready = self._wait_until_ready(self.process, ready_file, stop or threading.Event())
            except BaseException:
                self.stop()
                raise

    def _launch(self, ready_file: Path) -> subprocess.Popen[bytes]:
        place = self.same_place(self.ready) if self.same_place and self.ready else ()
        inherited = {name: value for name, value in os.environ.items() if name not in _PERSONAL}
        output = self.log_file.open("ab") if self.log_file else None
        try:
            return subprocess.Popen(  # noqa: S603  # our own command line
                [*self.command, *place, "--ready-file", str(ready_file)],
                env={**inherited, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output or subprocess.DEVNULL,
                stderr=output or None,
                # Ctrl-C in a terminal goes to the whole group; we stop our children ourselves, in order.
                start_new_session=True,
                preexec_fn=_ending_with(os.getpid()),  # noqa: PLW1509  # this process has one thread
            )
        finally:
            if output:
                output.close()

    def _wait_until_ready(self, process: subprocess.Popen[bytes], ready_file: Path, stop: threading.Event) -> Said:
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end:
            if ready_file.exists():
                said: Said = json.loads(ready_file.read_bytes())
                return said
            if process.poll() is not None:
                raise UnableToStart(f"{self.name} ended with exit code {process.returncode} before it was ready.")
            if stop.wait(_LOOK_SECONDS):
                raise AskedToStop
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


def _ending_with(parent: int) -> Callable[[], None] | None:
    """Return what makes a child end when `parent` is gone, however that ended; None where the system cannot do that."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)

    def prepare() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def announce_ready(ready_file: Path | None, said: Mapping[str, object]) -> None:
    """Tell whoever started this process that it is ready: the file appears whole or not at all."""
    if ready_file is None:
        return
    draft = ready_file.with_suffix(".part")
    draft.write_text(json.dumps({"pid": os.getpid(), **said}), encoding="utf-8")
    draft.replace(ready_file)


@dataclass
class _Watched:
    """A child with when it may be started again, and how long the next pause is."""

    child: Child
    started_at: float
    pause_seconds: float = _RESTART_SECONDS
    next_start_at: float | None = None


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Give an event that SIGINT, SIGTERM or the end of the terminal sets, instead of ending this process at once."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in _STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Supervisor:
    """
    Starts children, keeps them running until `stop` is set, and stops them, last started first.

    A context: whatever ends it, also while it is still starting, nothing that it started is left running.
    """

    def __init__(self, *, stop: threading.Event, keep: Callable[[], bool] = lambda: False) -> None:
        """`keep` is called at every look; True when what it mended is at another address, so that all start anew."""
        self._watched: list[_Watched] = []
        self._stop = stop
        self._keep = keep

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_children()

    def _stop_children(self) -> None:
        for watched in reversed(self._watched):
            watched.child.stop()

    def start(self, child: Child) -> Child:
        """
        Start a child and watch it from now on.

        :raises UnableToStart: it did not get ready.
        :raises AskedToStop: a signal came.
        """
        if self._stop.is_set():
            raise AskedToStop
        child.start(stop=self._stop)
        self._watched.append(_Watched(child, started_at=time.monotonic()))
        return child

    def run(self) -> None:
        """Watch until `stop` is set; start again what ends by itself."""
        try:
            while not self._stop.wait(_WATCH_SECONDS):
                if self._keep():
                    self._stop_children()
                for watched in self._watched:
                    self._look_at(watched)
        except AskedToStop:
            return

    def _look_at(self, watched: _Watched) -> None:
        now = time.monotonic()
        if watched.child.is_running:
            return
        if watched.next_start_at is None:
            if now - watched.started_at > _STEADY_SECONDS:
                watched.pause_seconds = _RESTART_SECONDS
            log.warning("a process ended and is started again", process=watched.child.name)
            watched.next_start_at = now + watched.pause_seconds
            watched.pause_seconds = min(watched.pause_seconds * 2, _MOST_RESTART_SECONDS)
        if now < watched.next_start_at:
            return
        watched.next_start_at = None
        watched.started_at = now
        try:
            watched.child.start(stop=self._stop)
        except UnableToStart as fault:
            log.warning("a process cannot be started again", process=watched.child.name, problem=str(fault))


def worker(*, log_file: Path | None = None, environment: Mapping[str, str] | None = None) -> Child:
    """Return the worker process."""
    return Child("worker", [sys.executable, "-m", "onhook", "worker"], environment or {}, log_file)


def web(*, port: int, log_file: Path | None = None, environment: Mapping[str, str] | None = None) -> Child:
    """Return the process that serves the web pages on this machine's loopback."""
    return Child("web", [sys.executable, "-m", "onhook", "web", "--port", str(port)], environment or {}, log_file)


def mailbox(*, log_file: Path | None = None) -> Child:
    """Return the mailbox that receives mail where no mail server is set up. It is not part of the product's package."""
    return Child("mailbox", [sys.executable, "-m", "emulators.mailbox"], {}, log_file, same_place=_mailbox_ports)


def emulator(name: str, *, folder: Path, seed_file: Path) -> Child:
    """Return an emulated vendor that speaks TLS under the authority in `folder`; it always begins with the seed."""
    command = [sys.executable, "-m", f"emulators.{name}", "--tls-folder", str(folder), "--seed-file", str(seed_file)]
    return Child(name, command, {}, folder.with_suffix(".log"), same_place=_http_port)


def _mailbox_ports(said: Said) -> list[str]:
    return [*_http_port(said), "--smtp-port", str(said["smtp"]).rpartition(":")[2]]


def _http_port(said: Said) -> list[str]:
    return ["--http-port", str(said["http"]).rpartition(":")[2]]
