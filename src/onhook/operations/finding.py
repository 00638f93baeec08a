"""The one search box of support: whatever was pasted, to everything it may mean. Nothing is chosen here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Value
from django.db.models.functions import Upper

from onhook.devices import csu, numbers
from onhook.devices.models import Device
from onhook.operations import preview, references, targets
from onhook.operations.actions import vendor_texts
from onhook.operations.models import Operation, Plan
from onhook.operations.ports import Ports
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User

MOST_ROWS = 50
MOST_COMPANIES = 10
MOST_OPERATIONS = 10
# Of several that were pasted together; each is a search of its own.
MOST_NUMBERS = 50
# Bills are known by a word of this length or less: account number, Salesforce id, subscription reference.
LONGEST_REFERENCE = 40
_BILLED_AS = """
    SELECT company_id, 'decided by a person' FROM billing_companyfact WHERE value = ANY(%(as_written)s)
    UNION
    SELECT company_id, 'subscription at the shop' FROM billing_subscriptionreading WHERE reference = ANY(%(as_written)s)
    UNION
    SELECT company_id, 'account number in Salesforce' FROM operations_plan
    WHERE upper(preview #>> '{account,account_number}') = upper(%(text)s)
    UNION
    SELECT company_id, 'account number in Salesforce' FROM operations_step
    WHERE name = 'find_account' AND upper(evidence ->> 'account_number') = upper(%(text)s)
    LIMIT %(most)s
"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What fits: companies, lines (live first), operations, plans. `is_more`: more lines fit than are here."""

    companies: Sequence[Company] = ()
    devices: Sequence[Device] = ()
    operations: Sequence[Operation] = ()
    plans: Sequence[Plan] = ()
    is_more: bool = False
    # Why a company fits, by COID, where its name does not say it.
    reasons: dict[int, str] = field(default_factory=dict)
    # Of several numbers that were pasted together: those that no line has, and how many were not looked for.
    missing: Sequence[str] = ()
    unasked: int = 0
    # What kept Salesforce from being asked, or what it knows that fits no company here.
    problem: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing that was asked for is missing here."""
        return not (self.is_more or self.missing or self.unasked)

    @property
    def hits(self) -> int:
        return len(self.companies) + len(self.devices) + len(self.operations) + len(self.plans)


def anything(*, text: str, actor: Actor) -> Found:
    """
    Return everything that `text` may mean to support.

    1. An operation or a plan, by its id, the first eight characters of it, or the ticket.
    2. Lines, live and deleted, by number in any form, several numbers, device id or worker; companies, by COID or name,
       whose bill is known under this account number or reference, or one of whose people has this mail address or
       signs in so.

    :raises NotPermitted: a customer asks; they search their own company only.
    """
    # No text of the database holds a zero byte, and asking it for one is an error.
    text = text.replace("\0", "").strip()
    _check(actor)
    if not text:
        return Found()
    text = references.plain(text)
    operations, plans = references.by_id(text, most=MOST_OPERATIONS)
    if references.is_whole_id(text):
        return Found(operations=operations, plans=plans)
    if named := references.device(text):
        return Found(devices=named)
    if (several := _several(text, actor)).hits:
        return several
    rows = targets.find(text=text, actor=actor, most=MOST_ROWS + 1)
    if csu.is_whole_number(text):
        return Found(devices=rows[:MOST_ROWS], is_more=len(rows) > MOST_ROWS)
    asked, waiting = references.by_ticket(text, most=MOST_OPERATIONS)
    named_so = csu.companies(text=text, most=MOST_COMPANIES)
    reasons = _people_of(text) if "@" in text or "/" in text else {}
    reasons = reasons or _billed_as(text)
    others = Company.objects.filter(pk__in=reasons).exclude(pk__in=[company.pk for company in named_so]).order_by("pk")
    return Found(
        companies=[*named_so, *(others if reasons else ())],
        devices=rows[:MOST_ROWS],
        operations=[*operations, *asked],
        plans=[*plans, *waiting],
        is_more=len(rows) > MOST_ROWS,
        reasons=reasons,
    )


def _check(actor: Actor) -> None:
    if not actor.sees_platform:
        raise targets.NotPermitted(f"{actor.login} may only search their own company.")


def _several(text: str, actor: Actor) -> Found:
    """Return the lines of the numbers that were pasted one after the other; none when the text is no such list."""
    pasted = list(dict.fromkeys(numbers.apart(text)))
    lines = {number: targets.find(text=number, actor=actor, most=MOST_ROWS) for number in pasted[:MOST_NUMBERS]}
    found = list(dict.fromkeys(row for rows in lines.values() for row in rows))
    return Found(
        devices=found[:MOST_ROWS],
        is_more=len(found) > MOST_ROWS,
        missing=[number for number, rows in lines.items() if not rows],
        unasked=max(len(pasted) - MOST_NUMBERS, 0),
    )


def _people_of(text: str) -> dict[int, str]:
    """Return the companies of the people with this mail address, or who sign in so."""
    if "@" not in text:
        return {who.company_id: f"{who.full_name} signs in so" for who in User.objects.filter(login=text)}
    people = User.objects.alias(address=Upper("email")).filter(address=Upper(Value(text))).order_by("company_id")
    return {who.company_id: f"mail address of {who.full_name}" for who in people[:MOST_COMPANIES]}


def _billed_as(text: str) -> dict[int, str]:
    """Return the companies whose account or subscription people, plans or runs have seen under this reference."""
    if not csu.LEAST_LETTERS <= len(text) <= LONGEST_REFERENCE:
        return {}
    with connection.cursor() as cursor:
        # An id of Salesforce tells capitals from small letters.
        cursor.execute(_BILLED_AS, {"text": text, "as_written": [text, text.upper()], "most": MOST_COMPANIES})
        return dict(cursor.fetchall())


def in_crm(*, text: str, actor: Actor, ports: Ports, seconds: float) -> Found:
    """
    Ask Salesforce for the account number that `text` may be, with a deadline; return the companies that are named.

    A company is the one whose COID the account carries, else the one of exactly the account's name.

    :raises NotPermitted: a customer asks; nobody asks Salesforce for them.
    """
    _check(actor)
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
