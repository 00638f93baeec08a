"""
Find lines of one company in what somebody wrote. Only its own live lines are looked at: nothing is learned of others.

A line is *named* only by one complete number; digits and names make candidates, which a person picks from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from onhook.assistant import wording
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.tenancy.models import Company

MOST_SHOWN = 6
_MOST_NAMES = 2000
_LEAST_DIGITS, _COMPLETE, _LONGEST = 3, 10, 15
_RUN = re.compile(r"\+?\(?\d[\d\s().\-/\u2010-\u2015]*\d")
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGIT_WORDS = dict(zip(_NAMES, "0123456789", strict=True)) | {"oh": "0", "o": "0", "nought": "0"}
_TIMES = {"double": 2, "triple": 3}
_LEAST_SPOKEN = 4
_LIKE_A_NAME = 88


@dataclass(frozen=True)
class Found:
    """Rows that the text may mean. `is_named`: exactly one complete number. `says_number`: there were digits of one."""

    device_ids: tuple[int, ...] = ()
    is_named: bool = False
    says_number: bool = False
    is_more: bool = False


def find(*, text: str, company: Company) -> Found:
    """Return the live lines of `company` that `text` may mean; several are all returned, none is chosen."""
    runs = _runs(text)
    live = Device.objects.filter(company=company, deleted_at=None)
    complete: set[int] = set()
    partial: set[int] = set()
    strangers = 0
    for run in runs:
        rows = list(live.filter(number__in=_readings(run, company)).values_list("pk", flat=True))
        if rows:
            complete.update(rows)
        elif len(numbers.digits(run)) < _COMPLETE:
            ends = live.filter(number__endswith=numbers.digits(run)).values_list("pk", flat=True)
            partial.update(ends[: MOST_SHOWN + 1])
        else:
            strangers += 1
    named_workers = _by_name(text, live.exclude(worker="").values_list("pk", "worker")[:_MOST_NAMES])
    every = sorted(complete) + sorted((partial | named_workers) - complete)
    is_named = len(complete) == 1 and strangers == 0 and named_workers <= complete and partial <= complete
    return Found(tuple(every[:MOST_SHOWN]), is_named, bool(runs), len(every) > MOST_SHOWN)


def _runs(text: str) -> list[str]:
    """Return the stretches of digits that may be numbers, whatever digits and dashes they are written in."""
    plain = "".join(_plain_digit(character) for character in unicodedata.normalize("NFKC", text))
    runs: list[str] = []
    for run in _RUN.findall(_spoken(plain)):
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


def _by_name(text: str, rows: Iterable[tuple[int, str]]) -> set[int]:
    said = wording.words_of(text)
    found: set[int] = set()
    for pk, worker in rows:
        name = wording.words_of(worker)
        if name and (_says_part(said, name) or _says_alike(said, name)):
            found.add(pk)
    return found


def _says_part(said: list[str], name: list[str]) -> bool:
    """Whether a distinctive word of the name is in the text; words of the menu are not distinctive."""
    return any(len(word) > 2 and word in said and word not in wording.COMMON for word in name)  # noqa: PLR2004


def _says_alike(said: list[str], name: list[str]) -> bool:
    if len(name) < 2 or any(word in wording.COMMON for word in name):  # noqa: PLR2004
        return False
    whole = " ".join(name)
    windows = (" ".join(said[start : start + len(name)]) for start in range(len(said) - len(name) + 1))
    return any(fuzz.ratio(window, whole) >= _LIKE_A_NAME for window in windows)
