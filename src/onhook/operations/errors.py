"""The four outcomes besides success that reach a run. Their fields are safe to store: no secrets, no bodies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from onhook.operations.vocabulary import Outcome, QuestionKind


class RunOutcome(Exception):
    """Base of what a step may raise on purpose."""


class Retryable(RunOutcome):
    """The other side cannot answer now; try again `after` seconds. Nothing was changed there."""

    def __init__(self, problem: str, *, after: float) -> None:
        super().__init__(problem)
        self.problem = problem
        self.after = after


class SignInsUsedUp(Retryable):
    """The installation has signed in often enough for now: the other side was not asked at all."""


class Rejected(RunOutcome):
    """The operation must not go on: it ends as `outcome`, and `reason` is fit to show."""

    def __init__(self, reason: str, *, outcome: Outcome = Outcome.REJECTED) -> None:
        super().__init__(reason)
        self.reason = reason
        self.outcome = outcome


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One possible answer: a stable code and what it does, in words."""

    code: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question for a person. `subject` tells two questions of one kind apart, such as two SOC codes."""

    kind: QuestionKind
    text: str
    choices: tuple[Choice, ...]
    subject: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


class NeedsAnswer(RunOutcome):
    """A person must decide; the run waits at no cost."""

    def __init__(self, ask: Ask) -> None:
        super().__init__(f"needs an answer: {ask.kind.value}")
        self.ask = ask


class OutcomeUnknown(RunOutcome):
    """A write was sent and not answered. It must be looked at before anything is sent again."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
