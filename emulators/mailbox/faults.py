"""The faults of the mailbox: they strike SMTP commands, whose path is the address they name."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from emulators.control.errors import DocumentError
from emulators.control.faults import Fault, Parameter, Parameters
from emulators.control.killing import KILL_PARAMETERS, kill_client

COMMANDS = ("MAIL", "RCPT", "DATA")
# RFC 5321, section 4.2.1: 4yz is a refusal for now, 5yz for good.
REFUSALS = range(400, 600)

KINDS: Mapping[str, Parameters] = {
    "delay": {"seconds": Parameter(float, is_required=True)},
    # Any SMTP answer instead of carrying the command out.
    "refuse": {"code": Parameter(int, default=451), "text": Parameter(str, default="Try again later")},
    "cut_before": {},
    # DATA only: invites the message and cuts while it is on its way.
    "cut_in_data": {},
    # DATA only: the message is stored, the 250 never arrives, so the client cannot know.
    "accept_then_cut": {},
    "kill_client": KILL_PARAMETERS,
}

Hang = Callable[[], Awaitable[None]]


def check(fault: Fault) -> None:
    """
    Refuse a fault that could not strike as it says.

    :raises DocumentError: a command other than those with faults, or a DATA-only fault elsewhere.
    """
    method = fault.match.method
    if method is not None and method not in COMMANDS:
        raise DocumentError(f"Faults strike {', '.join(COMMANDS)}, not {method}.")
    if fault.kind in {"cut_in_data", "accept_then_cut"} and method != "DATA":
        raise DocumentError(f"The fault {fault.kind!r} is only for DATA; say so in its match.")
    if fault.kind == "refuse" and int(fault.number("code")) not in REFUSALS:
        raise DocumentError("'code' must be a refusal, 400 to 599.")


async def before_effect(faults: list[Fault], cut: Hang) -> str | None:
    """Let the faults strike before a command has its effect; give a refusal to answer with, if any."""
    for fault in faults:
        if fault.kind == "delay":
            await asyncio.sleep(fault.number("seconds"))
        elif fault.kind == "refuse":
            return f"{int(fault.number('code'))} {fault.text('text')}"
        elif fault.kind == "cut_before":
            await cut()
        elif fault.kind == "kill_client" and fault.text("when") == "before":
            kill_client(fault)
            await cut()
    return None


async def after_effect(faults: list[Fault], cut: Hang) -> None:
    """Let the faults strike when the effect is there and the answer is not."""
    for fault in faults:
        if fault.kind == "accept_then_cut":
            await cut()
        elif fault.kind == "kill_client" and fault.text("when") == "after_effect":
            kill_client(fault)
            await cut()
