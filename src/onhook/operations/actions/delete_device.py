"""Delete a device: the run, step by step. A lost phone's line goes first; a billing question holds only the notice."""

from __future__ import annotations

from itertools import count
from math import ceil

from onhook.operations import choices, engine
from onhook.operations.actions import authorise, billing, deletion, verification
from onhook.operations.closing import close
from onhook.operations.models import Operation
from onhook.operations.notices import delivery
from onhook.operations.ports import Ports
from onhook.operations.runner import Act, OperationOver, Result, Runner, Turn
from onhook.operations.vocabulary import Outcome, StepName


def run(engine_run: engine.Run, operation: Operation, *, ports: Ports) -> None:
    """
    Carry the operation to its end.

    1. `authorise`: rights and live rows again; an unknown SOC code asks a person.
    2. `delete_devices`: in chunks, each its own transaction.
    3. `verify_deleted`: read back in CSU, by number; a person decides on what does not fit.
    4. Shop channel only: `find_account`, `find_subscription`; a doubt here holds the notice, not the deletion.
    5. `notify_customer`: mail what was verified, with link and count where the shop bills.
    6. `close`.
    """
    runner = Runner(engine_run, operation)
    try:
        # The checkpoint keeps the size: with another one after a restart, the chunks would no longer fit together.
        size = runner.perform(StepName.AUTHORISE, authorise.act)["chunk_lines"]
        for chunk in range(1, ceil(operation.line_count / size) + 1):
            runner.perform(
                StepName.DELETE_DEVICES, deletion.chunk_act(chunk, size=size), checkpoint=f"delete_devices:{chunk}"
            )
        outcome, tell = _verify(runner)
        if tell:
            delivery.deliver(runner, mail=ports.mail, bill=billing.find(runner, ports=ports))
        runner.perform(StepName.CLOSE, closing_act(outcome))
    except OperationOver:
        return


def _verify(runner: Runner) -> tuple[Outcome, bool]:
    """Read back until it fits or a person ends it; return how the operation ends and whether the customer is told."""
    for round_ in count(1):
        found = runner.perform(StepName.VERIFY_DELETED, verification.act, checkpoint=f"verify_deleted:{round_}")
        if found["outcome"] == Outcome.VERIFIED:
            return Outcome.VERIFIED, True
        decided = runner.perform(
            StepName.RESOLVE_VERIFICATION,
            verification.resolve_act(round_, found),
            checkpoint=f"resolve_verification:{round_}",
        )
        if decided["answer"] != choices.CHECK_AGAIN:
            return Outcome(found["outcome"]), decided["answer"] == verification.TELL and found["verified"] > 0
    raise AssertionError  # pragma: no cover  # count() does not end


def closing_act(outcome: Outcome) -> Act:
    """Return the act that closes the operation."""

    def act(turn: Turn) -> Result:
        close(operation=turn.operation, outcome=outcome, reason="", now=turn.now)
        return Result(evidence={"outcome": outcome.value}, values={})

    return act
