"""The one search box of support: whatever was pasted, to everything it may mean. Nothing is chosen here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.fields.json import KT

from onhook.billing.models import CompanyFact, SubscriptionReading
from onhook.devices import csu
from onhook.devices.models import Device
from onhook.operations import preview, targets
from onhook.operations.actions import vendor_texts
from onhook.operations.models import Operation, Plan, Step
from onhook.operations.ports import Ports
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
    # What kept Salesforce from being asked, or what it knows that fits no company here.
    problem: str = ""

    @property
    def hits(self) -> int:
        return len(self.companies) + len(self.devices) + len(self.operations) + len(self.plans)


def anything(*, text: str, actor: Actor) -> Found:
    """
    Return everything that `text` may mean to support.

    1. An operation or a plan, by its id.
    2. Lines, live and deleted, by number in any form, device id or worker; companies, by COID or name, or whose bill
       is known under this account number or reference.

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
    rows = targets.find(text=text, actor=actor, most=MOST_ROWS + 1)
    if csu.is_whole_number(text):
        return Found(devices=rows[:MOST_ROWS], is_more=len(rows) > MOST_ROWS)
    named_so = csu.companies(text=text, most=MOST_COMPANIES)
    reasons = _billed_as(text)
    billed = Company.objects.filter(pk__in=reasons).exclude(pk__in=[company.pk for company in named_so]).order_by("pk")
    return Found(
        companies=[*named_so, *(billed if reasons else ())],
        devices=rows[:MOST_ROWS],
        is_more=len(rows) > MOST_ROWS,
        reasons=reasons,
    )


def _named(text: str) -> Found | None:
    """Return the operation or plan with this id; None when the text is no such id."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    operations = list(Operation.objects.select_related("company", "confirmed_by", "plan").filter(pk=wanted))
    plans = Plan.objects.select_related("company", "requester").filter(pk=wanted, line_count__gt=0)
    return Found(operations=operations, plans=list(plans))


def _billed_as(text: str) -> dict[int, str]:
    """Return the companies whose account or subscription people, plans or runs have seen under this reference."""
    if not csu.LEAST_LETTERS <= len(text) <= _LONGEST_REFERENCE:
        return {}
    account_number = "account number in Salesforce"
    plans = Plan.objects.annotate(seen_as=KT("preview__account__account_number"))
    steps = Step.objects.filter(name=StepName.FIND_ACCOUNT.value).annotate(seen_as=KT("evidence__account_number"))
    told = [
        _told(CompanyFact.objects.filter(value=text), "decided by a person"),
        _told(SubscriptionReading.objects.filter(pk=text), "subscription at the shop"),
        _told(plans.filter(seen_as=text), account_number),
        _told(steps.filter(seen_as=text), account_number),
    ]
    return dict(told[0].union(*told[1:])[:MOST_COMPANIES])


def _told(rows: QuerySet[Any], reason: str) -> QuerySet[Any]:
    return rows.order_by().values_list("company_id", Value(reason))


def in_crm(*, text: str, ports: Ports, seconds: float) -> Found:
    """
    Ask Salesforce for the account number that `text` may be, with a deadline; return the companies that are named.

    A company is the one whose COID the account carries, else the one of exactly the account's name.
    """
    accounts = ports.accounts
    if accounts is None:
        return Found(problem="Salesforce is not set up here")
    seen = preview.within(
        lambda told: told.update(accounts=accounts.accounts_numbered(account_number=text.strip())), seconds
    )
    if "accounts" not in seen:
        return Found(problem=seen.get("problem", "Salesforce did not answer in time"))
    reasons, strangers = dict[int, str](), list[str]()
    for account in map(vendor_texts.account, seen["accounts"]):
        found = Company.objects.filter(pk=account.coid) if account.coid else Company.objects.filter(name=account.name)
        reasons |= dict.fromkeys(found.values_list("pk", flat=True), f"account number of {account.name}")
        strangers += [] if found else [account.name]
    return Found(
        companies=list(Company.objects.filter(pk__in=reasons).order_by("pk")),
        reasons=reasons,
        problem=f"Salesforce knows {', '.join(strangers)} by it, which is no company here" if strangers else "",
    )
