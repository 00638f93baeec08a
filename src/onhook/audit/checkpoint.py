"""A signed copy of every chain's head, kept outside the system: what `verify` later compares the trail with."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from onhook.audit.models import AuditHead


class UnusableCheckpoint(Exception):
    """The file is no checkpoint, or was changed after it was exported; the message says which."""


@dataclass(frozen=True)
class Checkpoint:
    """The heads by COID (sequence, hash) at a moment (UTC)."""

    at: str
    heads: dict[int, tuple[int, str]]


def export(*, now: datetime, key: str) -> str:
    """Return the heads of all chains as a signed JSON text (HMAC-SHA256 with `key`)."""
    heads = {str(head.company_id): [head.sequence, head.hash] for head in AuditHead.objects.order_by("company_id")}
    body = {"kind": "onhook audit checkpoint", "at": now.isoformat(), "heads": heads}
    return json.dumps({**body, "signature": _signature(body, key)}, indent=2)


def load(text: str, *, key: str) -> Checkpoint:
    """
    Read an exported checkpoint.

    :raises UnusableCheckpoint: not a checkpoint, or the signature does not fit.
    """
    try:
        document = json.loads(text)
        signature = document.pop("signature")
        heads = {int(coid): (int(sequence), str(hash_)) for coid, (sequence, hash_) in document["heads"].items()}
        at = str(document["at"])
    except (ValueError, KeyError, AttributeError, TypeError):
        raise UnusableCheckpoint("This file is not an audit checkpoint. Nothing was compared.") from None
    if not hmac.compare_digest(str(signature).encode(), _signature(document, key).encode()):
        raise UnusableCheckpoint(
            "The checkpoint's signature does not fit: it was changed, or signed with another ONHOOK_AUDIT_KEY. "
            "Nothing was compared."
        )
    return Checkpoint(at=at, heads=heads)


def _signature(body: Mapping[str, object], key: str) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
