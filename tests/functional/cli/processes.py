"""Real `onhook` processes: run to their end, kept in the background, or in a terminal of their own."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.functional.cli.typing_person import Ran

# Long enough for a loaded machine; nothing waits this long when all is well.
SECONDS = 60.0
_PATIENCE_SECONDS = 3.0
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>]")
# PYTHONUNBUFFERED, for one, loses what a pipe took only in part.
_LEFT_OUT = ("ONHOOK_", "DATABASE_URL", "MAILBOX_", "PYTHON", "COLUMNS", "LINES")


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what tests put there, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    return {**kept, "TERM": "xterm-256color", **more}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "onhook", *map(str, arguments)]


def run(*arguments: object, env: Mapping[str, str], stdin: bytes = b"") -> Ran:
    """Run one command to its end, as a script would."""
    ended = subprocess.run(command(*arguments), env=env, input=stdin, capture_output=True, timeout=SECONDS, check=False)
    return Ran(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@contextmanager
def background(*arguments: object, env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a command running for the body, in a session of its own; it is killed at the end if it still runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(*arguments), env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(holds: object, *, what: str) -> None:
    """Wait until `holds()` is true, however long a loaded machine takes."""
    end = time.monotonic() + SECONDS
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, f"{what} did not come about within {SECONDS:g} s"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether this process runs; one that ended and was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


def children_of(pid: int) -> dict[str, int]:
    """Return the process ids of the children by what they are: the word after `-m`, or `onhook`'s command."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
        name = words[words.index("-m") + 1] if "-m" in words else words[0]
        found[words[words.index("-m") + 2] if name == "onhook" else name.removeprefix("emulators.")] = int(child)
    return found


def written_by_up(state: Path) -> dict[str, object]:
    """Return what a running `onhook up` left for other commands."""
    (file,) = state.glob("*/up.lock")
    said: dict[str, object] = json.loads(file.read_text())
    return said


class Terminal:
    """A command in a terminal of its own, with somebody who reads and types."""

    def __init__(self, *arguments: object, env: Mapping[str, str], columns: int = 100) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self._process = subprocess.Popen(
            command(*arguments),
            env=env,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # The first terminal that the leader of a session opens is the one whose Ctrl-C reaches it.
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509
        )
        os.close(slave)
        self._seen = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """What was shown so far, without colours and movements."""
        return _ESCAPES.sub("", self._seen.decode(errors="replace")).replace("\r\n", "\n")

    def expect(self, text: str) -> None:
        """Read until `text` was shown."""
        end = time.monotonic() + SECONDS
        while text not in self.text:
            assert time.monotonic() < end, f"{text!r} was never shown; this was:\n{self.text}"
            assert self._read(), f"{text!r} was never shown; it ended with:\n{self.text}"

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Read to the end and return the exit code."""
        deadline = time.monotonic() + SECONDS
        while self._read():
            assert time.monotonic() < deadline, f"it did not end; this was shown:\n{self.text}"
        return self._process.wait(SECONDS)

    def press_until_end(self, key: str) -> int:
        """Press a key until the command ends: one that comes just before the question is read waits for the next."""
        deadline = time.monotonic() + SECONDS
        while self._process.poll() is None:
            assert time.monotonic() < deadline, f"it did not end; this was shown:\n{self.text}"
            self.type(key)
            again = time.monotonic() + _PATIENCE_SECONDS
            while time.monotonic() < again and self._read():
                pass
        return self.end()

    def _read(self) -> bool:
        """Read what there is, waiting a little; False once nothing can come any more."""
        ready, _, _ = select.select([self._master], [], [], 0.2)
        if not ready:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:
            # Linux says so when the last process that had the terminal is gone.
            return False
        self._seen += data
        return bool(data)
