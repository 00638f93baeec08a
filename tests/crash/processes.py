"""Start real processes that can be killed, and learn how they ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Long enough for a loaded machine; a process that is still there then did not reach its point.
SECONDS = 60.0


@dataclass
class Process:
    """One forked process."""

    pid: int
    _nursery: Nursery = field(repr=False)

    def ended(self) -> int | None:
        """Wait for its end and return its exit code, negative for a signal, None when it had to be killed by us."""
        return self._nursery.ask({"do": "wait", "pid": self.pid, "seconds": SECONDS})["ended"]

    def was_killed(self) -> bool:
        return self.ended() == -signal.SIGKILL

    def is_frozen(self) -> bool:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def wake(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def terminate(self) -> int | None:
        os.kill(self.pid, signal.SIGTERM)
        return self.ended()


class Nursery:
    """The process that forks the others. It ends with its standard input, so with the tests, however they end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.worker_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(SECONDS)

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def fork(
        self,
        what: str,
        *,
        database: str,
        environment: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        vendors: Mapping[str, tuple[str, str]] | None = None,
        **more: str,
    ) -> Process:
        command = {
            "do": "fork",
            "what": what,
            "database": database,
            "environment": dict(environment or {}),
            "settings": dict(settings or {}),
            "vendors": dict(vendors or {}),
            **more,
        }
        return Process(self.ask(command)["pid"], self)
