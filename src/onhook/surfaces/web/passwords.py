"""What a password must be (after NIST SP 800-63B-4): long, not a known one, not the name on the door; nothing else."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

# The standard's least for a password that may be the only factor.
LEAST_LETTERS = 15
# Far above any passphrase; it only keeps somebody from making the hash expensive.
MOST_LETTERS = 256


class LengthValidator:
    """Refuse passwords that are too short to be the only factor."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002  # Django's signature
        if len(password) < LEAST_LETTERS:
            raise ValidationError(
                f"Use at least {LEAST_LETTERS} characters; four or five words that you can remember are fine.",
                code="too_short",
            )
        if len(password) > MOST_LETTERS:
            raise ValidationError(f"Use at most {MOST_LETTERS} characters.", code="too_long")

    def get_help_text(self) -> str:
        return f"At least {LEAST_LETTERS} characters. Any characters, spaces too; no other rules."


class ContextValidator:
    """Refuse what anybody would try first: the product, the company, and one letter over and over."""

    def validate(self, password: str, user: Any = None) -> None:
        folded = "".join(password.casefold().split())
        if len(set(folded)) < 5:  # noqa: PLR2004  # fewer is a pattern, not a password
            raise ValidationError("Use more different characters.", code="too_simple")
        rest = folded
        for word in ("onhook", "password", "streetsmart", *_words(user)):
            rest = rest.replace(word, "")
        if len(rest) < LEAST_LETTERS // 2:
            raise ValidationError(
                "Use other words than the product's, your company's or your own name.", code="context"
            )

    def get_help_text(self) -> str:
        return ""


def _words(user: Any) -> list[str]:
    company = getattr(user, "company", None)
    texts = [getattr(user, "username", ""), getattr(user, "full_name", ""), getattr(company, "name", "")]
    return [word for text in texts for word in text.casefold().split() if len(word) > 2]  # noqa: PLR2004
