"""The step `find_subscription`: at the shop, by account number; link built, checked, compared, lines counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from onhook.billing import ledger, upgrade_links
from onhook.billing.channels import FactKind
from onhook.operations import lines_in_use
from onhook.operations.actions import billing_questions as ask
from onhook.operations.actions import vendor_texts
from onhook.operations.actions.billing_case import Case, asking, case_of, needs_answer, remember, shop_lines
from onhook.operations.errors import Ask, NeedsAnswer, Rejected, Retryable
from onhook.operations.ports import Ports, Subscription
from onhook.operations.runner import Result, Turn
from onhook.operations.vocabulary import QuestionKind


@dataclass(frozen=True)
class Payer:
    """The account as far as the shop step needs it."""

    account_id: str
    account_number: str
    stored_link: str


@dataclass(frozen=True)
class Bill:
    """A subscription, its checked link, and the account that pays for it: `elsewhere` by other subscriptions too."""

    payer: Payer
    subscription: Subscription
    link: str
    elsewhere: int


class FindSubscription:
    """Find the subscription at the shop, build its upgrade link, check it, and compare it with the CRM's copy."""

    def __init__(self, ports: Ports, account: dict[str, Any]) -> None:
        self._accounts = ports.accounts
        self._shop = ports.shop
        self._payer = Payer(
            account_id=account["account_id"],
            account_number=account["account_number"],
            stored_link=account["stored_link"],
        )

    def prepare(self, turn: Turn) -> Case | Result:
        """Gather what was decided before."""
        return case_of(turn, choice=QuestionKind.SEVERAL_SUBSCRIPTIONS, fact=FactKind.SUBSCRIPTION)

    def call(self, case: Case) -> Bill:
        """Read the subscription; ask a person when it, or its link, is not beyond doubt."""
        return asking(case, lambda: self._read(case))

    def _read(self, case: Case) -> Bill:
        if self._shop is None:
            raise Rejected("the shop (2Checkout) is not set up here")
        payer = self._payer_now(case)
        found = self._shop.subscriptions_of(account_number=payer.account_number)
        active = [vendor_texts.subscription(one) for one in found if one.is_active]
        reference = self._reference(case, payer, active)
        subscription = self._shop.subscription(reference=reference, account_number=payer.account_number)
        if subscription is None or not subscription.is_active:
            raise NeedsAnswer(self._none(case, payer))
        if not subscription.is_upgrade_possible or not subscription.is_recurring:
            subscription = vendor_texts.subscription(subscription)
            raise NeedsAnswer(ask.upgrade_not_set_up(subscription, time=case.time(QuestionKind.UPGRADE_NOT_SET_UP)))
        link = self._shop.upgrade_link(reference=reference)
        self._check(case, link, reference=reference, stored=payer.stored_link)
        elsewhere = sum(one.quantity for one in active if one.reference != reference)
        return Bill(payer=payer, subscription=vendor_texts.subscription(subscription), link=link, elsewhere=elsewhere)

    def _payer_now(self, case: Case) -> Payer:
        """Return the account, read anew when a person mended something: number and link are kept in the CRM."""
        if not case.looks_again or self._accounts is None:
            return self._payer
        account = self._accounts.account(account_id=self._payer.account_id)
        if account is None or not account.account_number or not account.may_be_of(case.coid):
            time = case.time(QuestionKind.NO_ACCOUNT)
            raise NeedsAnswer(ask.no_account(coid=case.coid, name=case.company_name, time=time))
        account = vendor_texts.account(account)
        return Payer(account.account_id, account.account_number, account.stored_link)

    def _reference(self, case: Case, payer: Payer, active: Sequence[Subscription]) -> str:
        references = {one.reference for one in active}
        for known in (case.chosen, case.remembered):
            if known in references:
                return known
        if not active:
            raise NeedsAnswer(self._none(case, payer))
        if len(active) > 1:
            raise NeedsAnswer(ask.several_subscriptions(active, time=case.time(QuestionKind.SEVERAL_SUBSCRIPTIONS)))
        return active[0].reference

    def _none(self, case: Case, payer: Payer) -> Ask:
        return ask.no_subscription(account_number=payer.account_number, time=case.time(QuestionKind.NO_SUBSCRIPTION))

    def _check(self, case: Case, link: str, *, reference: str, stored: str) -> None:
        problems = upgrade_links.check(link, reference=reference, hosts=settings.SHOP_HOSTS)
        if problems:
            raise NeedsAnswer(
                ask.link_not_acceptable(link=link, problems=problems, time=case.time(QuestionKind.LINK_NOT_ACCEPTABLE))
            )
        if not stored or stored == case.accepted_link:
            return
        differences = upgrade_links.difference(link, stored, hosts=settings.SHOP_HOSTS)
        if differences:
            raise NeedsAnswer(
                ask.link_differs(
                    ours=link, theirs=stored, differences=differences, time=case.time(QuestionKind.LINK_DIFFERS)
                )
            )

    def conclude(self, turn: Turn, prepared: Case, bill: Bill) -> Result:
        """Count what is to be lowered, keep what a person chose, and give the notice its figures."""
        operation, subscription = turn.operation, bill.subscription
        count = self._count(turn, prepared, subscription)
        in_use = lines_in_use.of_company(operation.company_id).at_shop
        self._require_sense(prepared, count, in_use=in_use, elsewhere=bill.elsewhere)
        self._keep_choices(turn, prepared, bill)
        evidence = {
            "read": "2Checkout",
            "at": turn.now.isoformat(),
            "account_number": bill.payer.account_number,
            **ask.subscription_evidence(subscription),
            "link": bill.link,
            "link_check": self._link_check(bill),
            "to_lower": count.unseen,
            "in_use": in_use,
        }
        values = {
            "subscription": subscription.reference,
            "link": bill.link,
            "quantity": count.quantity,
            "unseen": count.unseen,
            "target": count.target,
            "in_use": in_use,
            "renews_on": subscription.renews_on.isoformat() if subscription.renews_on else "",
            "lines": shop_lines(operation.pk),
        }
        return Result(evidence=evidence, values=values)

    @staticmethod
    def _require_sense(case: Case, count: ledger.Count, *, in_use: int, elsewhere: int) -> None:
        """Ask a person before the customer is told a count below what they use, unless one stands by these figures."""
        time = case.time(QuestionKind.COUNT_UNCLEAR)
        if count.target < 0:
            raise needs_answer(case, ask.count_unclear(count, time=time))
        # A link alone, without anything to lower, tells no figure that could be wrong.
        tells_to_lower = count.unseen > 0 or count.target == 0
        if not tells_to_lower or count.target + elsewhere >= in_use:
            return
        if case.accepted_figures != ask.figures_of(count, in_use=in_use, elsewhere=elsewhere):
            question = ask.fewer_paid_than_used(count, in_use=in_use, elsewhere=elsewhere, time=time)
            raise needs_answer(case, question)

    @staticmethod
    def _keep_choices(turn: Turn, case: Case, bill: Bill) -> None:
        reference, stored = bill.subscription.reference, bill.payer.stored_link
        if case.chosen == reference:
            remember(turn, kind=FactKind.SUBSCRIPTION, value=reference, answer=reference)
        if stored and case.accepted_link == stored:
            remember(turn, kind=FactKind.STORED_LINK, value=stored, answer=ask.USE_SHOP_LINK)

    @staticmethod
    def _link_check(bill: Bill) -> str:
        stored = bill.payer.stored_link
        if not stored:
            return "host, path and subscription fit"
        if upgrade_links.difference(bill.link, stored, hosts=settings.SHOP_HOSTS):
            return "host, path and subscription fit; Salesforce's copy differs, and was decided on"
        return "host, path and subscription fit, as in Salesforce"

    @staticmethod
    def _count(turn: Turn, case: Case, subscription: Subscription) -> ledger.Count:
        company_id, reference = turn.operation.company_id, subscription.reference
        try:
            ledger.record_reading(
                company_id=company_id,
                reference=reference,
                quantity=subscription.quantity,
                asked_at=case.asked_at,
                now=turn.now,
                takes_over=case.takes_over == reference,
            )
        except ledger.CountedForAnother as other:
            time = case.time(QuestionKind.COUNT_UNCLEAR)
            raise needs_answer(case, ask.counted_for_another(subscription, other=other.coid, time=time)) from None
        except ledger.Overtaken:
            raise Retryable("another operation read the same subscription meanwhile", after=1.0) from None
        lines = shop_lines(turn.operation.pk)
        if lines:
            ledger.record_decrease(
                company_id=company_id,
                reference=reference,
                operation_id=turn.operation.pk,
                lines=lines,
                now=turn.now,
            )
        unseen = ledger.unseen(company_id=company_id, reference=reference)
        return ledger.Count(quantity=subscription.quantity, unseen=unseen)
