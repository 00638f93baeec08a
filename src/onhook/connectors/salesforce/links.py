"""Where people open a record. The vendor warns that these addresses may change: they are made here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from onhook.connectors.http.addresses import BaseUrl

_MY_DOMAIN = re.compile(r"(?P<name>[a-z0-9-]+(\.(sandbox|develop|scratch|demo|trailblaze))?)\.my\.salesforce\.com")


@dataclass(frozen=True)
class RecordLinks:
    """One record in both user interfaces."""

    classic: str
    lightning: str


def of_account(account_id: str, *, org: BaseUrl, lightning_url: str = "") -> RecordLinks:
    """
    Return the links to an account: Classic on the org's own host, Lightning on the host beside it.

    Classic's also opens in Lightning, by redirect. `lightning_url` overrides the host that follows from the org's.
    """
    lightning = lightning_url.rstrip("/") or _lightning_origin(org)
    return RecordLinks(
        classic=f"{org.origin}/{account_id}", lightning=f"{lightning}/lightning/r/Account/{account_id}/view"
    )


def _lightning_origin(org: BaseUrl) -> str:
    match = _MY_DOMAIN.fullmatch(org.host)
    return f"https://{match['name']}.lightning.force.com" if match else org.origin
