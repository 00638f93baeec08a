"""Named places where a test may kill the process. Outside tests a point does nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def reached(name: str) -> None:
    """
    Kill this process here (SIGKILL) when the environment asks for it; otherwise return at once.

    `ONHOOK_CRASH_AT` names the point and `ONHOOK_CRASH_MARK` a file that is made just before, so that a point
    kills once and the process that comes after it passes.
    """
    if os.environ.get("ONHOOK_CRASH_AT") != name:
        return
    try:
        with Path(os.environ["ONHOOK_CRASH_MARK"]).open("x"):
            pass
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
