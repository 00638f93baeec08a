"""What a plan finds before anything happens: pure policy over facts that were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from onhook.billing.channels import NEEDS_DECISION, Channel, bill_sentence

# A plan names this many of the lines that a finding is about.
MOST_NAMED = 5


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, kw_only=True)
class Precheck:
    """
    One finding, and what to do about it. A `block` keeps the plan from being confirmed.

    `devices` are the first of the lines that it is about, `count` is how many there are; none where it is not about
    single lines.
    """

    code: str
    level: Level
    message: str
    what_to_do: str = ""
    devices: Sequence[int] = ()
    count: int = 0

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "level": self.level.value, "devices": list(self.devices)}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was read about the company and the chosen lines; of lines, their ids in the order of the plan."""

    requester_login: str
    requester_may_ask: bool
    requester_has_mail: bool
    live_lines_of_company: int
    chosen: int
    already_deleted: Sequence[int]
    held: Sequence[int]
    not_activated: Sequence[int]
    seen_in_the_last_day: Sequence[int]
    open_operations: Sequence[str]
    lines_by_channel: Mapping[Channel, int]
    soc_codes_to_decide: Sequence[str]
    lines_to_decide: Sequence[int]


def check(facts: Facts) -> list[Precheck]:
    """Return all findings, the stopping ones first."""
    findings = [*_requester(facts), *_what_blocks(facts), *_what_is_odd(facts), *_billing(facts)]
    order = [Level.BLOCK, Level.WARN, Level.OK]
    return sorted(findings, key=lambda finding: order.index(finding.level))


def _requester(facts: Facts) -> list[Precheck]:
    if not facts.requester_may_ask:
        return [
            Precheck(
                code="requester",
                level=Level.BLOCK,
                message=f"{facts.requester_login} is not an active Admin or Super User of this company.",
                what_to_do="Have an Admin or a Super User of the company ask.",
            )
        ]
    findings = [Precheck(code="requester", level=Level.OK, message=f"{facts.requester_login} may ask for this.")]
    if not facts.requester_has_mail:
        findings.append(
            Precheck(
                code="mail_address",
                level=Level.WARN,
                message=f"{facts.requester_login} has no mail address on record.",
                what_to_do="Add one, or somebody has to tell them by hand at the end.",
            )
        )
    return findings


def _what_blocks(facts: Facts) -> Iterator[Precheck]:
    if facts.live_lines_of_company == 0:
        yield Precheck(
            code="active_services",
            level=Level.BLOCK,
            message="The company has no number with active services.",
            what_to_do="Check the company, and look at the deleted rows for what happened.",
        )
    if facts.already_deleted:
        yield _counted(facts.already_deleted, "already_deleted", Level.BLOCK, "already deleted", "Plan the others.")
    if facts.held:
        yield _counted(facts.held, "held", Level.BLOCK, "on hold", "Have the hold lifted, or plan the others.")
    if facts.open_operations:
        yield Precheck(
            code="open_operation",
            level=Level.BLOCK,
            message=f"Another operation has lines of this plan: {', '.join(facts.open_operations)}.",
            what_to_do="Wait for it to end, or cancel it.",
        )


def _what_is_odd(facts: Facts) -> Iterator[Precheck]:
    if facts.not_activated:
        them = "it is" if len(facts.not_activated) == 1 else "they are"
        yield _counted(
            facts.not_activated, "not_activated", Level.WARN, "never activated", f"Make sure {them} meant.", was=True
        )
    if facts.seen_in_the_last_day:
        them = "it" if len(facts.seen_in_the_last_day) == 1 else "them"
        yield _counted(
            facts.seen_in_the_last_day,
            "in_use",
            Level.WARN,
            "used in the last day",
            f"Make sure nobody needs {them}.",
            was=True,
        )
    if facts.chosen >= facts.live_lines_of_company > 0:
        yield Precheck(
            code="last_lines",
            level=Level.WARN,
            message="The company will have no line left.",
            what_to_do="Make sure that this is wanted.",
        )


def _counted(
    devices: Sequence[int], code: str, level: Level, what: str, what_to_do: str, *, was: bool = False
) -> Precheck:
    count = len(devices)
    one, many = ("was", "were") if was else ("is", "are")
    lines = f"1 line {one}" if count == 1 else f"{count:,} lines {many}"
    return Precheck(
        code=code,
        level=level,
        message=f"{lines} {what}.",
        what_to_do=what_to_do,
        devices=devices[:MOST_NAMED],
        count=count,
    )


def _billing(facts: Facts) -> list[Precheck]:
    findings = [
        Precheck(
            code=f"bill_{channel.value}",
            level=Level.OK,
            message=f"{_lines_word(count)}: {bill_sentence(channel, lines=count)}",
        )
        for channel, count in sorted(facts.lines_by_channel.items())
        if channel not in NEEDS_DECISION
    ]
    if facts.soc_codes_to_decide:
        findings.append(
            Precheck(
                code="soc_code",
                level=Level.WARN,
                message=f"These SOC codes need a decision first: {', '.join(facts.soc_codes_to_decide)}.",
                what_to_do="The run stops before it deletes anything and asks a member of staff.",
                devices=facts.lines_to_decide[:MOST_NAMED],
                count=len(facts.lines_to_decide),
            )
        )
    return findings


def _lines_word(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
