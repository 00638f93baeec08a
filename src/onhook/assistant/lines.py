"""
Find lines of one company in what somebody wrote. Only its own live lines are looked at: nothing is learned of others.

A line is *named* only by one complete number; digits and names make candidates, which a person picks from. A worker is
meant by their whole name, whatever its words are, or by a part of it that is no word of the menu.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from onhook.assistant import wording
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.tenancy.models import Company

MOST_SHOWN = 6
_MOST_NAMES = 2000
MOST_RUNS = 20
_LEAST_DIGITS, COMPLETE, _LONGEST = 3, 10, 15
RUN = re.compile(r"\+?\(?\d[\d\s().\-/\u2010-\u2015]*\d")
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGIT_WORDS = dict(zip(_NAMES, "0123456789", strict=True)) | {"oh": "0", "o": "0", "nought": "0"}
_TIMES = {"double": 2, "triple": 3}
_LEAST_SPOKEN = 4
_SHORTEST = 2
_LIKE_A_NAME = 88
# Words of two letters that are seldom a name.
_SMALL = frozenset(
    re.findall(
        r"\w+",
        "ad am an as at be by do eg ex go he hi id ie if im in is it me my no nr of oh ok on or pc pm "
        "so to tv uk up us vs we ya ye yo",
    )
)


@dataclass(frozen=True)
class Found:
    """Rows that the text may mean. `is_named`: exactly one complete number. `says_number`: there were digits of one."""

    device_ids: tuple[int, ...] = ()
    is_named: bool = False
    says_number: bool = False
    is_more: bool = False

    def with_first(self, device_ids: Collection[int]) -> Found:
        """Return the same rows, those of `device_ids` first. None comes in, and none is chosen."""
        return replace(self, device_ids=tuple(sorted(self.device_ids, key=lambda pk: pk not in device_ids)))


def find(*, text: str, company: Company) -> Found:
    """Return the live lines of `company` that `text` may mean; several are all returned, none is chosen."""
    runs = _runs(text)
    complete: set[int] = set()
    partial: set[int] = set()
    strangers = len(runs[MOST_RUNS:])
    for run in runs[:MOST_RUNS]:
        rows, is_complete = rows_of(run, company=company)
        if is_complete and not rows:
            strangers += 1
        (complete if is_complete else partial).update(rows)
    named_workers = _by_name(text, _workers(company))
    every = sorted(complete) + sorted((partial | named_workers) - complete)
    is_named = len(complete) == 1 and strangers == 0 and named_workers <= complete and partial <= complete
    return Found(tuple(every[:MOST_SHOWN]), is_named, bool(runs), len(every) > MOST_SHOWN)


def rows_of(run: str, *, company: Company) -> tuple[list[int], bool]:
    """Return the live lines of `company` that have this number or end like it, and whether it is a complete one."""
    live = Device.objects.filter(company=company, deleted_at=None)
    rows = list(live.filter(number__in=_readings(run, company)).values_list("pk", flat=True))
    if rows or len(numbers.digits(run)) >= COMPLETE:
        return rows, True
    ends = live.filter(number__endswith=numbers.digits(run)).values_list("pk", flat=True)
    return list(ends[: MOST_SHOWN + 1]), False


def plain(text: str) -> str:
    """Return `text` with its digits as plain ones, whatever they are written in, those in words too."""
    normal = unicodedata.normalize("NFKC", text)
    return _spoken("".join(_plain_digit(character) for character in normal))


def distinctive_words(company: Company) -> dict[str, frozenset[int]]:
    """Return the words of the names of the company's workers that are no words of the menu, with their rows."""
    rows: dict[str, set[int]] = {}
    for pk, worker in _workers(company):
        for word in wording.words_of(worker):
            if is_distinctive(word):
                rows.setdefault(word, set()).add(pk)
    return {word: frozenset(found) for word, found in rows.items()}


def whole_names(company: Company) -> dict[tuple[str, ...], frozenset[int]]:
    """Return the names of the company's workers that mean somebody when they are said in full, with their rows."""
    rows: dict[tuple[str, ...], set[int]] = {}
    for pk, worker in _workers(company):
        name = wording.words_of(worker)
        if means_somebody(name):
            rows.setdefault(tuple(name), set()).add(pk)
    return {name: frozenset(found) for name, found in rows.items()}


def means_somebody(name: Sequence[str]) -> bool:
    """Whether a name said in full means who bears it: "Bill Close" does, "Bill" alone is a word of the menu."""
    if len(name) != 1:
        return bool(name)
    (word,) = name
    return is_distinctive(word) or (len(word) == _SHORTEST and word.isalpha() and word not in _SMALL)


def is_distinctive(word: str) -> bool:
    """Whether a word can tell a worker from others: those of the menu, and very short ones, cannot."""
    return len(word) > _SHORTEST and word not in wording.COMMON


def _runs(text: str) -> list[str]:
    """Return the stretches of digits that may be numbers."""
    runs: list[str] = []
    for run in RUN.findall(plain(text)):
        whole = len(numbers.digits(run)) <= _LONGEST
        runs += [run] if whole else [part for part in run.split() if numbers.digits(part)]
    return [run.strip() for run in runs if len(numbers.digits(run)) >= _LEAST_DIGITS]


def _plain_digit(character: str) -> str:
    return str(unicodedata.digit(character)) if character.isdecimal() else character


def _spoken(text: str) -> str:
    """Write digits that are spelled out as digits, where at least four follow each other."""
    out: list[str] = []
    held: list[str] = []
    spoken = ""
    for word in [*text.split(), ""]:
        plain = re.sub(r"[^a-z]", "", word.casefold())
        times = _TIMES.get(held[-1].casefold(), 1) if held else 1
        if plain in _DIGIT_WORDS or plain in _TIMES:
            held.append(plain)
            spoken += _DIGIT_WORDS.get(plain, "") * times
            continue
        out.append(spoken if len(spoken) >= _LEAST_SPOKEN else " ".join(held))
        held, spoken = [], ""
        out.append(word)
    return " ".join(part for part in out if part)


def _readings(run: str, company: Company) -> set[str]:
    """Return the numbers that a run can be: read in the company's region, or with its country code written out."""
    digits = numbers.digits(run)
    found = {f"+{digits}", f"+{digits.removeprefix('00')}"}
    for written in (run, run.split("(0)", maxsplit=1)[0] + run.rsplit("(0)", maxsplit=1)[-1] if "(0)" in run else run):
        try:
            found.add(numbers.parse(written, region=company.region))
        except numbers.NotANumber:
            continue
    return found


def _workers(company: Company) -> Iterable[tuple[int, str]]:
    named = Device.objects.filter(company=company, deleted_at=None).exclude(worker="")
    return named.values_list("pk", "worker")[:_MOST_NAMES]


def _by_name(text: str, rows: Iterable[tuple[int, str]]) -> set[int]:
    """Return the rows of workers whose name is said, as a whole or in part."""
    said = wording.words_of(text)
    names = [(pk, wording.words_of(worker)) for pk, worker in rows]
    whole = {pk: name for pk, name in names if _says_exactly(said, name)}
    explained = {word for name in whole.values() for word in name}
    # Who is named in full is meant, and not everybody who shares a word of that name.
    others = [(pk, [word for word in name if word not in explained]) for pk, name in names if pk not in whole]
    return set(whole) | {pk for pk, rest in others if _says_part(said, rest) or _says_alike(said, rest)}


def _says_exactly(said: list[str], name: list[str]) -> bool:
    return means_somebody(name) and name in _windows(said, len(name))


def _says_part(said: list[str], name: list[str]) -> bool:
    """Whether a distinctive word of the name is in the text."""
    return any(is_distinctive(word) and word in said for word in name)


def _says_alike(said: list[str], name: list[str]) -> bool:
    if len(name) < 2 or any(word in wording.COMMON for word in name):  # noqa: PLR2004
        return False
    whole = " ".join(name)
    return any(fuzz.ratio(" ".join(window), whole) >= _LIKE_A_NAME for window in _windows(said, len(name)))


def _windows(said: list[str], width: int) -> list[list[str]]:
    return [said[start : start + width] for start in range(len(said) - width + 1)]
