"""How far an operation is, for the page that watches it: steps done, the one under way, and those to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from onhook.billing.channels import Channel
from onhook.operations import status as statuses
from onhook.operations.models import Step
from onhook.operations.status import Mark, Status
from onhook.operations.vocabulary import STEP_LABELS, Action, ItemState, Outcome, StepName, StepState
from onhook.surfaces.console import evidence, words
from onhook.surfaces.web import words as shared
from onhook.ui.states import Tone

# A running operation that shows no sign for so long has no worker, as far as one can see from here.
QUIET = timedelta(seconds=10)
_BILLING = (StepName.FIND_ACCOUNT, StepName.FIND_SUBSCRIPTION)
_TO_COME_ICON = "circle-dashed"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One step as the page shows it. `said` is what it read or did, in a sentence; `seen` all of its evidence."""

    word: str
    state: str = ""
    tone: Tone | str = ""
    icon: str = _TO_COME_ICON
    is_now: bool = False
    comes_again: bool = False
    asks_in_the_end: bool = False
    times: str = ""
    tries: int = 0
    said: str = ""
    problem: str = ""
    seen: Sequence[evidence.Row] = ()


def rows(seen: Status) -> list[Row]:
    """Return the steps in order: what happened, and, while it runs, what is still to come."""
    by_name = {step.name: step for step in seen.steps}
    told = []
    for name in _expected(seen):
        step = by_name.get(name.value)
        if step is not None:
            told.append(_row(step, seen))
        elif not seen.operation.is_closed:
            told.append(Row(word=STEP_LABELS[name]))
    return told


def _expected(seen: Status) -> list[StepName]:
    """Return the steps of this operation in order; those that only sometimes come, when they came."""
    came = {step.name for step in seen.steps}
    is_shop = seen.operation.action == Action.SEND_BILLING_LINK or any(
        item.channel == Channel.SHOP for item in seen.items
    )
    deletes = seen.operation.action == Action.DELETE_DEVICE
    always = {StepName.NOTIFY_CUSTOMER, StepName.CLOSE}
    if deletes:
        always |= {StepName.AUTHORISE, StepName.DELETE_DEVICES, StepName.VERIFY_DELETED}
    if is_shop:
        always |= set(_BILLING)
    return [name for name in StepName if name in always or name.value in came]


def _row(step: Step, seen: Status) -> Row:
    look = shared.STEPS[step.state]
    is_asked = any(question.step == step.name for question in seen.open_questions)
    is_retrying = step.state == StepState.WAITING and not is_asked and not seen.operation.is_closed
    state = "Waits for a person" if is_asked else "Comes again" if is_retrying else look.word
    return Row(
        word=STEP_LABELS[StepName(step.name)],
        state=state,
        tone=look.tone,
        icon="refresh-cw" if is_retrying else look.icon,
        comes_again=is_retrying,
        asks_in_the_end=StepName(step.name) in _BILLING,
        is_now=not seen.operation.is_closed and step.state in (StepState.RUNNING, StepState.WAITING),
        times=_times(step),
        tries=step.tries + 1 if step.tries else 0,
        said=_said(step),
        problem=step.problem,
        seen=evidence.rows(step.evidence),
    )


def _times(step: Step) -> str:
    began = f"{step.started_at.astimezone(UTC):%H:%M:%S}"
    if step.finished_at is None:
        return f"since {began}"
    seconds = (step.finished_at - step.started_at).total_seconds()
    return f"{began}, {_span(seconds)}"


def _span(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004  # a minute
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _said(step: Step) -> str:
    """Return what the step read or did, in one sentence."""
    seen: Mapping[str, Any] = step.evidence
    if not seen or (teller := _TELLERS.get(step.name)) is None:
        return ""
    try:
        return teller(seen)
    except KeyError:
        # Another end of the step kept other facts, such as a decision to go on without a link.
        return str(seen.get("result", "")).capitalize()


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _authorised(seen: Mapping[str, Any]) -> str:
    channels = sorted({shared.CHANNELS.get(code, code) for code in seen["channels"].values()})
    return f"{_lines(seen['lines_unchanged'])} unchanged since the plan; bill: {', '.join(channels)}."


def _deleted(seen: Mapping[str, Any]) -> str:
    skipped = f", {_lines(seen['lines_skipped'])} left as it was" if seen["lines_skipped"] else ""
    return f"{_lines(seen['lines_deleted'])} deleted{skipped}."


def _read_back(seen: Mapping[str, Any]) -> str:
    if seen["result"] == Outcome.TIMED_OUT:
        return "CSU could not be read in time."
    return f"{seen['lines_verified']:,} of {_lines(seen['lines'])}: Deleted Datetime set, no live row."


def _account(seen: Mapping[str, Any]) -> str:
    return f"{seen['name']}, account number {seen['account_number']}."


def _subscription(seen: Mapping[str, Any]) -> str:
    renews = f", renews {seen['renews_on']}" if seen.get("renews_on") else ""
    return (
        f"{seen['subscription']}: {_lines(seen['paid_lines'])} paid, {seen['to_lower']:,} to lower{renews}. "
        f"Link: {seen['link_check']}."
    )


def _told(seen: Mapping[str, Any]) -> str:
    look = shared.NOTICES.get(seen["result"])
    return f"{look.word if look else seen['result']}, to {seen['to']}."


_TELLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    StepName.AUTHORISE: _authorised,
    StepName.DELETE_DEVICES: _deleted,
    StepName.VERIFY_DELETED: _read_back,
    StepName.RESOLVE_VERIFICATION: lambda seen: f"Decided: {seen['answer'].replace('_', ' ')}.",
    StepName.FIND_ACCOUNT: _account,
    StepName.FIND_SUBSCRIPTION: _subscription,
    StepName.NOTIFY_CUSTOMER: _told,
    StepName.CLOSE: lambda seen: f"Closed: {shared.OPERATIONS[seen['outcome']].word.lower()}.",
}


def is_quiet(mark: Mark) -> bool:
    """Whether an operation that a worker should have shows no sign of life, and nobody works on one of its steps."""
    if not mark.is_up_to_a_worker or mark.silent_seconds <= QUIET.total_seconds():
        return False
    # A step that calls outside may take its time. Whoever died in it is replaced at once, as long as anybody works.
    return not (mark.is_under_way and statuses.somebody_works())


def last_sign(seen: Status) -> datetime:
    """Return when something was last heard of the operation."""
    heard = [seen.operation.confirmed_at]
    heard += [at for step in seen.steps for at in (step.started_at, step.finished_at) if at]
    heard += [question.answered_at for question in seen.questions if question.answered_at]
    return max(heard)


def sentence(seen: Status, *, is_quiet: bool) -> str:
    """Return how the operation stands, in one sentence: what is said aloud when it changes."""
    row = seen.operation
    if row.is_closed:
        return f"{shared.operation(row).word}. {done(seen)}"
    if seen.open_questions:
        return "Waits for a person to answer the question."
    if is_quiet:
        return "No worker has taken it. Nothing is lost; it goes on by itself as soon as one runs."
    now = next((step for step in reversed(seen.steps) if step.state != StepState.DONE), None)
    if now is not None and now.problem:
        return f"{STEP_LABELS[StepName(now.name)]}: {now.problem}. It is tried again by itself."
    return words.STEP_DOES[now.name] if now else "Waits for a worker." if not seen.steps else "Goes on."


def done(seen: Status) -> str:
    """Return what became of the lines, in one sentence."""
    if seen.operation.action == Action.SEND_BILLING_LINK:
        return "No line was touched."
    counts = seen.lines_by_state
    told = [
        (ItemState.VERIFIED, "deleted and read back"),
        (ItemState.DELETED, "deleted, not read back yet"),
        (ItemState.MISMATCH, "deleted, but CSU does not fit"),
        (ItemState.SKIPPED, "left as it was"),
        (ItemState.RELEASED, "not deleted"),
    ]
    said = [f"{_lines(counts[state])} {what}" for state, what in told if counts.get(state)]
    return f"{', '.join(said)}." if said else "No line was deleted yet."


def version(mark: Mark, *, is_quiet: bool) -> str:
    """Return a mark of everything that the live part shows: the same mark, nothing to draw anew."""
    return f"{mark.text[:16]}{is_quiet:d}"
