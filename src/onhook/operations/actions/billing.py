"""Find account, subscription and upgrade link for the shop channel, after the lines are gone."""

from __future__ import annotations

from typing import Any

from onhook.operations.actions.billing_case import shop_lines
from onhook.operations.actions.find_account import FindAccount
from onhook.operations.actions.find_subscription import FindSubscription
from onhook.operations.models import Notice, Operation
from onhook.operations.ports import Ports
from onhook.operations.runner import Runner
from onhook.operations.vocabulary import Action, StepName


def find(runner: Runner, *, ports: Ports) -> dict[str, Any]:
    """
    Return what the notice needs of the bill: nothing where the shop does not bill, else link and count.

    1. `find_account`: in the CRM, by COID, else by exact name.
    2. `find_subscription`: at the shop, by account number; link built, checked, compared with the CRM's copy.
    """
    if not concerns_shop(runner.operation) or _is_notice_written(runner.operation):
        return {}
    account = runner.perform_outside(StepName.FIND_ACCOUNT, FindAccount(ports.accounts))
    if account.get("without_link"):
        return account
    return runner.perform_outside(StepName.FIND_SUBSCRIPTION, FindSubscription(ports, account))


def concerns_shop(operation: Operation) -> bool:
    """Whether the shop bills lines that this operation deleted, or it is about the shop's bill itself."""
    return operation.action == Action.SEND_BILLING_LINK or shop_lines(operation.pk) > 0


def _is_notice_written(operation: Operation) -> bool:
    """Whether the run was started anew after its mail was written: its words are fixed, so nothing is left to find."""
    return Notice.objects.filter(operation=operation).exists()
