"""Lets an emulator kill its own client at an exact call, for the crash tests."""

import os
import signal

from emulators.control.errors import DocumentError
from emulators.control.faults import Fault, Parameter, Parameters

KILL_PARAMETERS: Parameters = {
    "pid": Parameter(int, is_required=True),
    "when": Parameter(str, default="after_effect"),
}


def check_kill(fault: Fault) -> None:
    """
    Check a `kill_client` fault when it is set, not when it strikes.

    :raises DocumentError: the pid cannot be one process of a client, or `when` is unknown.
    """
    # 0, negative ids and 1 would reach whole process groups or the machine's first process.
    if fault.number("pid") <= 1 or fault.number("pid") == os.getpid():
        raise DocumentError("'pid' must be the id of one client process.")
    if fault.text("when") not in {"before", "after_effect"}:
        raise DocumentError("'when' is 'before' or 'after_effect'.")


def kill_client(fault: Fault) -> None:
    """Send SIGKILL to the fault's process; one that is gone already is fine."""
    try:
        os.kill(int(fault.number("pid")), signal.SIGKILL)
    except ProcessLookupError:
        return
