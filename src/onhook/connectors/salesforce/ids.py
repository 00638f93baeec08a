"""Record ids: 15 characters that mind upper and lower case, or 18 with a suffix that makes up for lost case."""

from __future__ import annotations

import re

ACCOUNT_PREFIX = "001"
_SUFFIXES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT, _GROUP = 15, 5
_ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?", re.ASCII)


def account_id(text: str) -> str | None:
    """
    Return an Account's id with 18 characters, or None when the text is none.

    The suffix: per group of five, 2 to the power of the place for each upper-case letter, as a letter or digit. With 18
    characters the case of the first 15 must fit the suffix.
    """
    if not _ID.fullmatch(text) or not text.startswith(ACCOUNT_PREFIX):
        return None
    whole = text[:_SHORT] + _suffix(text[:_SHORT])
    return whole if text in {whole, text[:_SHORT]} else None


def _suffix(short: str) -> str:
    groups = (short[start : start + _GROUP] for start in range(0, _SHORT, _GROUP))
    return "".join(
        _SUFFIXES[sum(1 << place for place, letter in enumerate(group) if letter.isupper())] for group in groups
    )
