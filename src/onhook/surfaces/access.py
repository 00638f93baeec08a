"""
Who may call which web address: the words of the tables in `web/access.py`, `portal/access.py` and `console/access.py`.

Closed by default: an address without a row is refused, and the test of the walls fails on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onhook.tenancy.actor import Surface
from onhook.tenancy.permissions import Permission


class Audience(StrEnum):
    """
    Who an address is for.

    `company`: its path names a COID; customers reach their own only, staff every one. Anybody else gets the same 404 as
    for a company that does not exist. `staff`: people of the operator; for anybody else the page does not exist.
    `company_for_staff`: both, a page about the company of its path that only the operator's people have.
    """

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    COMPANY = "company"
    STAFF = "staff"
    COMPANY_FOR_STAFF = "company_for_staff"


READS = frozenset({"GET", "HEAD"})
WRITES = frozenset({"POST"})
FORM = READS | WRITES


@dataclass(frozen=True, kw_only=True)
class Access:
    """
    One row: audience, methods, and the permission of the matrix that the person needs besides.

    `is_poll` marks what the page asks by itself: it does not count as activity of the person. `face` is whose frame
    the page wears, and the surface that the audit names. `part_of` names the page that asks for this by itself: staff
    who have that page open do not look at the company once more.
    """

    audience: Audience
    methods: frozenset[str] = READS
    permission: Permission | None = None
    face: Surface = Surface.PORTAL
    is_poll: bool = False
    part_of: str = ""
