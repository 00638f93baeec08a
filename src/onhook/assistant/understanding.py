"""
What a text means: branches of the menu and lines of the company. It is a proposal; pressing a button is what counts.

Offline by default. A model, where one is configured, only proposes a branch and which line is meant. It gets the names
of the branches and what the person wrote, numbers, codes and names taken out; what it answers is checked like a form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import structlog
from django.conf import settings
from rapidfuzz import fuzz, process

from onhook.assistant import lines, masking, wording
from onhook.assistant.lines import Found
from onhook.assistant.menu import BRANCHES, TREE, Branch, Code
from onhook.tenancy.models import Company

log = structlog.get_logger()

MOST_LETTERS = 1000
_ALMOST_THE_LABEL = 90
# Where two are said, the first is what the person is after; its own question settles the other.
_WINS: tuple[tuple[Code, frozenset[Code]], ...] = (
    (Code.PERSON, frozenset(Code)),
    (Code.LOST, frozenset({Code.DELETE, Code.NEW_PHONE, Code.OTHER_WORKER})),
    (Code.OTHER_WORKER, frozenset({Code.DELETE, Code.NEW_PHONE})),
    (Code.LINK, frozenset({Code.CHARGED, Code.BILL})),
    (Code.CHARGED, frozenset({Code.BILL, Code.STATUS})),
    (Code.STATUS, frozenset({Code.BILL})),
)


@dataclass(frozen=True)
class Understood:
    """What a text may mean. None or several branches: ask back."""

    branches: tuple[Code, ...]
    lines: Found


class Understanding(Protocol):
    """Finds out what somebody wants. It reads; it does nothing."""

    def understand(self, *, text: str, company: Company) -> Understood:
        """Return what `text` may mean for a person of `company`."""


class Offline:
    """Phrases and numbers, without any model and without any network."""

    def understand(self, *, text: str, company: Company) -> Understood:
        text = text[:MOST_LETTERS]
        # A worker's name is no word of the menu, however much it looks like one.
        masked = masking.mask(text=text, company=company)
        return Understood(branches_of(masked.text), lines.find(text=text, company=company))


def branches_of(text: str) -> tuple[Code, ...]:
    """Return the branches that the words of `text` name, in the menu's order."""
    said = wording.corrected(text)
    found = {code for code, pattern in wording.PATTERNS.items() if re.search(pattern, said)}
    if _loses_no_line(said, found):
        found.discard(Code.LOST)
    others, of_app = re.subn(wording.APP, " ", said)
    others, undone = re.subn(wording.UNDO, " ", others)
    if re.search(wording.NOT_DELETE, said):
        found.discard(Code.DELETE)
    speaks_of_another = undone or of_app or found & {Code.STATUS, Code.CHARGED}
    if speaks_of_another and not re.search(wording.ASKS_TO_DELETE, others):
        found.discard(Code.DELETE)
    if undone and Code.PERSON not in found:
        # Where the state of a request is shown, it is cancelled as well; where it is too late, a person helps.
        return _in_order(_without_losers(found | {Code.STATUS}) | {Code.PERSON})
    found = _without_losers(found)
    if not found and re.search(wording.ANGER, said):
        found = {Code.PERSON}
    if not found:
        found = _by_label(said)
    return _in_order(found)


def _loses_no_line(said: str, found: set[Code]) -> bool:
    """Whether money, a link or somebody's patience is lost or stolen: something else is said, and no line."""
    is_else = bool(found & {Code.CHARGED, Code.BILL, Code.LINK} or re.search(wording.LOST_ELSE, said))
    return is_else and not re.search(wording.NAMES_A_LINE, said)


def _in_order(found: set[Code]) -> tuple[Code, ...]:
    return tuple(code for code in BRANCHES if code in found)


def _without_losers(found: set[Code]) -> set[Code]:
    for winner, losers in _WINS:
        if winner in found:
            found = found - (losers - {winner})
    return found


def _by_label(said: str) -> set[Code]:
    labels = {code: " ".join(wording.words_of(str(TREE[code].label))) for code in BRANCHES}
    best = process.extractOne(said, labels, scorer=fuzz.ratio, score_cutoff=_ALMOST_THE_LABEL)
    return {best[2]} if best else set()


@dataclass(frozen=True)
class Proposal:
    """The one branch that the message asks for, and the letter of the line in it that is meant."""

    branch: Branch | None = None
    line: str = ""


class UnusableModel(Exception):
    """No question can be asked of the configured model; the message says why."""


class Model(Protocol):
    """A language model of any provider."""

    def propose(self, *, text: str) -> Proposal:
        """Return what it makes of a masked text; nothing about the answer is believed."""


class ByModel:
    """
    Ask a model for the branch, and which of the lines that were found is meant; without a usable answer: offline.

    A model finds no line and chooses none: it may put one of the candidates first, and a person picks.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    def understand(self, *, text: str, company: Company) -> Understood:
        read = Offline().understand(text=text, company=company)
        masked = masking.mask(text=text[:MOST_LETTERS], company=company)
        try:
            proposed = self._model.propose(text=masked.text)
        except Exception as fault:  # noqa: BLE001  # whatever a provider's library raises: the menu works without it
            log.warning("the model did not answer; the offline understanding did", kind=type(fault).__name__)
            return read
        branches = (proposed.branch,) if proposed.branch in BRANCHES else read.branches
        return Understood(branches, read.lines.with_first(masked.lines.get(proposed.line, ())))


def configured() -> Understanding:
    """Return the understanding that the settings name: offline unless a model is configured."""
    if not settings.ASSISTANT_MODEL:
        return Offline()
    return ByModel(
        language_model(
            settings.ASSISTANT_MODEL, settings.ASSISTANT_KEY, settings.ASSISTANT_URL, settings.ASSISTANT_SECONDS
        )
    )


@cache
def language_model(name: str, key: str, url: str, seconds: float) -> Model:
    """
    Return the model of that name, one for all threads of the process.

    :raises UnusableModel: its packages are not installed, or nothing is known by that name.
    """
    try:
        from onhook.assistant import asking  # noqa: PLC0415  # optional packages, and a second of imports

        return asking.PydanticAi(asking.named(name, key=key, url=url), seconds=seconds)
    except Exception as fault:  # whatever a provider's library raises
        raise UnusableModel(str(fault) or type(fault).__name__) from fault
