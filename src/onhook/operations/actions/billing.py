"""Find account, subscription and upgrade link for the shop channel, after the lines are gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings

from onhook.billing import company_facts, ledger, upgrade_links
from onhook.billing.channels import Channel, FactKind
from onhook.operations.actions import billing_questions as ask
from onhook.operations.errors import Ask, NeedsAnswer, Rejected, Retryable
from onhook.operations.models import Operation, OperationItem, Question
from onhook.operations.ports import Account, AccountsPort, Ports, ShopPort, Subscription
from onhook.operations.runner import Result, Runner, Turn
from onhook.operations.vocabulary import Action, ItemState, QuestionKind, StepName

Found = TypeVar("Found")


def find(runner: Runner, *, ports: Ports) -> dict[str, Any]:
    """
    Return what the notice needs of the bill: nothing where the shop does not bill, else link and count.

    1. `find_account`: in the CRM, by COID, else by exact name.
    2. `find_subscription`: at the shop, by account number; link built, checked, compared with the CRM's copy.
    """
    if not concerns_shop(runner.operation_id):
        return {}
    account = runner.perform_outside(StepName.FIND_ACCOUNT, FindAccount(ports.accounts))
    if account.get("without_link"):
        return account
    return runner.perform_outside(StepName.FIND_SUBSCRIPTION, FindSubscription(ports.shop, account))


def concerns_shop(operation_id: Any) -> bool:
    """Whether the shop bills lines that this operation deleted, or it is about the shop's bill itself."""
    if Operation.objects.filter(pk=operation_id, action=Action.SEND_BILLING_LINK.value).exists():
        return True
    return shop_lines(operation_id) > 0


def shop_lines(operation_id: Any) -> int:
    """Return how many verified lines of the operation the shop bills."""
    return OperationItem.objects.filter(
        operation_id=operation_id, channel=Channel.SHOP.value, state=ItemState.VERIFIED.value
    ).count()


@dataclass(frozen=True)
class Case:
    """What is known before a billing system is asked: the company, earlier decisions, and how patient to be."""

    coid: int
    company_name: str
    chosen: str
    remembered: str
    accepted_link: str
    times: dict[str, int]
    is_patience_over: bool

    def time(self, kind: QuestionKind) -> int:
        """Return which time this kind of question would be asked, from 1."""
        return self.times.get(kind.value, 0) + 1


def _case(turn: Turn, *, choice: QuestionKind, fact: FactKind) -> Case | Result:
    """Return the case, or the step's result when a person said to go on without a link."""
    operation = turn.operation
    answered = list(
        Question.objects.filter(operation=operation, step=turn.step.name, answered_at__isnull=False).order_by(
            "answered_at"
        )
    )
    if any(question.answer == ask.WITHOUT_LINK for question in answered):
        return _without_link(turn)
    times: dict[str, int] = {}
    for question in answered:
        times[question.kind] = times.get(question.kind, 0) + 1
    chosen = [question.answer for question in answered if question.kind == choice and question.answer != ask.TRY_AGAIN]
    accepted = [
        question.evidence.get("salesforce_link", "") for question in answered if question.answer == ask.USE_SHOP_LINK
    ]
    since = max([turn.step.started_at, *(question.answered_at for question in answered if question.answered_at)])
    return Case(
        coid=operation.company_id,
        company_name=operation.company.name,
        chosen=chosen[-1] if chosen else "",
        remembered=company_facts.recall(company_id=operation.company_id, kind=fact),
        accepted_link=accepted[-1]
        if accepted
        else company_facts.recall(company_id=operation.company_id, kind=FactKind.STORED_LINK),
        times=times,
        is_patience_over=turn.now - since >= timedelta(seconds=settings.VENDOR_PATIENCE_SECONDS),
    )


def _without_link(turn: Turn) -> Result:
    """Go on without a link; the decrease is kept all the same, for the next notice that knows the subscription."""
    lines = shop_lines(turn.operation.pk)
    if lines:
        ledger.record_decrease(
            company_id=turn.operation.company_id,
            reference="",
            operation_id=turn.operation.pk,
            lines=lines,
            now=turn.now,
        )
    return Result(evidence={"result": "without a link, as decided"}, values={"without_link": True, "lines": lines})


def _asking(case: Case, read: Callable[[], Found]) -> Found:
    """Ask a billing system; a refusal, or silence past its time, goes to a person."""
    try:
        return read()
    except Retryable as silence:
        if not case.is_patience_over:
            raise
        question = ask.vendor_silent(problem=silence.problem, time=case.time(QuestionKind.VENDOR_SILENT))
    except Rejected as refusal:
        question = ask.vendor_refused(reason=refusal.reason, time=case.time(QuestionKind.VENDOR_REFUSED))
    raise NeedsAnswer(question)


def _remember(turn: Turn, *, kind: FactKind, value: str, decided: QuestionKind) -> None:
    """Keep a person's choice for this company, with who made it."""
    question = (
        Question.objects.filter(operation=turn.operation, kind=decided.value, answered_at__isnull=False)
        .select_related("answered_by")
        .last()
    )
    if question is not None and question.answered_by is not None:
        company_facts.remember(
            company_id=turn.operation.company_id,
            kind=kind,
            value=value,
            decided_by=question.answered_by.login,
            now=turn.now,
        )


class FindAccount:
    """Find the company's account in the CRM."""

    def __init__(self, accounts: AccountsPort | None) -> None:
        self._accounts = accounts

    def prepare(self, turn: Turn) -> Case | Result:
        """Gather what was decided before."""
        return _case(turn, choice=QuestionKind.SEVERAL_ACCOUNTS, fact=FactKind.ACCOUNT)

    def call(self, case: Case) -> Account:
        """Read the account; ask a person when it is not exactly one."""
        return _asking(case, lambda: self._read(case))

    def _read(self, case: Case) -> Account:
        if self._accounts is None:
            raise Rejected("Salesforce is not set up here")
        known = case.chosen or case.remembered
        account = self._accounts.account(account_id=known) if known else None
        if account is None:
            account = self._only_one(case, self._accounts.accounts_of(coid=case.coid, name=case.company_name))
        if not account.account_number:
            raise NeedsAnswer(self._none(case))
        return account

    def _only_one(self, case: Case, accounts: list[Account]) -> Account:
        if len(accounts) > 1:
            raise NeedsAnswer(ask.several_accounts(accounts, time=case.time(QuestionKind.SEVERAL_ACCOUNTS)))
        if not accounts:
            raise NeedsAnswer(self._none(case))
        return accounts[0]

    def _none(self, case: Case) -> Ask:
        return ask.no_account(coid=case.coid, name=case.company_name, time=case.time(QuestionKind.NO_ACCOUNT))

    def conclude(self, turn: Turn, prepared: Case, account: Account) -> Result:
        """Keep what was found, and what a person chose."""
        if prepared.chosen == account.account_id:
            _remember(turn, kind=FactKind.ACCOUNT, value=account.account_id, decided=QuestionKind.SEVERAL_ACCOUNTS)
        evidence = {"read": "Salesforce", "at": turn.now.isoformat(), **ask.account_evidence(account)}
        values = {
            "account_id": account.account_id,
            "account_number": account.account_number,
            "stored_link": account.stored_link,
        }
        return Result(evidence=evidence, values=values)


@dataclass(frozen=True)
class Bill:
    """A subscription and its checked link."""

    subscription: Subscription
    link: str


class FindSubscription:
    """Find the subscription at the shop, build its upgrade link, check it, and compare it with the CRM's copy."""

    def __init__(self, shop: ShopPort | None, account: dict[str, Any]) -> None:
        self._shop = shop
        self._account_number: str = account["account_number"]
        self._stored_link: str = account["stored_link"]

    def prepare(self, turn: Turn) -> Case | Result:
        """Gather what was decided before."""
        return _case(turn, choice=QuestionKind.SEVERAL_SUBSCRIPTIONS, fact=FactKind.SUBSCRIPTION)

    def call(self, case: Case) -> Bill:
        """Read the subscription; ask a person when it, or its link, is not beyond doubt."""
        return _asking(case, lambda: self._read(case))

    def _read(self, case: Case) -> Bill:
        if self._shop is None:
            raise Rejected("the shop (2Checkout) is not set up here")
        reference = self._reference(case, self._shop)
        subscription = self._shop.subscription(reference=reference, account_number=self._account_number)
        if subscription is None:
            raise NeedsAnswer(self._none(case))
        if not subscription.is_upgrade_possible:
            raise NeedsAnswer(ask.upgrade_not_set_up(subscription, time=case.time(QuestionKind.UPGRADE_NOT_SET_UP)))
        link = self._shop.upgrade_link(reference=reference)
        self._check(case, link, reference=reference)
        return Bill(subscription=subscription, link=link)

    def _reference(self, case: Case, shop: ShopPort) -> str:
        active = [found for found in shop.subscriptions_of(account_number=self._account_number) if found.is_active]
        references = {found.reference for found in active}
        for known in (case.chosen, case.remembered):
            if known in references:
                return known
        if not active:
            raise NeedsAnswer(self._none(case))
        if len(active) > 1:
            raise NeedsAnswer(ask.several_subscriptions(active, time=case.time(QuestionKind.SEVERAL_SUBSCRIPTIONS)))
        return active[0].reference

    def _none(self, case: Case) -> Ask:
        return ask.no_subscription(account_number=self._account_number, time=case.time(QuestionKind.NO_SUBSCRIPTION))

    def _check(self, case: Case, link: str, *, reference: str) -> None:
        problems = upgrade_links.check(link, reference=reference, hosts=settings.SHOP_HOSTS)
        if problems:
            raise NeedsAnswer(
                ask.link_not_acceptable(link=link, problems=problems, time=case.time(QuestionKind.LINK_NOT_ACCEPTABLE))
            )
        if not self._stored_link or self._stored_link == case.accepted_link:
            return
        differences = upgrade_links.difference(link, self._stored_link, hosts=settings.SHOP_HOSTS)
        if differences:
            raise NeedsAnswer(
                ask.link_differs(
                    ours=link,
                    theirs=self._stored_link,
                    differences=differences,
                    time=case.time(QuestionKind.LINK_DIFFERS),
                )
            )

    def conclude(self, turn: Turn, prepared: Case, bill: Bill) -> Result:
        """Count what is to be lowered, keep what a person chose, and give the notice its figures."""
        operation, subscription = turn.operation, bill.subscription
        count = self._count(turn, subscription)
        if count.target < 0:
            raise NeedsAnswer(ask.count_unclear(count, time=prepared.time(QuestionKind.COUNT_UNCLEAR)))
        if prepared.chosen == subscription.reference:
            _remember(
                turn,
                kind=FactKind.SUBSCRIPTION,
                value=subscription.reference,
                decided=QuestionKind.SEVERAL_SUBSCRIPTIONS,
            )
        if self._stored_link and prepared.accepted_link == self._stored_link:
            _remember(turn, kind=FactKind.STORED_LINK, value=self._stored_link, decided=QuestionKind.LINK_DIFFERS)
        evidence = {
            "read": "2Checkout",
            "at": turn.now.isoformat(),
            **ask.subscription_evidence(subscription),
            "link": bill.link,
            "link_check": f"host, path and subscription fit; {self._beside_copy(bill.link)}",
            "to_lower": count.unseen,
        }
        values = {
            "subscription": subscription.reference,
            "link": bill.link,
            "quantity": count.quantity,
            "unseen": count.unseen,
            "target": count.target,
            "renews_on": subscription.renews_on.isoformat() if subscription.renews_on else "",
            "lines": shop_lines(operation.pk),
        }
        return Result(evidence=evidence, values=values)

    def _beside_copy(self, link: str) -> str:
        if not self._stored_link:
            return "Salesforce holds no copy"
        if upgrade_links.difference(link, self._stored_link, hosts=settings.SHOP_HOSTS):
            return "Salesforce's copy differs, and a person decided for the shop's"
        return "Salesforce's copy is the same"

    def _count(self, turn: Turn, subscription: Subscription) -> ledger.Count:
        company_id, reference = turn.operation.company_id, subscription.reference
        ledger.record_reading(company_id=company_id, reference=reference, quantity=subscription.quantity, now=turn.now)
        ledger.adopt(company_id=company_id, reference=reference)
        lines = shop_lines(turn.operation.pk)
        if lines:
            ledger.record_decrease(
                company_id=company_id,
                reference=reference,
                operation_id=turn.operation.pk,
                lines=lines,
                now=turn.now,
            )
        return ledger.Count(quantity=subscription.quantity, unseen=ledger.unseen(reference=reference))
