"""Record ids: 15 characters that need their case, 18 that do not."""

import re

SUFFIXES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
ACCOUNT_PREFIX = "001"
SHORT, LONG, GROUP = 15, 18, 5

_FORM = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?", re.ASCII)


def lengthen(short: str) -> str:
    """Give the 18 characters of a 15-character id (notes, section 9: one suffix letter for each five)."""
    groups = (short[start : start + GROUP] for start in range(0, SHORT, GROUP))
    return short + "".join(SUFFIXES[_capitals(group)] for group in groups)


def normalised(text: str) -> str | None:
    """
    Give the 18 characters of an id written either way, with lost case restored from the suffix.

    None when it is no id: another length, other characters, or a suffix that cannot belong to it.
    """
    if _FORM.fullmatch(text) is None:
        return None
    if len(text) == SHORT:
        return lengthen(text)
    restored = "".join(
        _cased(character, SUFFIXES.index(text[SHORT + position // GROUP].upper()), position % GROUP)
        for position, character in enumerate(text[:SHORT])
    )
    whole = lengthen(restored)
    return whole if whole[SHORT:] == text[SHORT:].upper() else None


def _capitals(group: str) -> int:
    return sum(2**place for place, character in enumerate(group) if "A" <= character <= "Z")


def _cased(character: str, capitals: int, place: int) -> str:
    return character.upper() if capitals & 2**place else character.lower()
