"""Carry out a step of a run to its end: once, however often a process dies, a vendor fails or a person is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import structlog
from django.conf import settings
from django.db import connection, transaction

from onhook import clock
from onhook.operations import choices, closing, crash_points, engine, questions, steps
from onhook.operations.engine import Handle
from onhook.operations.errors import Ask, Choice, NeedsAnswer, Rejected, Retryable
from onhook.operations.models import Operation, Step
from onhook.operations.vocabulary import QuestionKind, StepName, StepState

log = structlog.get_logger()

Prepared = TypeVar("Prepared")
Answer = TypeVar("Answer")

# Seconds to wait after the n-th unexpected fault of a step.
_BACKOFF_SECONDS = (0.2, 1, 5, 30, 120)
# Waits after `Retryable` double with each try, up to this many times the wait that was asked for.
_MOST_STRETCH = 32


class OperationOver(Exception):
    """The operation was closed meanwhile (cancelled, for one): the run has nothing left to do."""


@dataclass(frozen=True)
class Turn:
    """What a step's act gets: the operation, locked, its step row, and the database's time when the act began."""

    operation: Operation
    step: Step
    now: datetime


@dataclass(frozen=True)
class Result:
    """What an act gives back: evidence for people, and values (JSON) that later steps need."""

    evidence: dict[str, Any]
    values: dict[str, Any]


Act = Callable[[Turn], Result]


class OutsideAct(Protocol[Prepared, Answer]):
    """
    A step that calls the outside: `prepare` and `conclude` are transactions of their own, `call` is outside both.

    By nature `call` may happen again after a crash, so `prepare` must leave a trace of what is about to be sent.
    """

    def prepare(self, turn: Turn) -> Prepared | Result:
        """Store what is about to happen; a `Result` when there is nothing to call."""

    def call(self, prepared: Prepared) -> Answer:
        """Call the other side."""

    def conclude(self, turn: Turn, prepared: Prepared, answer: Answer) -> Result:
        """Store what came of it."""


class Runner:
    """
    Carries out the steps of one operation.

    `Retryable` gives the worker back and comes again; `NeedsAnswer` waits for a person; `Rejected` ends the
    operation; an unexpected fault is tried again a few times and then handed to a person. A step that was done in
    an earlier pass is not done again: its stored values are returned.
    """

    def __init__(self, run: engine.Run, operation: Operation) -> None:
        """Take the operation as it was read at the start: what can change of it is read again under its lock."""
        self.run = run
        self.operation = operation

    def perform(self, name: StepName, act: Act, *, checkpoint: str = "") -> dict[str, Any]:
        """
        Do `act` inside one transaction and return its values.

        Effect, step row, audit and checkpoint commit together: exactly once.

        :raises OperationOver: the operation is closed.
        """
        return self._until_done(name, checkpoint or name.value, lambda handle: self._inside(name, act, handle))

    def perform_outside(
        self, name: StepName, act: OutsideAct[Prepared, Answer], *, checkpoint: str = ""
    ) -> dict[str, Any]:
        """
        Do an act that calls the outside and return its values: at least once by nature, made harmless by the act.

        :raises OperationOver: the operation is closed.
        """
        return self._until_done(name, checkpoint or name.value, lambda handle: self._outside(name, act, handle))

    def _until_done(self, name: StepName, checkpoint: str, attempt: Callable[[Handle], Result]) -> dict[str, Any]:
        handle = self.run.begin(checkpoint)
        if handle.done:
            return dict(handle.state)  # type: ignore[arg-type]  # we only ever store objects
        while True:
            try:
                result = attempt(handle)
            except NeedsAnswer as need:
                self._ask(name, need.ask)
            except Retryable as fault:
                self._come_again(name, checkpoint, fault)
            except Rejected as rejection:
                self._reject(name, checkpoint, rejection)
            except (OperationOver, *engine.Unwinding):
                raise
            except Exception as fault:
                if not connection.is_usable():  # the database went away; whoever takes the run next goes on from here
                    raise
                self._after_fault(name, checkpoint, fault)
            else:
                crash_points.reached(f"{checkpoint}:after_commit")
                return result.values

    def _inside(self, name: StepName, act: Act, handle: Handle) -> Result:
        with transaction.atomic():
            turn = self._turn(name)
            crash_points.reached(f"{handle.name}:before_effect")
            result = act(turn)
            return self._finish(turn, result, handle)

    def _outside(self, name: StepName, act: OutsideAct[Prepared, Answer], handle: Handle) -> Result:
        with transaction.atomic():
            turn = self._turn(name)
            prepared = act.prepare(turn)
            if isinstance(prepared, Result):
                return self._finish(turn, prepared, handle)
        crash_points.reached(f"{handle.name}:before_call")
        answer = act.call(prepared)
        crash_points.reached(f"{handle.name}:after_call")
        with transaction.atomic():
            turn = self._turn(name)
            result = act.conclude(turn, prepared, answer)
            return self._finish(turn, result, handle)

    def _turn(self, name: StepName) -> Turn:
        operation = self._locked()
        # The time is read after the lock was had: what waited for it must not be dated before it.
        step, now = steps.start(operation=operation, name=name)
        return Turn(operation=operation, step=step, now=now)

    def _finish(self, turn: Turn, result: Result, handle: Handle) -> Result:
        steps.finish(turn.step, evidence=result.evidence)
        crash_points.reached(f"{handle.name}:after_effect")
        self.run.complete(handle, result.values)
        crash_points.reached(f"{handle.name}:after_checkpoint")
        return result

    def _locked(self) -> Operation:
        self.run.hold()
        operation = Operation.objects.select_for_update().get(pk=self.operation.pk)
        if operation.is_closed:
            raise OperationOver
        operation.plan = self.operation.plan  # a confirmed plan does not change any more
        return operation

    def _set_back(self, name: StepName, problem: str) -> int:
        with transaction.atomic():
            return steps.set_back(
                operation=self._locked(), name=name, state=StepState.WAITING, problem=problem, failed=True
            )

    def _come_again(self, name: StepName, checkpoint: str, fault: Retryable) -> None:
        tries = self._set_back(name, fault.problem)
        if tries % settings.RETRY_TRIES == 0:
            self._ask_about_failure(name, checkpoint, fault.problem, tries=tries)
            return
        seconds = fault.after * min(2 ** (tries - 1), _MOST_STRETCH)
        self.run.sleep(name=f"{checkpoint}:try:{tries}", seconds=seconds)

    def _ask(self, name: StepName, ask: Ask, *, round_: int = 1) -> None:
        with transaction.atomic():
            operation = self._locked()
            steps.set_back(operation=operation, name=name, state=StepState.WAITING, problem="", failed=False)
            question = questions.open_question(operation=operation, step=name, ask=ask, round_=round_, now=clock.now())
            crash_points.reached(f"{name.value}:question_opened")
        self.run.wait_for(event=question.event)

    def _reject(self, name: StepName, checkpoint: str, rejection: Rejected) -> None:
        if Operation.objects.filter(pk=self.operation.pk, irreversible_at__isnull=False).exists():
            # What is deleted cannot be refused any more: the run goes on to check and tell, with a person's help.
            tries = self._set_back(name, rejection.reason)
            self._ask_about_failure(name, checkpoint, rejection.reason, tries=tries)
            return
        with transaction.atomic():
            operation = self._locked()
            steps.set_back(
                operation=operation, name=name, state=StepState.STOPPED, problem=rejection.reason, failed=False
            )
            closing.close(operation=operation, outcome=rejection.outcome, reason=rejection.reason, now=clock.now())
        raise OperationOver

    def _after_fault(self, name: StepName, checkpoint: str, fault: Exception) -> None:
        kind = type(fault).__name__
        log.error("step failed", operation=str(self.operation.pk), step=name.value, fault=kind)
        tries = self._set_back(name, f"unexpected fault ({kind})")
        if tries % settings.STEP_TRIES:
            delay = _BACKOFF_SECONDS[min(tries, len(_BACKOFF_SECONDS)) - 1]
            self.run.sleep(name=f"{checkpoint}:try:{tries}", seconds=delay)
            return
        self._ask_about_failure(name, checkpoint, f"an unexpected fault ({kind})", tries=tries)

    def _ask_about_failure(self, name: StepName, checkpoint: str, problem: str, *, tries: int) -> None:
        ask = Ask(
            kind=QuestionKind.STEP_FAILED,
            subject=checkpoint,
            text=f"The step '{name.value}' failed {tries} times: {problem}. What was done before it stands.",
            choices=(
                Choice(code=choices.TRY_AGAIN, label="Try the step again, the cause is mended"),
                *choices.INSTEAD_OF.get(name, ()),
            ),
            evidence={"problem": problem, "tries": tries},
        )
        # Numbered by the try, which only grows: faults and refusals count together and must never share a question.
        self._ask(name, ask, round_=tries)
