"""What a person must decide about the bill: how each doubt comes about at the vendors, and how it is mended there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pytest_django.fixtures import Settings

from emulators.control.launch import RunningEmulator
from onhook.operations.models import Operation
from tests import shop as shops
from tests.integration.operations.looking import lines
from tests.shop import ACCOUNT_ID, REFERENCE, Vendors

OTHER_ACCOUNT_ID = "0018d00000AbCdFAAV"
OTHER_REFERENCE = "ZZ9PLURAL5"
ELSEWHERE = "https://secure.2checkout.com/order/upgrade.php?LICENSE=ZZ9PLURAL5"

Arrange = Callable[[Vendors, Settings], None]


@dataclass(frozen=True)
class Situation:
    """One way in which the bill is in doubt. `choice` is the answer that goes on, where there is one."""

    name: str
    kind: str
    step: str
    arrange: Arrange
    mend: Arrange
    says: str
    choice: str = ""

    def __str__(self) -> str:
        return self.name


def states(operation: Operation) -> list[str]:
    """Return the state of each line of the operation."""
    return [state for state, _ in lines(operation)]


def in_order(vendors: Vendors, settings: Settings) -> None:
    """Mend everything that a person can mend at the vendors, without touching their journals."""
    for emulator in (vendors.vault, vendors.crm, vendors.shop):
        emulator.control.clear_faults()
    vendors.vault.control.seed(shops.vault_document())
    vendors.seed_accounts(shops.account())
    vendors.seed_subscriptions(shops.subscription())
    settings.SHOP_HOSTS = frozenset({vendors.shop_host})


def _accounts(*accounts: dict[str, Any]) -> Arrange:
    return lambda vendors, _: vendors.seed_accounts(*accounts)


def _subscriptions(*subscriptions: dict[str, Any]) -> Arrange:
    return lambda vendors, _: vendors.seed_subscriptions(*subscriptions)


def two_of_one_name() -> list[dict[str, Any]]:
    """Return two accounts that only their numbers tell apart; neither carries a COID."""
    return [
        shops.account(coid=""),
        shops.account(account_id=OTHER_ACCOUNT_ID, number="ACC-2002", coid=""),
    ]


def two_subscriptions() -> list[dict[str, Any]]:
    return [shops.subscription(), shops.subscription(reference=OTHER_REFERENCE, quantity=40)]


def _silent(which: Callable[[Vendors], RunningEmulator]) -> Arrange:
    def arrange(vendors: Vendors, settings: Settings) -> None:
        settings.VENDOR_PATIENCE_SECONDS = 0
        which(vendors).control.add_fault("cut_before", times=None)

    return arrange


def _wrong_password(password_id: int) -> Arrange:
    def arrange(vendors: Vendors, _: Settings) -> None:
        document = shops.vault_document()
        for password in document["passwords"]:
            if password["PasswordID"] == password_id:
                password["Password"] = "rotated-and-not-written-down"
        vendors.vault.control.seed(document)

    return arrange


def _key_refused(vendors: Vendors, _: Settings) -> None:
    vendors.vault.control.call("POST", "rotate_key", {"name": "onhook", "value": "another-key-of-no-real-vault"})


def _other_hosts(_: Vendors, settings: Settings) -> None:
    settings.SHOP_HOSTS = frozenset({"secure.2checkout.com"})


def _account_situations() -> list[Situation]:
    step = "find_account"
    return [
        Situation(
            "no account",
            "no_account",
            step,
            _accounts(shops.account(name="Somebody Else", coid="99")),
            in_order,
            "Salesforce has no account with COID 4711, and none named 'Example Plumbing', that carries",
        ),
        Situation(
            "account without number",
            "no_account",
            step,
            _accounts(shops.account(number="")),
            in_order,
            "Salesforce has no account with COID 4711, and none named 'Example Plumbing', that carries",
        ),
        Situation(
            "two accounts of one name",
            "several_accounts",
            step,
            _accounts(*two_of_one_name()),
            in_order,
            "Salesforce has 2 accounts that may be this company's. Which one is it?",
            choice=ACCOUNT_ID,
        ),
        Situation(
            "CRM silent",
            "vendor_silent",
            step,
            _silent(lambda vendors: vendors.crm),
            in_order,
            "A billing system does not answer: Salesforce",
        ),
        Situation(
            "vault silent",
            "vendor_silent",
            step,
            _silent(lambda vendors: vendors.vault),
            in_order,
            "A billing system does not answer: Passwordstate",
        ),
        Situation(
            "CRM refuses",
            "vendor_refused",
            step,
            _wrong_password(1),
            in_order,
            "A billing system refuses: Salesforce does not sign us in",
        ),
        Situation(
            "vault refuses",
            "vendor_refused",
            step,
            _key_refused,
            in_order,
            "A billing system refuses: Passwordstate refuses our API key",
        ),
    ]


def _shop_situations() -> list[Situation]:
    step = "find_subscription"
    no_upgrade = {**shops.subscription(), "Emulator": {"HasUpgrade": False}}
    return [
        Situation(
            "no subscription",
            "no_subscription",
            step,
            _subscriptions(shops.subscription(number="ACC-2002")),
            in_order,
            "The shop has no active subscription for account number ACC-1001.",
        ),
        Situation(
            "subscription ended",
            "no_subscription",
            step,
            _subscriptions(shops.subscription(status="EXPIRED")),
            in_order,
            "The shop has no active subscription for account number ACC-1001.",
        ),
        Situation(
            "two subscriptions",
            "several_subscriptions",
            step,
            _subscriptions(*two_subscriptions()),
            in_order,
            "The shop has 2 active subscriptions for this account. Which one pays for the lines?",
            choice=REFERENCE,
        ),
        Situation(
            "upgrade not set up",
            "upgrade_not_set_up",
            step,
            _subscriptions(no_upgrade),
            in_order,
            "The shop offers no upgrade for this subscription",
        ),
        Situation(
            "recurring billing off",
            "upgrade_not_set_up",
            step,
            _subscriptions({**shops.subscription(), "RecurringEnabled": False}),
            in_order,
            "The shop does not renew this subscription by itself (recurring billing is off)",
        ),
        Situation(
            "link differs",
            "link_differs",
            step,
            _accounts(shops.account(stored_link=ELSEWHERE)),
            in_order,
            "The upgrade link stored in Salesforce differs from the shop's. The mail is held until somebody decides.",
            choice="use_shop_link",
        ),
        Situation(
            "link not acceptable",
            "link_not_acceptable",
            step,
            _other_hosts,
            in_order,
            "The upgrade link must not be mailed: it leads to a host that is not the shop's",
        ),
        Situation(
            "count unclear",
            "count_unclear",
            step,
            _subscriptions(shops.subscription(quantity=0)),
            in_order,
            "The shop bills 0 lines, but 1 deleted lines are to be lowered there.",
        ),
        Situation(
            "shop silent",
            "vendor_silent",
            step,
            _silent(lambda vendors: vendors.shop),
            in_order,
            "A billing system does not answer: 2Checkout",
        ),
        Situation(
            "shop refuses",
            "vendor_refused",
            step,
            _wrong_password(2),
            in_order,
            "A billing system refuses: 2Checkout refuses our credentials.",
        ),
    ]


SITUATIONS = [*_account_situations(), *_shop_situations()]
