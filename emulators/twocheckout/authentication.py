"""The signed header `X-Avangate-Authentication` (docs.2checkout.com, API reference, Authentication)."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from emulators.twocheckout.settings import Account, Settings

HEADER = "X-Avangate-Authentication"

# By the `algo` attribute, compared without regard to case: the documented sample writes SHA3-256 in capitals.
DIGESTS: Mapping[str, str] = {"sha256": "sha256", "sha3-256": "sha3_256"}
MD5 = "md5"

# Double and single quotes are both documented (REST 3.0 and 5.0 references).
_ATTRIBUTE = re.compile(r"""\s*(\w+)=(?:"([^"]*)"|'([^']*)')""")
# A space in the middle: `T` and `Z` of RFC 3339 are refused.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Signed:
    """What the header says."""

    code: str
    date: str
    hash: str
    algo: str | None


def signature(*, code: str, key: str, date: str, digest: str) -> str:
    """Give the lower-case hex HMAC over code and date, each behind its length in UTF-8 bytes."""
    source = f"{len(code.encode())}{code}{len(date.encode())}{date}"
    return hmac.new(key.encode(), source.encode(), getattr(hashlib, digest)).hexdigest()


def is_authentic(header: str | None, *, account: Account | None, settings: Settings, now: datetime) -> bool:
    """Say whether the header signs a call of this account at this time."""
    signed = read(header)
    if signed is None or account is None or signed.code != account.merchant_code:
        return False
    digest = _digest(signed.algo, settings)
    if digest is None or not _is_fresh(signed.date, now=now, tolerance=settings.clock_tolerance_seconds):
        return False
    expected = signature(code=signed.code, key=account.secret_key, date=signed.date, digest=digest)
    return hmac.compare_digest(expected.encode(), signed.hash.encode("utf-8", "surrogateescape"))


def read(header: str | None) -> Signed | None:
    """Read the header's attributes; none when it cannot be read, lacks one or names one twice."""
    if header is None:
        return None
    attributes: dict[str, str] = {}
    position = 0
    while found := _ATTRIBUTE.match(header, position):
        name, double, single = found.groups()
        if name in attributes:
            return None
        attributes[name] = double if double is not None else single
        position = found.end()
    if header[position:].strip() or not {"code", "date", "hash"} <= attributes.keys():
        return None
    return Signed(
        code=attributes["code"],
        date=attributes["date"],
        hash=attributes["hash"],
        algo=attributes.get("algo"),
    )


def _digest(algo: str | None, settings: Settings) -> str | None:
    if algo is None:
        # Inferred: whether 6.0 still takes MD5 is not known.
        return MD5 if settings.accept_md5 else None
    return DIGESTS.get(algo.lower())


def _is_fresh(date: str, *, now: datetime, tolerance: float) -> bool:
    if not _DATE.fullmatch(date):
        return False
    try:
        moment = datetime.strptime(date, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return False
    # The date has no fraction of a second, so ours is compared without one too.
    return abs((now.replace(microsecond=0) - moment).total_seconds()) <= tolerance
