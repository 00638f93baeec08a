"""What the billing systems say while a plan is made: read with a short deadline, and never part of the hash."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings

from onhook.billing import company_facts, upgrade_links
from onhook.billing.channels import FactKind
from onhook.operations import lines_in_use
from onhook.operations.actions import vendor_texts
from onhook.operations.actions.billing_questions import account_evidence, subscription_evidence
from onhook.operations.errors import RunOutcome
from onhook.operations.ports import Account, AccountsPort, Ports, ShopPort, Subscription
from onhook.tenancy.models import Company

NOT_KNOWN_YET = "not_known_yet"

log = structlog.get_logger()


@dataclass(frozen=True)
class _Known:
    """What was decided about the company before, read before any thread starts."""

    coid: int
    name: str
    account_id: str
    subscription: str
    stored_link: str


def read(*, company: Company, ports: Ports, seconds: float | None = None) -> dict[str, Any]:
    """
    Return account, subscription, lines paid beside lines in use, and the link's state, as far as known in time.

    `lines_in_use` are the company's live lines that the shop bills, as those are what it counts; `lines` are all.
    `state` is `known`, `not_known_yet` (slow or silent), `needs_person` (with `problem`), or `not_set_up`.
    """
    live = lines_in_use.of_company(company.pk)
    preview: dict[str, Any] = {"state": "not_set_up", "lines": live.all, "lines_in_use": live.at_shop}
    if ports.accounts is None or ports.shop is None:
        return preview
    known = _Known(
        coid=company.pk,
        name=company.name,
        account_id=company_facts.recall(company_id=company.pk, kind=FactKind.ACCOUNT),
        subscription=company_facts.recall(company_id=company.pk, kind=FactKind.SUBSCRIPTION),
        stored_link=company_facts.recall(company_id=company.pk, kind=FactKind.STORED_LINK),
    )
    found = _within(known, ports.accounts, ports.shop, seconds or settings.PREVIEW_SECONDS)
    return {**preview, "state": NOT_KNOWN_YET, **found}


def _within(known: _Known, accounts: AccountsPort, shop: ShopPort, seconds: float) -> dict[str, Any]:
    """
    Return what was seen when the time is over, or all was.

    The shop is asked for the account number that the CRM gives, so one comes after the other; but both sign us in at
    the same time.
    """
    seen: dict[str, Any] = {}
    looking = _beside(lambda: _look(known, accounts, shop, seen), seen)
    # Its failure is told by the look, which needs the same sign-in.
    _beside(shop.sign_in, {})
    looking.join(seconds)
    return dict(seen)


def within(look: Callable[[dict[str, Any]], None], seconds: float) -> dict[str, Any]:
    """Let `look` fill a dictionary in a thread of its own, and return what is in it when the time is over."""
    seen: dict[str, Any] = {}
    _beside(lambda: look(seen), seen).join(seconds)
    return dict(seen)


def _beside(act: Callable[[], None], seen: dict[str, Any]) -> threading.Thread:
    """Begin `act` in a thread of its own; what goes wrong is put into `seen`."""

    def guarded() -> None:
        try:
            act()
        except RunOutcome as fault:
            seen["problem"] = str(fault)
        except Exception as fault:  # noqa: BLE001  # a thread's traceback would show values; a plan is made without it
            log.warning("the billing systems could not be read for a plan", fault=type(fault).__name__)
            seen["problem"] = "a billing system answered in a way that is not understood"

    # A daemon: a vendor that never answers must not keep the process from ending.
    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    return thread


def _look(known: _Known, accounts: AccountsPort, shop: ShopPort, seen: dict[str, Any]) -> None:
    account = _account(known, accounts, seen)
    if account is None:
        return
    seen["account"] = account_evidence(account)
    subscription = _subscription(known, shop, account, seen)
    if subscription is None:
        return
    seen.update(subscription_evidence(subscription))
    seen["link"] = _link_state(known, shop.upgrade_link(reference=subscription.reference), subscription, account)
    seen["state"] = "known" if seen["link"] == "fits" else "needs_person"


def _account(known: _Known, accounts: AccountsPort, seen: dict[str, Any]) -> Account | None:
    account = accounts.account(account_id=known.account_id) if known.account_id else None
    is_usable = account is not None and account.may_be_of(known.coid)
    found = [account] if account and is_usable else accounts.accounts_of(coid=known.coid, name=known.name)
    if len(found) == 1 and found[0].account_number:
        return vendor_texts.account(found[0])
    seen.update(state="needs_person", problem=_how_many(len(found), "account with an account number", "Salesforce"))
    return None


def _subscription(known: _Known, shop: ShopPort, account: Account, seen: dict[str, Any]) -> Subscription | None:
    active = [found for found in shop.subscriptions_of(account_number=account.account_number) if found.is_active]
    chosen = [found for found in active if found.reference == known.subscription] or active
    if len(chosen) == 1:
        return vendor_texts.subscription(chosen[0])
    seen.update(state="needs_person", problem=_how_many(len(chosen), "active subscription", "the shop"))
    return None


def _how_many(count: int, what: str, where: str) -> str:
    return f"{where} has no {what}" if count == 0 else f"{where} has several: a person chooses"


def _link_state(known: _Known, link: str, subscription: Subscription, account: Account) -> str:
    if upgrade_links.check(link, reference=subscription.reference, hosts=settings.SHOP_HOSTS):
        return "not_acceptable"
    stored = account.stored_link
    if stored and stored != known.stored_link and upgrade_links.difference(link, stored, hosts=settings.SHOP_HOSTS):
        return "differs"
    return "fits"
