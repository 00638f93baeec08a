"""Sign calls as REST 6.0 wants it (docs.2checkout.com, API reference, "Authentication")."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from onhook.connectors.twocheckout.config import Algorithm
from onhook.operations.ports import Secret

HEADER = "X-Avangate-Authentication"
_DIGESTS: dict[Algorithm, Callable[..., Any]] = {
    Algorithm.SHA256: hashlib.sha256,
    Algorithm.SHA3_256: hashlib.sha3_256,
}


@dataclass(frozen=True, kw_only=True)
class Signer:
    """
    Credentials that sign. `offset` is how far the vendor's clock is before ours.

    Only merchant code and date are signed, neither path nor body: the whole safety of a call is its TLS connection.
    """

    secret: Secret
    algorithm: Algorithm
    offset: timedelta = timedelta()

    def header(self, *, at: datetime) -> str:
        """Return the header's value for a call at that moment of our clock, in UTC."""
        code = self.secret.user
        # RFC 3339 with `T` and `Z` is refused: a space in the middle, and no zone.
        date = (at + self.offset).strftime("%Y-%m-%d %H:%M:%S")
        text = f"{_size(code)}{code}{_size(date)}{date}"
        digest = hmac.new(self.secret.value.encode(), text.encode(), _DIGESTS[self.algorithm]).hexdigest()
        return f'code="{code}" date="{date}" hash="{digest}" algo="{self.algorithm.value}"'


def _size(text: str) -> int:
    """Lengths count UTF-8 bytes, not characters."""
    return len(text.encode())
