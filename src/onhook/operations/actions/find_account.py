"""The step `find_account`: the company's account in the CRM, by COID, else by exact name."""

from __future__ import annotations

from onhook.billing.channels import FactKind
from onhook.operations.actions import billing_questions as ask
from onhook.operations.actions import vendor_texts
from onhook.operations.actions.billing_case import Case, asking, case_of, remember
from onhook.operations.errors import Ask, NeedsAnswer, Rejected
from onhook.operations.ports import Account, AccountsPort
from onhook.operations.runner import Result, Turn
from onhook.operations.vocabulary import QuestionKind


class FindAccount:
    """Find the company's account in the CRM."""

    def __init__(self, accounts: AccountsPort | None) -> None:
        self._accounts = accounts

    def prepare(self, turn: Turn) -> Case | Result:
        """Gather what was decided before."""
        return case_of(turn, choice=QuestionKind.SEVERAL_ACCOUNTS, fact=FactKind.ACCOUNT)

    def call(self, case: Case) -> Account:
        """Read the account; ask a person when it is not exactly one."""
        return asking(case, lambda: self._read(case))

    def _read(self, case: Case) -> Account:
        if self._accounts is None:
            raise Rejected("Salesforce is not set up here")
        known = case.chosen or case.remembered
        account = self._accounts.account(account_id=known) if known else None
        if account is None or not account.may_be_of(case.coid):
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
            remember(turn, kind=FactKind.ACCOUNT, value=account.account_id, answer=account.account_id)
        evidence = {"read": "Salesforce", "at": turn.now.isoformat(), **ask.account_evidence(account)}
        values = {
            "account_id": account.account_id,
            "account_number": account.account_number,
            "stored_link": account.stored_link,
        }
        return Result(evidence=evidence, values=values)
