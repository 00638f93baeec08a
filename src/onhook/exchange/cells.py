"""
One cell of a file: from text to value and back.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula. Export therefore puts an apostrophe
before every cell that begins so, phone numbers among them, and import takes exactly that apostrophe away again. An
apostrophe before anything else (`'t Hooft`) is part of the text. Without the guard a spreadsheet would also turn
`+12025550123` into the number 12025550123 and save it so: the country code would then have to be guessed.
"""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from onhook.devices import numbers
from onhook.tenancy import people
from onhook.tenancy.permissions import Role

GUARD = "'"
# Beside the four signs: their full-width forms, and blanks, after which some spreadsheets still see a formula.
GUARDED = frozenset("=+-@＝＋－＠ \t\r\n")  # noqa: RUF001  # full-width on purpose
_UNGUARDED = GUARDED | {GUARD}

LARGEST_COID = 2**31 - 1
_FEW_DIGITS = 6
# Unicode's control characters and its own line and paragraph breaks.
_CONTROLS = frozenset({"Cc", "Zl", "Zp"})
# Turn the direction of what follows, so that a name is read as another one than is stored.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHOWN_LETTERS = 40


class BadCell(Exception):
    """The cell cannot be taken; the message says why and does not repeat what stood there."""


def guard(text: str) -> str:
    """Return `text` so that a spreadsheet shows it and computes nothing; `unguard` gives it back exactly."""
    if not text:
        return text
    is_like_a_guarded_one = text[0] == GUARD and len(text) > 1 and text[1] in _UNGUARDED
    return GUARD + text if text[0] in GUARDED or is_like_a_guarded_one else text


def unguard(text: str) -> str:
    """Return what stood in a cell before `guard`; a cell that nobody guarded loses the blanks around it."""
    if len(text) > 1 and text[0] == GUARD and text[1] in _UNGUARDED:
        return text[1:]
    return text.strip()


def shown(text: str) -> str:
    """Return `text` fit for a message: short, on one line, and masked when it could be a phone number."""
    if len(numbers.digits(text)) >= _FEW_DIGITS:
        return numbers.mask(text)
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= _SHOWN_LETTERS else plain[:_SHOWN_LETTERS] + "…"


def line(*, most: int) -> Callable[[str], str]:
    """Return a reader of one line of text with at most `most` characters; it may be empty."""

    def read(text: str) -> str:
        _refuse_controls(text, allowed="")
        return _at_most(text, most)

    return read


def needed_line(*, most: int) -> Callable[[str], str]:
    """Return a reader of one line of text that must not be empty."""
    read_line = line(most=most)

    def read(text: str) -> str:
        if not text:
            raise BadCell("is missing")
        return read_line(text)

    return read


def paragraph(*, most: int) -> Callable[[str], str]:
    """Return a reader of text that may run over several lines."""

    def read(text: str) -> str:
        _refuse_controls(text, allowed="\t\r\n")
        return _at_most(text, most)

    return read


def _refuse_controls(text: str, *, allowed: str) -> None:
    if text.isprintable():
        return
    if any(unicodedata.category(letter) in _CONTROLS and letter not in allowed for letter in text):
        raise BadCell("holds a control character, such as NUL or a line break")
    if not _TURNS.isdisjoint(text):
        raise BadCell("holds an invisible sign that turns the direction of writing")


def _at_most(text: str, most: int) -> str:
    if len(text) > most:
        raise BadCell(f"has {len(text)} characters; at most {most} are taken")
    return text


def coid(text: str) -> int:
    """Read a COID: a whole number from 1."""
    if not text:
        raise BadCell("is missing")
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= LARGEST_COID:
        raise BadCell(f"is not a COID: a whole number from 1 to {LARGEST_COID}")
    return int(text)


def moment(text: str) -> datetime | None:
    """Read an ISO 8601 time as UTC; its offset must be written, empty means never."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        has_offset = at.tzinfo is not None
        at = at.astimezone(UTC) if has_offset else at
    except (ValueError, OverflowError):
        raise BadCell("is not an ISO 8601 time such as 2026-01-05T09:00:00+00:00") from None
    if not has_offset:
        raise BadCell("has no offset from UTC; write the time as 2026-01-05T09:00:00+00:00, a zone is never guessed")
    return at


def region(text: str) -> str:
    """Read an ISO 3166 country code of two letters that numbers can be read for, or nothing."""
    code = text.upper()
    if code and code not in phonenumbers.SUPPORTED_REGIONS:
        raise BadCell("is not an ISO 3166 country code of two letters such as US or GB (the United Kingdom is GB)")
    return code


def time_zone(text: str) -> str:
    """Read an IANA zone name; empty means UTC."""
    if text and text not in _time_zones():
        raise BadCell("is not an IANA time zone such as Europe/London; upper and lower case count")
    return text or "UTC"


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def number(text: str) -> str:
    """Read a phone number as it is written, without the invisible marks that address books put around it."""
    return needed_line(most=250)("".join(letter for letter in text if unicodedata.category(letter) != "Cf"))


def email(text: str) -> str:
    """Read a mail address, or nothing."""
    if not text:
        return text
    try:
        validate_email(text)
    except ValidationError:
        raise BadCell("is not a mail address") from None
    return text


def username(text: str) -> str:
    """Read a user name: the part of the login behind `COID/`."""
    name = needed_line(most=150)(text)
    try:
        people.check_username(name)
    except people.UnusableName as problem:
        raise BadCell(str(problem)) from None
    return name


def role(text: str) -> str:
    """Read a role by its stored name."""
    if text not in {known.value for known in Role}:
        raise BadCell(f"is not a role; the roles are {', '.join(known.value for known in Role)}")
    return text
