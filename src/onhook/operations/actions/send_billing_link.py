"""Send the billing link again: no line is touched; the same lookup and the same checks as after a deletion."""

from __future__ import annotations

from onhook.operations import engine
from onhook.operations.actions import billing
from onhook.operations.actions.delete_device import closing_act
from onhook.operations.models import Operation
from onhook.operations.notices import delivery
from onhook.operations.ports import Ports
from onhook.operations.runner import OperationOver, Runner
from onhook.operations.vocabulary import Outcome, StepName


def run(engine_run: engine.Run, operation: Operation, *, ports: Ports) -> None:
    """Carry the operation to its end: `find_account`, `find_subscription`, `notify_customer`, `close`."""
    runner = Runner(engine_run, operation)
    try:
        delivery.deliver(runner, mail=ports.mail, bill=billing.find(runner, ports=ports))
        runner.perform(StepName.CLOSE, closing_act(Outcome.DONE))
    except OperationOver:
        return
