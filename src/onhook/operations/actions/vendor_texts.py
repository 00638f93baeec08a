"""Texts of billing systems as the database can keep them: a character that it refuses must not stop a run."""

from __future__ import annotations

import re
from dataclasses import replace

from onhook.operations.ports import Account, Subscription

# PostgreSQL keeps neither U+0000 nor half of a surrogate pair; JSON may hold both, escaped.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
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
    return _UNKEEPABLE.sub(_INSTEAD, text)
