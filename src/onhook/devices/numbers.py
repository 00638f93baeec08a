"""Phone numbers: from any written form to E.164, never guessing a region; masking for logs."""

from __future__ import annotations

import re

import phonenumbers

# What the database takes, too.
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Where one number of a list ends: a search box takes the line ends out of what is pasted, so also before each plus.
_BETWEEN = re.compile(r"[,;|/\n\t]|(?<=[0-9\s])(?=\+)")
_LEAST_DIGITS = 7


class NotANumber(Exception):
    """The text cannot be read as one phone number; the message says why and how to write it."""


def parse(text: str, *, region: str = "") -> str:
    """
    Return `text` as E.164 (`+12025550123`).

    :param region: ISO 3166 code of the company, stated by the caller; empty means that only numbers written with
        `+` and a country code are read. A region is never guessed.
    :raises NotANumber: not a number, not possible in its country, or national without a stated region.
    """
    written = text.strip()
    if not written.startswith("+") and not region:
        raise NotANumber(
            f"{mask(written)!r} has no country code and the company has no region on record. "
            "Write the number with + and its country code."
        )
    try:
        number = phonenumbers.parse(written, region or None)
    except phonenumbers.NumberParseException:
        raise NotANumber(f"{mask(written)!r} cannot be read as a phone number.") from None
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise NotANumber(f"{mask(written)!r} is not a possible phone number in its country.")
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # Some national plans know longer numbers than ITU-T E.164 lets a device have (at most 15 digits).
    if not _E164.fullmatch(found):
        raise NotANumber(f"{mask(written)!r} is too long or too short for an international number.")
    return found


def readings(text: str, *, regions: frozenset[str]) -> frozenset[str]:
    """
    Return every E.164 number that `text` can mean for companies of these `regions`; empty when it is none.

    For staff, who search the platform: nothing is guessed, all readings are looked up.
    """
    found = set()
    for region in regions | {""}:
        try:
            found.add(parse(text, region=region))
        except NotANumber:
            continue
    return frozenset(found)


def digits(text: str) -> str:
    """Return only the ASCII digits of `text`."""
    return "".join(character for character in text if character in "0123456789")


def apart(text: str) -> list[str]:
    """Return the numbers that `text` holds one after the other, as they are written; none when it is no such list."""
    parts = [part.strip() for part in _BETWEEN.split(text)]
    written = [part for part in parts if part]
    if len(written) == 1:
        written = text.split()
    is_list = all(len(digits(part)) >= _LEAST_DIGITS and not any(map(str.isalpha, part)) for part in written)
    return written if is_list and len(written) > 1 else []


def display(number: str) -> str:
    """Return an E.164 number in international writing, such as `+1 202-555-0123`."""
    return phonenumbers.format_number(phonenumbers.parse(number, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def mask(number: str) -> str:
    """Return a number with all but its last four digits hidden, for logs and error texts."""
    last = digits(number)[-4:]
    return f"…{last}" if last else number[:20]
