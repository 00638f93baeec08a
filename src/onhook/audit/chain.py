"""The hash that links one event to the one before it. Pure: values in, hash out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FIRST_HASH = "0" * 64

# Every stored column takes part but the hash itself and the row number, whose order `verification` compares.
FIELDS = (
    "company_id",
    "sequence",
    "tag",
    "at",
    "actor",
    "on_behalf_of",
    "surface",
    "os_user",
    "subject",
    "operation_id",
    "plan_hash",
    "before",
    "after",
    "previous_hash",
)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, int | str | dict | list) or value is None:
        return value
    return str(value)


def link_hash(event: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of an event's `FIELDS` as canonical JSON: sorted keys, no spaces, UTF-8."""
    content = {field: _plain(event[field]) for field in FIELDS}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
