"""Password records: their fields, how they are read from a seed, and how they are shown."""

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from emulators.control import documents
from emulators.control.errors import DocumentError

GENERIC_FIELDS = tuple(f"GenericField{number}" for number in range(1, 11))
WEB_FIELDS = (
    *("WebUser_ID", "WebPassword_ID", "WebOTP_ID"),
    *(f"WebGenericField{number}_ID" for number in range(1, 11)),
)
# Every record carries all of them, blank where its list does not use them (notes, section 3).
TEXT_FIELDS = (
    *("Title", "Domain", "HostName", "UserName", "Description"),
    *GENERIC_FIELDS,
    *("AccountType", "Notes", "URL", "Password", "ExpiryDate", "OTPUri"),
    *WEB_FIELDS,
)
LONGEST = {"Title": 255, "UserName": 255, "Description": 255, "HostName": 200, "Domain": 50}
SEED_FIELDS = {
    *("PasswordID", "PasswordListID", "AccountTypeID", "AllowExport", "GenericFieldInfo"),
    *TEXT_FIELDS,
}

TOTP_STEP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Record:
    """One password record; `texts` holds every field that is text."""

    password_id: int
    list_id: int
    account_type_id: int
    allows_export: bool
    generic_names: Mapping[str, str]
    texts: Mapping[str, str]

    def shown(self, *, list_name: str, at: datetime) -> dict[str, object]:
        """Give the record as the API shows it, secret included, in the order the documentation uses."""
        named = [{"GenericFieldID": field, "DisplayName": name} for field, name in self.generic_names.items()]
        return {
            "PasswordID": self.password_id,
            "PasswordListID": self.list_id,
            "PasswordList": list_name,
            **self._of("Title", "Domain", "HostName", "UserName", "Description", *GENERIC_FIELDS),
            "GenericFieldInfo": named,
            "AccountTypeID": self.account_type_id,
            **self._of("AccountType", "Notes", "URL", "Password", "ExpiryDate"),
            "AllowExport": self.allows_export,
            "OTP": self.code(at=at) or "",
            **self._of("OTPUri", *WEB_FIELDS),
        }

    def code(self, *, at: datetime) -> str | None:
        """Give the one-time password of that moment; none when the record has no one-time secret."""
        secrets = parse_qs(urlsplit(self.texts["OTPUri"]).query).get("secret")
        return totp(secrets[0], at=at) if secrets else None

    def _of(self, *names: str) -> dict[str, str]:
        return {name: self.texts[name] for name in names}


def totp(secret: str, *, at: datetime) -> str:
    """Give the six digits of RFC 6238 with SHA-1 and 30 seconds, from a base32 secret."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(at.timestamp()) // TOTP_STEP_SECONDS)
    # RFC 4226, section 5.3: SHA-1 is what authenticators use; nothing here relies on its collisions.
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def read_record(document: object, *, where: str) -> Record:
    """
    Read one record of a seed document, in the API's own field names; fields left out are blank.

    :raises DocumentError: an unknown field, a wrong type, or a text longer than the vault stores.
    """
    fields = documents.require_object(document, where=where)
    documents.refuse_unknown(fields, SEED_FIELDS, where=where)
    texts = {name: documents.take(fields, name, str, where=where, default="") for name in TEXT_FIELDS}
    _check_texts(texts, where=where)
    names = fields.get("GenericFieldInfo", [])
    return Record(
        password_id=documents.take(fields, "PasswordID", int, where=where),
        list_id=documents.take(fields, "PasswordListID", int, where=where),
        account_type_id=documents.take(fields, "AccountTypeID", int, where=where, default=0),
        allows_export=documents.take(fields, "AllowExport", bool, where=where, default=False),
        generic_names=MappingProxyType(_read_names(names, where=f"{where}: 'GenericFieldInfo'")),
        texts=MappingProxyType(texts),
    )


def _check_texts(texts: Mapping[str, str], *, where: str) -> None:
    for name, longest in LONGEST.items():
        if len(texts[name]) > longest:
            raise DocumentError(f"{where}: {name!r} has at most {longest} characters.")
    try:
        for secret in parse_qs(urlsplit(texts["OTPUri"]).query).get("secret", ()):
            totp(secret, at=datetime.fromtimestamp(0).astimezone())
    except (ValueError, binascii.Error) as error:
        raise DocumentError(f"{where}: 'OTPUri' has no base32 secret.") from error


def _read_names(document: object, *, where: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for item in documents.require_list(document, where=where):
        fields = documents.require_object(item, where=where)
        documents.refuse_unknown(fields, {"GenericFieldID", "DisplayName"}, where=where)
        field = documents.take(fields, "GenericFieldID", str, where=where)
        if field not in GENERIC_FIELDS:
            raise DocumentError(f"{where}: {field!r} is not a generic field.")
        names[field] = documents.take(fields, "DisplayName", str, where=where)
    return names
