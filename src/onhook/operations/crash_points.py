"""Named places where a test may kill or freeze the process. Outside tests a point does nothing."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path


def reached(name: str) -> None:
    """
    Kill this process here when the environment asks for it; otherwise return at once.

    `ONHOOK_CRASH_AT` names the point, `ONHOOK_CRASH_SIGNAL` the signal where it is not SIGKILL.
    `ONHOOK_CRASH_RECORD` names a file to which every point that is passed adds its name, so that the tests know that
    they kill at all of them.
    """
    record = os.environ.get("ONHOOK_CRASH_RECORD")
    if record:
        with Path(record).open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")
    if os.environ.get("ONHOOK_CRASH_AT") == name:
        # To this very thread: what is sent to the process may let the thread run on for a moment.
        signal.pthread_kill(threading.get_ident(), signal.Signals[os.environ.get("ONHOOK_CRASH_SIGNAL", "SIGKILL")])
