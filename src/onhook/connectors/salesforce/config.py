"""What the Salesforce connector has to be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SalesforceConfig:
    """
    One org.

    `base_url` is the org's My Domain (`https://NAME.my.salesforce.com`). `secret_reference` names the secret whose
    user is the consumer key and whose value is the consumer secret of an external client app with client credentials.
    `coid_field` is the API name of the Account field that holds the COID, `link_field` that of the field with the
    stored upgrade link; empty to find them by `coid_label` and `link_label`. An org without a COID field is fine:
    accounts are then found by name only. `instance_hosts` are further hosts that the org may send calls to.
    `lightning_url` is only needed where it does not follow from the My Domain name.
    """

    base_url: str
    secret_reference: str
    api_version: str = "68.0"
    coid_field: str = ""
    coid_label: str = "COID"
    link_field: str = ""
    link_label: str = "2Checkout upgrade link"
    lightning_url: str = ""
    instance_hosts: frozenset[str] = frozenset()
    session_seconds: float = 3600.0
    layout_seconds: float = 600.0
    deadline_seconds: float = 15.0
    ca_file: Path | None = None
    allows_loopback_http: bool = False
