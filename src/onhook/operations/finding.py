"""The one search box of support: whatever was pasted, to everything it may mean. Nothing is chosen here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from onhook.billing.models import CompanyFact, SubscriptionReading
from onhook.devices import csu
from onhook.devices.models import Device
from onhook.operations import targets
from onhook.operations.models import Operation, Plan, Step
from onhook.operations.vocabulary import StepName
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company

MOST_ROWS = 50
MOST_COMPANIES = 10
# Bills are known by a word of this length or less: account number, Salesforce id, subscription reference.
_LONGEST_REFERENCE = 40


@dataclass(frozen=True, kw_only=True)
class Found:
    """What fits: companies, lines (live first), one operation, one plan. `is_more`: more lines fit than are here."""

    companies: Sequence[Company] = ()
    devices: Sequence[Device] = ()
    operations: Sequence[Operation] = ()
    plans: Sequence[Plan] = ()
    is_more: bool = False
    # Why a company fits, by COID, where its name does not say it.
    reasons: dict[int, str] = field(default_factory=dict)

    @property
    def hits(self) -> int:
        return len(self.companies) + len(self.devices) + len(self.operations) + len(self.plans)


def anything(*, text: str, actor: Actor) -> Found:
    """
    Return everything that `text` may mean to support.

    1. An operation or a plan, by its id.
    2. Lines, live and deleted, by number in any form, device id or worker; companies, by COID or name.
    3. When nothing fits: companies whose bill is known under this account number or reference.

    :raises NotPermitted: a customer asks; they search their own company only.
    """
    text = text.strip()
    if not actor.sees_platform:
        raise targets.NotPermitted(f"{actor.login} may only search their own company.")
    if not text:
        return Found()
    named = _named(text)
    if named is not None:
        return named
    rows = list(targets.find(text=text, actor=actor)[: MOST_ROWS + 1])
    companies = csu.companies(text=text, most=MOST_COMPANIES)
    if not rows and not companies:
        return _billed_as(text)
    return Found(companies=companies, devices=rows[:MOST_ROWS], is_more=len(rows) > MOST_ROWS)


def _named(text: str) -> Found | None:
    """Return the operation or plan with this id; None when the text is no such id."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    operations = list(Operation.objects.select_related("company", "confirmed_by", "plan").filter(pk=wanted))
    plans = Plan.objects.select_related("company", "requester").filter(pk=wanted, line_count__gt=0)
    return Found(operations=operations, plans=list(plans))


def _billed_as(text: str) -> Found:
    """Return the companies whose account or subscription people or runs have seen under this reference."""
    if len(text) > _LONGEST_REFERENCE or len(text) < csu.LEAST_LETTERS:
        return Found()
    reasons: dict[int, str] = {}
    for coid in CompanyFact.objects.filter(value=text).values_list("company_id", flat=True)[:MOST_COMPANIES]:
        reasons[coid] = "decided by a person"
    for coid in SubscriptionReading.objects.filter(pk=text).values_list("company_id", flat=True):
        reasons[coid] = "subscription at the shop"
    seen = Step.objects.filter(name=StepName.FIND_ACCOUNT.value, evidence__account_number=text)
    for coid in seen.values_list("company_id", flat=True).distinct()[:MOST_COMPANIES]:
        reasons[coid] = "account number in Salesforce"
    companies = list(Company.objects.filter(pk__in=reasons).order_by("pk"))
    return Found(companies=companies, reasons=reasons)
