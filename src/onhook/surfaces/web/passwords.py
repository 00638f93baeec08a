"""What a password must be (after NIST SP 800-63B-4): long, not a known one, not the name on the door; nothing else."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError

from onhook.tenancy.hashing import one_writing

# The standard's least for a password that may be the only factor.
LEAST_LETTERS = 15
# Far above any passphrase; it only keeps somebody from making the hash expensive.
MOST_LETTERS = 256
LENGTH_IN_WORDS = f"At least {LEAST_LETTERS} characters; four or five words are fine. No other rules."
# What anybody tries first: the product's words, and the rows of a keyboard.
_TRIED_FIRST = ("onhook", "password", "streetsmart", "qwertyuiop", "asdfghjkl", "zxcvbnm")
# A piece this short, again and again, is as easy to guess as the piece.
_SHORT_PIECE = 8
# Steps along the alphabet or the digits that count as a run.
_LEAST_RUN = 4


class LengthValidator:
    """Refuse passwords that are too short to be the only factor."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002  # Django's signature
        letters = len(one_writing(password))
        if letters < LEAST_LETTERS:
            raise ValidationError(
                f"Use at least {LEAST_LETTERS} characters; four or five words that you can remember are fine.",
                code="too_short",
            )
        if letters > MOST_LETTERS:
            raise ValidationError(f"Use at most {MOST_LETTERS} characters.", code="too_long")

    def get_help_text(self) -> str:
        return LENGTH_IN_WORDS


class ContextValidator:
    """Refuse what anybody would try first: the product, the company, one piece over and over, and 12345."""

    def validate(self, password: str, user: Any = None) -> None:
        folded = "".join(one_writing(password).casefold().split())
        if len(password) < LEAST_LETTERS:
            return  # it is refused for its length already
        if _is_repeated(folded):
            raise ValidationError("Use more different characters.", code="too_simple")
        rest = folded
        for word in (*_TRIED_FIRST, *_words(user)):
            rest = rest.replace(word, "")
        if len(rest) < LEAST_LETTERS // 2:
            raise ValidationError(
                "Use other words than the product's, your company's or your own name.", code="context"
            )
        if len(_without_runs(rest)) < LEAST_LETTERS // 2:
            raise ValidationError("Do not count or go along the alphabet: that is tried first.", code="too_simple")

    def get_help_text(self) -> str:
        return ""


def _is_repeated(text: str) -> bool:
    """Whether a text is one short piece again and again."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, min(_SHORT_PIECE, len(text))))


def _without_runs(text: str) -> str:
    """Return a text without what only counts up or down, or repeats one character."""
    kept, run = "", text[:1]
    for before, after in pairwise(text):
        step = ord(after) - ord(before)
        if abs(step) <= 1 and (len(run) < 2 or step == ord(run[1]) - ord(run[0])):  # noqa: PLR2004  # a step has two ends
            run += after
        else:
            kept, run = kept + _unless_long(run), after
    return kept + _unless_long(run)


def _unless_long(run: str) -> str:
    return "" if len(run) >= _LEAST_RUN else run


def _words(user: Any) -> list[str]:
    company = getattr(user, "company", None)
    texts = [getattr(user, name, "") for name in ("username", "full_name", "email")] + [getattr(company, "name", "")]
    words = {word for text in texts for word in re.split(r"[\W_]+", text.casefold()) if len(word) > 2}  # noqa: PLR2004
    return sorted(words, key=len, reverse=True)
