"""JWT bearer assertions: reading them, and checking signature and claims (notes, section 1)."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from emulators.salesforce.errors import SignInError

AUDIENCES = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
# Sources name 3 and 5 minutes; a minute more for clocks that differ (inferred).
FARTHEST_SECONDS = 360.0
# A time beyond this is in milliseconds: as seconds it would lie after the year 5000.
FIRST_MILLISECONDS = 100_000_000_000.0
PARTS = 3


def claims_of(assertion: str) -> Mapping[str, object]:
    """
    Give the claims of an assertion, not yet believed.

    :raises SignInError: it is no JWT signed with RS256.
    """
    parts = assertion.split(".")
    if len(parts) != PARTS or _object(parts[0]).get("alg") != "RS256":
        raise _invalid()
    return _object(parts[1])


def check_signature(assertion: str, key: RSAPublicKey | None) -> None:
    """
    Accept an assertion signed with the certificate the client uploaded.

    :raises SignInError: it is not, or the client has no certificate.
    """
    signed, _, signature = assertion.rpartition(".")
    try:
        if key is None:
            raise _invalid()
        key.verify(_decoded(signature), signed.encode(), PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise _invalid() from error


def check_claims(claims: Mapping[str, object], *, username: str, audience: str, now: datetime) -> None:
    """
    Accept claims for this user and this org that end within a few minutes.

    :raises SignInError: a user not authorised beforehand, another audience, too late or too far ahead.
    """
    if claims.get("sub") != username:
        raise SignInError("invalid_grant", "user hasn't approved this consumer")
    # The vendor's own command line sends the org's address with a slash at the end.
    if str(claims.get("aud", "")).removesuffix("/") not in {*AUDIENCES, audience}:
        raise SignInError("invalid_grant", "audience is invalid")
    seconds = _seconds(claims.get("exp")) - now.timestamp()
    if seconds <= 0:
        raise SignInError("invalid_grant", "expired assertion")
    if seconds > FARTHEST_SECONDS:
        raise _invalid()


def _seconds(value: object) -> float:
    """Give `exp` in seconds, whether it came as number, as text or in milliseconds (notes, section 12)."""
    try:
        number = float(str(value))
    except ValueError as error:
        raise _invalid() from error
    return number / 1000 if number >= FIRST_MILLISECONDS else number


def _object(part: str) -> Mapping[str, object]:
    try:
        document = json.loads(_decoded(part))
    except ValueError as error:
        raise _invalid() from error
    if not isinstance(document, dict):
        raise _invalid()
    return document


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError) as error:
        raise _invalid() from error


def _invalid() -> SignInError:
    return SignInError("invalid_grant", "invalid assertion")
