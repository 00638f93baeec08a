"""Hold the offline understanding against the utterances: right branch, right line, asked back, wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from onhook.assistant.menu import Code
from onhook.assistant.understanding import Offline, Understanding, Understood
from onhook.devices.models import Device
from onhook.tenancy.models import Company
from tests import factories
from tests.unit.assistant.utterances import Utterance

WORKERS = {42: "Grace Marsh", 43: "Omar Field", 44: "Grace Stone", 45: "Lena Brook", 46: "Jonas Reed"}
TO_UNDO = (Code.STATUS, Code.PERSON)


@dataclass
class Score:
    """How many were understood. `asked_back`: a branch was meant and the menu asks; `wrong`: it goes elsewhere."""

    total: int = 0
    right_branch: int = 0
    asked_back: int = 0
    right_line: int = 0
    line_missed: int = 0
    wrong: list[str] = field(default_factory=list)
    wrong_line: list[str] = field(default_factory=list)

    @property
    def elsewhere(self) -> int:
        """How many were taken for another branch."""
        return self.total - self.right_branch - self.asked_back


def world(*, coid: int = 4711) -> Company:
    """Make a company with five lines, and another one with a line of its own."""
    company = factories.company(coid=coid)
    for line, worker in WORKERS.items():
        factories.device(company, line=line, worker=worker)
    factories.device(factories.company(coid=coid + 1, name="Sample Cleaning"), line=77, worker="Pia Other")
    return company


def score(company: Company, texts: Sequence[Utterance], understanding: Understanding | None = None) -> Score:
    """Return how the understanding does on these utterances."""
    lines = {row.number[-2:]: row.pk for row in Device.objects.filter(company__in=[company.pk, company.pk + 1])}
    result, reader = Score(), understanding or Offline()
    for utterance in texts:
        understood = reader.understand(text=utterance.text, company=company)
        result.total += 1
        _hold_branch(result, utterance, understood)
        _hold_line(result, utterance, understood, lines)
    return result


def _hold_branch(result: Score, utterance: Utterance, understood: Understood) -> None:
    count = len(understood.branches)
    got = "none" if not count else "several" if count > 1 else understood.branches[0].value
    got = "undo" if understood.branches == TO_UNDO else got
    if got == utterance.branch:
        result.right_branch += 1
    elif got in ("none", "several"):
        result.asked_back += 1
        result.wrong.append(f"asked back: {utterance.text!r} is {utterance.branch}, got {understood.branches}")
    else:
        result.wrong.append(f"{utterance.text!r} is {utterance.branch}, got {got}")


def _hold_line(result: Score, utterance: Utterance, understood: Understood, lines: dict[str, int]) -> None:
    found = understood.lines
    own = {pk for digits, pk in lines.items() if digits != "77"}
    is_foreign = not own.issuperset(found.device_ids)
    meant = lines.get(utterance.line)
    is_wrongly_named = found.is_named and found.device_ids[0] != meant
    is_off = bool(meant and found.device_ids and meant not in found.device_ids)
    if is_foreign or is_wrongly_named or is_off:
        result.wrong_line.append(f"{utterance.text!r} means {utterance.line}, got {found}")
    elif (meant and meant in found.device_ids) or (not meant and bool(found.device_ids) is (utterance.line == "?")):
        result.right_line += 1
    else:
        result.line_missed += 1
        result.wrong.append(f"line: {utterance.text!r} means {utterance.line}, got {found}")
