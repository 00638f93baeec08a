"""Find account, subscription and upgrade link for the shop channel, after the lines are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings

from onhook.billing import company_facts, ledger, upgrade_links
from onhook.billing.channels import Channel, FactKind
from onhook.operations.actions import billing_questions as ask
from onhook.operations.actions import vendor_texts
from onhook.operations.choices import TRY_AGAIN, WITHOUT_LINK
from onhook.operations.errors import Ask, NeedsAnswer, Rejected, Retryable
from onhook.operations.models import Notice, Operation, OperationItem, Question
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
    if not concerns_shop(runner.operation_id) or _is_notice_written(runner.operation_id):
        return {}
    account = runner.perform_outside(StepName.FIND_ACCOUNT, FindAccount(ports.accounts))
    if account.get("without_link"):
        return account
    return runner.perform_outside(StepName.FIND_SUBSCRIPTION, FindSubscription(ports, account))


def concerns_shop(operation_id: Any) -> bool:
    """Whether the shop bills lines that this operation deleted, or it is about the shop's bill itself."""
    if Operation.objects.filter(pk=operation_id, action=Action.SEND_BILLING_LINK.value).exists():
        return True
    return shop_lines(operation_id) > 0


def _is_notice_written(operation_id: Any) -> bool:
    """Whether the run was started anew after its mail was written: its words are fixed, so nothing is left to find."""
    return Notice.objects.filter(operation_id=operation_id).exists()


def shop_lines(operation_id: Any) -> int:
    """Return how many verified lines of the operation the shop bills."""
    return OperationItem.objects.filter(
        operation_id=operation_id, channel=Channel.SHOP.value, state=ItemState.VERIFIED.value
    ).count()


@dataclass(frozen=True)
class Case:
    """
    What is known before a billing system is asked: the company, earlier decisions, and how patient to be.

    `looks_again`: a person said that something is mended, so what an earlier step read may be mended too.
    """

    coid: int
    company_name: str
    asked_at: datetime
    chosen: str
    remembered: str
    accepted_link: str
    times: dict[str, int]
    looks_again: bool
    has_removed_lines: bool
    is_patience_over: bool

    def time(self, kind: QuestionKind) -> int:
        """Return which time this kind of question would be asked, from 1."""
        return self.times.get(kind.value, 0) + 1


def _case(turn: Turn, *, choice: QuestionKind, fact: FactKind) -> Case | Result:
    """Return the case, or the step's result when a person said to go on without a link."""
    operation = turn.operation
    asked = Question.objects.filter(operation=operation, answered_at__isnull=False).order_by("answered_at", "pk")
    answered = [question for question in asked if question.step == turn.step.name]
    if any(question.answer == WITHOUT_LINK for question in answered):
        return _without_link(turn)
    company_id, stored = operation.company_id, FactKind.STORED_LINK
    chosen = [question.answer for question in answered if question.kind == choice and question.answer != TRY_AGAIN]
    accepted = [
        question.evidence.get("salesforce_link", "") for question in answered if question.answer == ask.USE_SHOP_LINK
    ]
    since = max([turn.step.started_at, *(question.answered_at for question in answered if question.answered_at)])
    return Case(
        coid=company_id,
        company_name=operation.company.name,
        asked_at=turn.now,
        chosen=chosen[-1] if chosen else "",
        remembered=company_facts.recall(company_id=company_id, kind=fact),
        accepted_link=accepted[-1] if accepted else company_facts.recall(company_id=company_id, kind=stored),
        # Over all steps: both may ask the same kind, and a question is known by its kind and time within the operation.
        times=Counter(question.kind for question in asked),
        looks_again=any(question.answer == TRY_AGAIN for question in answered),
        has_removed_lines=operation.action != Action.SEND_BILLING_LINK,
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
    except NeedsAnswer as need:
        question = need.ask
    raise _question(case, question)


def _question(case: Case, question: Ask) -> NeedsAnswer:
    return NeedsAnswer(ask.told_what_is_done(question, has_removed_lines=case.has_removed_lines))


def _remember(turn: Turn, *, kind: FactKind, value: str, answer: str) -> None:
    """Keep a person's choice for this company, with who made it: the last one who answered so in this step."""
    question = (
        Question.objects.filter(operation=turn.operation, step=turn.step.name, answer=answer)
        .select_related("answered_by")
        .order_by("answered_at", "pk")
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
            found = self._accounts.accounts_of(coid=case.coid, name=case.company_name)
            account = self._only_one(case, [vendor_texts.account(one) for one in found])
        if not account.account_number:
            raise NeedsAnswer(self._none(case))
        return vendor_texts.account(account)

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
            _remember(turn, kind=FactKind.ACCOUNT, value=account.account_id, answer=account.account_id)
        evidence = {"read": "Salesforce", "at": turn.now.isoformat(), **ask.account_evidence(account)}
        values = {
            "account_id": account.account_id,
            "account_number": account.account_number,
            "stored_link": account.stored_link,
        }
        return Result(evidence=evidence, values=values)


@dataclass(frozen=True)
class Payer:
    """The account as far as the shop step needs it."""

    account_id: str
    account_number: str
    stored_link: str


@dataclass(frozen=True)
class Bill:
    """A subscription, its checked link, and the account that pays for it."""

    payer: Payer
    subscription: Subscription
    link: str


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
        return _case(turn, choice=QuestionKind.SEVERAL_SUBSCRIPTIONS, fact=FactKind.SUBSCRIPTION)

    def call(self, case: Case) -> Bill:
        """Read the subscription; ask a person when it, or its link, is not beyond doubt."""
        return _asking(case, lambda: self._read(case))

    def _read(self, case: Case) -> Bill:
        if self._shop is None:
            raise Rejected("the shop (2Checkout) is not set up here")
        payer = self._payer_now(case)
        reference = self._reference(case, self._shop, payer)
        subscription = self._shop.subscription(reference=reference, account_number=payer.account_number)
        if subscription is None:
            raise NeedsAnswer(self._none(case, payer))
        if not subscription.is_upgrade_possible:
            subscription = vendor_texts.subscription(subscription)
            raise NeedsAnswer(ask.upgrade_not_set_up(subscription, time=case.time(QuestionKind.UPGRADE_NOT_SET_UP)))
        link = self._shop.upgrade_link(reference=reference)
        self._check(case, link, reference=reference, stored=payer.stored_link)
        return Bill(payer=payer, subscription=vendor_texts.subscription(subscription), link=link)

    def _payer_now(self, case: Case) -> Payer:
        """Return the account, read anew when a person mended something: number and link are kept in the CRM."""
        if not case.looks_again or self._accounts is None:
            return self._payer
        account = self._accounts.account(account_id=self._payer.account_id)
        if account is None or not account.account_number:
            time = case.time(QuestionKind.NO_ACCOUNT)
            raise NeedsAnswer(ask.no_account(coid=case.coid, name=case.company_name, time=time))
        account = vendor_texts.account(account)
        return Payer(account.account_id, account.account_number, account.stored_link)

    def _reference(self, case: Case, shop: ShopPort, payer: Payer) -> str:
        found = shop.subscriptions_of(account_number=payer.account_number)
        active = [vendor_texts.subscription(one) for one in found if one.is_active]
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
        if count.target < 0:
            raise _question(prepared, ask.count_unclear(count, time=prepared.time(QuestionKind.COUNT_UNCLEAR)))
        self._keep_choices(turn, prepared, bill)
        evidence = {
            "read": "2Checkout",
            "at": turn.now.isoformat(),
            "account_number": bill.payer.account_number,
            **ask.subscription_evidence(subscription),
            "link": bill.link,
            "link_check": self._link_check(bill),
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

    @staticmethod
    def _keep_choices(turn: Turn, case: Case, bill: Bill) -> None:
        reference, stored = bill.subscription.reference, bill.payer.stored_link
        if case.chosen == reference:
            _remember(turn, kind=FactKind.SUBSCRIPTION, value=reference, answer=reference)
        if stored and case.accepted_link == stored:
            _remember(turn, kind=FactKind.STORED_LINK, value=stored, answer=ask.USE_SHOP_LINK)

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
            )
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
        return ledger.Count(quantity=subscription.quantity, unseen=ledger.unseen(reference=reference))
