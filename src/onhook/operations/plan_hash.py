"""The hash that a person confirms: SHA-256 over the plan's facts and, as a stream, every line. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

# device id, E.164 number, SOC code, channel
LineFacts = tuple[int, str, str, str]


def plan_hash(*, facts: Mapping[str, str | int], lines: Iterable[LineFacts]) -> str:
    """
    Return the SHA-256 (hex) of `facts` (canonical JSON) and of each line, one JSON array per row, in the order given.

    JSON keeps the fields apart whatever they contain, so no two plans share a text.
    """
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode())
    for line in lines:
        digest.update(b"\n" + json.dumps(line, separators=(",", ":")).encode())
    return digest.hexdigest()
