"""What the 2Checkout connector has to be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Algorithm(StrEnum):
    """How calls are signed. MD5, which old clients use, is never sent."""

    SHA256 = "sha256"
    SHA3_256 = "sha3-256"


class Lookup(StrEnum):
    """Where the merchant keeps our account number."""

    EXTERNAL_CUSTOMER_REFERENCE = "external_customer_reference"


@dataclass(frozen=True, kw_only=True)
class TwoCheckoutConfig:
    """
    One merchant account.

    `secret_reference` names the secret whose user is the merchant code and whose value is the secret key. `shop_url` is
    where the upgrade page is: the vendor's host or the merchant's own. `product_codes` are the products that are lines;
    empty means all. `session_seconds` is how long credentials that were once accepted are used without a new look into
    the secret store. `most_pages` times `page_size` subscriptions are the most one account may have.
    """

    secret_reference: str
    base_url: str = "https://api.2checkout.com/rest/6.0"
    shop_url: str = "https://secure.2checkout.com"
    algorithm: Algorithm = Algorithm.SHA256
    lookup: Lookup = Lookup.EXTERNAL_CUSTOMER_REFERENCE
    product_codes: frozenset[str] = frozenset()
    includes_test_subscriptions: bool = False
    page_size: int = 100
    most_pages: int = 5
    session_seconds: float = 900.0
    deadline_seconds: float = 15.0
    ca_file: Path | None = None
    allows_loopback_http: bool = False
