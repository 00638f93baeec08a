"""The merchant account and the switches for what the vendor leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from emulators.control import documents
from emulators.control.errors import DocumentError

# What happens when a shopper lowers the count on the hosted page depends on the merchant's product set-up.
LOWERING = ("now", "at_renewal", "refused")


@dataclass(frozen=True, slots=True)
class Account:
    """Who may call, and the key calls are signed with."""

    merchant_code: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The switches; the defaults are the reported behaviour, or the stricter one where nothing is known."""

    strict_filters: bool = False
    accept_md5: bool = False
    clock_tolerance_seconds: float = 300.0
    lowering: str = "now"

    def changed_by(self, document: object) -> "Settings":
        """
        Give these settings with the document's own laid over.

        :raises DocumentError: an unknown switch, or a value it does not have.
        """
        where = "The seed's settings"
        fields = documents.require_object(document, where=where)
        documents.refuse_unknown(fields, Settings.__slots__, where=where)
        changed = replace(self, **_values(fields, where))  # type: ignore[arg-type]  # checked one by one
        if changed.lowering not in LOWERING:
            raise DocumentError(f"{where}: 'lowering' is one of {', '.join(LOWERING)}.")
        if changed.clock_tolerance_seconds < 0:
            raise DocumentError(f"{where}: 'clock_tolerance_seconds' cannot be negative.")
        return changed


def _values(fields: Mapping[str, object], where: str) -> Mapping[str, object]:
    kinds: Mapping[str, type] = {
        "strict_filters": bool,
        "accept_md5": bool,
        "clock_tolerance_seconds": float,
        "lowering": str,
    }
    return {name: documents.take(fields, name, kinds[name], where=where) for name in fields}


def read_account(document: object) -> Account:
    """
    Read the account of a seed document.

    :raises DocumentError: a part is missing or empty.
    """
    where = "The seed's account"
    fields = documents.require_object(document, where=where)
    documents.refuse_unknown(fields, Account.__slots__, where=where)
    account = Account(
        merchant_code=documents.take(fields, "merchant_code", str, where=where),
        secret_key=documents.take(fields, "secret_key", str, where=where),
    )
    if not account.merchant_code or not account.secret_key:
        raise DocumentError(f"{where}: neither part may be empty.")
    return account
