"""
Take numbers, mail addresses, codes and names out of a text, so that the rest of it can be shown to a model.

A letter stands in for what may mean a line: a number, an address, a worker's name. Which rows the letter may mean stays
here: the model speaks of "line A". Names of the company and of its people, and words that mix letters and digits, as
licence codes do, are withheld without one. What stays is a part of a name that is a word of the menu as well, such as
the "Bill" of Bill Close, where it stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_uppercase

from rapidfuzz import fuzz, process

from onhook.assistant import lines, wording
from onhook.devices import numbers
from onhook.tenancy.models import Company, User

_ADDRESS = r"(?P<address>[^\s@]+@[^\s@]+)"
_WORD = r"(?P<word>[^\W_]+(?:['\u2019][^\W_]+)?)"
_CODE = r"(?P<code>(?<![^\W_])(?=[^\W_]*\d)(?=\d*[^\W\d_])[^\W_]{4,})"
_PIECE = re.compile(rf"{_ADDRESS}|{_CODE}|(?P<run>{lines.RUN.pattern})|{_WORD}")
_TOKEN = re.compile(rf"{_ADDRESS}|{_WORD}")
_LEAST_DIGITS = 3
_LEAST_LETTERS = 4
_LIKE_A_NAME = 80
_MOST_PEOPLE = 2000
# What stands beside digits without making a code of them: "2checkout", "21st".
_NO_CODE = frozenset({"checkout", "st", "nd", "rd", "th", "am", "pm", "h", "hrs", "x"})
_LEGAL_FORMS = frozenset({"ab", "ag", "bv", "co", "corp", "gmbh", "inc", "limited", "llc", "llp", "ltd", "plc", "sa"})


@dataclass(frozen=True)
class Masked:
    """A text that may leave, and the rows of the company that each of its letters may mean."""

    text: str
    lines: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    device_ids: frozenset[int] = frozenset()
    is_line: bool = True


def mask(*, text: str, company: Company) -> Masked:
    """Return `text` without numbers, addresses, codes, and the names of `company`, its workers and its people."""
    plain = lines.plain(text)
    rows: dict[str, tuple[int, ...]] = {}
    out, end = "", 0
    for mention in _joined(plain, list(_Reader(company).mentions(plain))):
        shown = "[withheld]"
        if mention.is_line:
            letter = _letter(len(rows))
            rows[letter], shown = tuple(sorted(mention.device_ids)), f"[line {letter}]"
        out, end = f"{out}{plain[end : mention.start]}{shown}", mention.end
    return Masked(out + plain[end:], rows)


def _letter(at: int) -> str:
    return ascii_uppercase[at % 26] * (at // 26 + 1)


class _Reader:
    """Finds in one text what has to be taken out; what means none of the company's rows is taken out all the same."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._workers, self._others = lines.whole_names(company), _names_of_others(company)
        self._words = dict.fromkeys(_people_words(self._others), frozenset[int]()) | lines.distinctive_words(company)
        self._numbers_left = lines.MOST_RUNS

    def mentions(self, plain: str) -> Iterator[_Mention]:
        # Whole names come first: each word of one may mean something else.
        whole = [*self._whole_names(plain), _Mention(len(plain), len(plain))]
        for before, after in pairwise([_Mention(0, 0), *whole]):
            yield from self._between(plain, before.end, after.start)
            if after.end > after.start:
                yield after

    def _whole_names(self, plain: str) -> Iterator[_Mention]:
        tokens = [(piece, "".join(wording.words_of(piece["word"] or ""))) for piece in _TOKEN.finditer(plain)]
        names = dict.fromkeys(self._others, frozenset[int]()) | self._workers
        widths = sorted({len(name) for name in names}, reverse=True)
        at = 0
        while at < len(tokens):
            for width in widths:
                name = tuple(word for _, word in tokens[at : at + width])
                if name in names:
                    end = tokens[at + len(name) - 1][0].end()
                    yield _Mention(tokens[at][0].start(), end, names[name], name in self._workers)
                    at += len(name)
                    break
            else:
                at += 1

    def _between(self, plain: str, start: int, end: int) -> Iterator[_Mention]:
        for piece in _PIECE.finditer(plain, start, end):
            run = piece["run"] or _number_in(piece["code"] or "")
            if piece["word"] or (piece["code"] and not run):
                yield from self._word(piece)
            elif piece["address"]:
                yield _Mention(*piece.span())
            elif len(numbers.digits(run)) >= _LEAST_DIGITS:
                yield _Mention(*piece.span(), self._rows_of(run))

    def _word(self, piece: re.Match[str]) -> Iterator[_Mention]:
        names = _names_like(piece[0], self._words)
        rows = frozenset[int]().union(*(self._words[name] for name in names))
        if names or (piece["code"] and _is_code(piece["code"])):
            yield _Mention(*piece.span(), rows, is_line=bool(rows))

    def _rows_of(self, run: str) -> frozenset[int]:
        self._numbers_left -= 1
        return frozenset(lines.rows_of(run, company=self._company)[0] if self._numbers_left >= 0 else ())


def _names_of_others(company: Company) -> dict[tuple[str, ...], bool]:
    """Return the names that mean no line but are nobody's business, and whether a person bears them."""
    people = User.objects.filter(company=company).values_list("full_name", "username")[:_MOST_PEOPLE]
    names = {tuple(wording.words_of(name)): True for person in people for name in person}
    whole = wording.words_of(company.name)
    short = [word for word in whole if word not in _LEGAL_FORMS]
    names |= {tuple(whole): False, tuple(short): False}
    return {name: is_person for name, is_person in names.items() if lines.means_somebody(name)}


def _people_words(names: Mapping[tuple[str, ...], bool]) -> set[str]:
    return {word for name, is_person in names.items() if is_person for word in name if lines.is_distinctive(word)}


def _number_in(code: str) -> str:
    """Return the number that is glued to letters, as in "tel2025550142"; nothing where the digits are a code's."""
    run = max(re.findall(r"\d+", code), key=len, default="")
    return run if len(run) >= lines.COMPLETE else ""


def _is_code(word: str) -> bool:
    letters = "".join(re.findall(r"[^\W\d_]+", word)).casefold()
    return letters not in _NO_CODE and letters not in wording.COMMON


def _names_like(word: str, names: Mapping[str, frozenset[int]]) -> list[str]:
    said = "".join(wording.words_of(word))
    if said in names:
        return [said]
    if len(said) < _LEAST_LETTERS or said in wording.COMMON:
        return []
    return [name for name, _, _ in process.extract(said, names.keys(), scorer=fuzz.ratio, score_cutoff=_LIKE_A_NAME)]


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
