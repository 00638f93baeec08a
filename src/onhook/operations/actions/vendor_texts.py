"""Texts of billing systems as the database can keep them and people may see them: what is not a character is marked."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from onhook.operations.ports import Account, Subscription

# Controls move a terminal's cursor, and formats turn the direction of writing or are not seen at all. PostgreSQL keeps
# neither U+0000, a control, nor half of a surrogate pair; JSON may hold all of them, escaped.
_UNKEEPABLE = frozenset({"Cc", "Cf", "Cs"})
_INSTEAD = "\ufffd"


def account(found: Account) -> Account:
    """Return the account with texts that can be kept."""
    return replace(
        found,
        name=keepable(found.name),
        account_number=keepable(found.account_number),
        stored_link=keepable(found.stored_link),
    )


def subscription(found: Subscription) -> Subscription:
    """Return the subscription with texts that can be kept."""
    return replace(found, product_name=keepable(found.product_name), status=keepable(found.status))


def keepable(text: str) -> str:
    """Return the text with what cannot be kept marked as unreadable."""
    return "".join(_INSTEAD if unicodedata.category(letter) in _UNKEEPABLE else letter for letter in text)
