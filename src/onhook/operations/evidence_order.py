"""The order in which evidence is told. The database keeps a step's facts by the length of their names, not as said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Where and when something was read or written; what came of it; whom it is about; what was counted; what was wrong.
ORDER = (
    "read",
    "written",
    "at",
    "first_at",
    "last_at",
    "answer",
    "subject",
    "to",
    "message_id",
    "result",
    "outcome",
    "reason",
    "sendings",
    "coid",
    "account_id",
    "name",
    "account_number",
    "classic",
    "lightning",
    "accounts",
    "subscription",
    "product",
    "paid_lines",
    "status",
    "renews_on",
    "subscriptions",
    "counted_for",
    "shop_link",
    "salesforce_link",
    "differences",
    "link",
    "link_check",
    "problems",
    "paid",
    "paid_elsewhere",
    "to_lower",
    "in_use",
    "figures",
    "soc_code",
    "lines",
    "lines_unchanged",
    "lines_deleted",
    "lines_skipped",
    "lines_verified",
    "channel",
    "channels",
    "wrong",
    "device",
    "problem",
    "tries",
)
_PLACES = {key: place for place, key in enumerate(ORDER)}


def in_order(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts in the order in which they are told, also those within one; what is not known comes last."""
    return {key: _value(seen[key]) for key in sorted(seen, key=lambda key: (_PLACES.get(key, len(ORDER)), key))}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return in_order(value)
    return [_value(one) for one in value] if isinstance(value, list) else value
