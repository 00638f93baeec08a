"""A company as support sees it: what is on record here, and what the billing systems say now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from onhook.billing import ledger
from onhook.billing.models import CompanyFact, SubscriptionReading
from onhook.devices import listing
from onhook.devices.wanted import Counted, Tab, Wanted
from onhook.operations import preview
from onhook.operations.models import Operation
from onhook.operations.ports import Ports
from onhook.tenancy import people
from onhook.tenancy.models import Company, User

_MOST_REQUESTERS = 6


@dataclass(frozen=True)
class Overview:
    """
    What is on record. `reading` is the newest count that the shop told, `to_lower` what it has not seen of it;
    `requesters` are people who may ask for a deletion.
    """

    lines: dict[Tab, Counted]
    decided: Sequence[CompanyFact]
    reading: SubscriptionReading | None
    to_lower: int
    operations: Sequence[Operation]
    requesters: Sequence[User]


def of(company: Company, *, most_operations: int = 5) -> Overview:
    """Return what is on record about the company; nothing outside is asked."""
    reading = SubscriptionReading.objects.filter(company=company).order_by("-read_at").first()
    operations = Operation.objects.filter(company=company).select_related("plan__requester", "confirmed_by")
    return Overview(
        lines=listing.counts(company=company, wanted=Wanted()),
        decided=list(CompanyFact.objects.filter(company=company).order_by("kind")),
        reading=reading,
        to_lower=ledger.unseen(company_id=company.pk, reference=reading.reference) if reading else 0,
        operations=list(operations.order_by("-confirmed_at")[:most_operations]),
        requesters=list(people.requesters_of(company)[:_MOST_REQUESTERS]),
    )


def bill(*, company: Company, ports: Ports, seconds: float) -> dict[str, Any]:
    """
    Ask the billing systems now, with a deadline; what `preview.read` returns, with lines to lower and not in use.
    """
    seen = preview.read(company=company, ports=ports, seconds=seconds)
    return with_difference(seen, company=company)


def with_difference(seen: dict[str, Any], *, company: Company, planned: int = 0) -> dict[str, Any]:
    """
    Return the same, with `to_lower` (told, not yet seen), `difference` (paid, not used) and `shortfall`.

    :param planned: lines of the shop that a plan would delete; `to_lower_then` is what is to be lowered with them.
    """
    if "subscription" not in seen:
        return seen
    to_lower = ledger.unseen(company_id=company.pk, reference=seen["subscription"])
    return {
        **seen,
        "to_lower": to_lower,
        **({"to_lower_then": to_lower + planned} if planned else {}),
        "difference": seen["paid_lines"] - seen["lines_in_use"],
        "shortfall": max(seen["lines_in_use"] - seen["paid_lines"], 0),
    }
