"""
Take numbers, mail addresses and workers' names out of a text, so that the rest of it can be shown to a model.

A letter stands in for each of them. Which rows the letter may mean stays here: the model speaks of "line A".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_uppercase

from rapidfuzz import fuzz, process

from onhook.assistant import lines, wording
from onhook.devices import numbers
from onhook.tenancy.models import Company

_PIECE = re.compile(
    rf"(?P<address>[^\s@]+@[^\s@]+)|(?P<run>{lines.RUN.pattern})|(?P<word>[^\W_]+(?:['\u2019][^\W_]+)?)"
)
_LEAST_DIGITS = 3
_LEAST_LETTERS = 4
_LIKE_A_NAME = 80


@dataclass(frozen=True)
class Masked:
    """A text that may leave, and the rows of the company that each of its letters may mean."""

    text: str
    lines: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    device_ids: frozenset[int]


def mask(*, text: str, company: Company) -> Masked:
    """Return `text` with a letter for each number and address, and for each name of a worker of `company`."""
    plain = lines.plain(text)
    mentions = list(_joined(plain, list(_mentions(plain, company))))
    kept = [plain[before.end : after.start] for before, after in pairwise([_NOWHERE, *mentions])]
    out = "".join(f"{text}[line {_letter(at)}]" for at, text in enumerate(kept))
    rest = plain[mentions[-1].end :] if mentions else plain
    return Masked(out + rest, {_letter(at): tuple(sorted(one.device_ids)) for at, one in enumerate(mentions)})


_NOWHERE = _Mention(0, 0, frozenset())


def _letter(at: int) -> str:
    return ascii_uppercase[at % 26] * (at // 26 + 1)


def _mentions(plain: str, company: Company) -> Iterator[_Mention]:
    """Find what has to be taken out; what means none of the company's rows is taken out all the same."""
    workers = lines.distinctive_words(company)
    numbers_left = lines.MOST_RUNS
    for piece in _PIECE.finditer(plain):
        rows: Iterable[int] | None = None
        if piece["word"]:
            names = _names_like(piece["word"], workers)
            rows = frozenset().union(*(workers[name] for name in names)) if names else None
        elif piece["address"]:
            rows = ()
        elif len(numbers.digits(piece["run"])) >= _LEAST_DIGITS:
            rows = lines.rows_of(piece["run"], company=company)[0] if numbers_left > 0 else ()
            numbers_left -= 1
        if rows is not None:
            yield _Mention(*piece.span(), frozenset(rows))


def _names_like(word: str, workers: Mapping[str, frozenset[int]]) -> list[str]:
    said = "".join(wording.words_of(word))
    if said in workers:
        return [said]
    if len(said) < _LEAST_LETTERS or said in wording.COMMON:
        return []
    return [name for name, _, _ in process.extract(said, workers.keys(), scorer=fuzz.ratio, score_cutoff=_LIKE_A_NAME)]


def _joined(plain: str, mentions: list[_Mention]) -> Iterator[_Mention]:
    """Make one mention of a first name and a last name that stand side by side."""
    held: _Mention | None = None
    for mention in mentions:
        both = held.device_ids & mention.device_ids if held else frozenset()
        if held and both and not plain[held.end : mention.start].strip():
            held = _Mention(held.start, mention.end, both)
            continue
        if held:
            yield held
        held = mention
    if held:
        yield held
