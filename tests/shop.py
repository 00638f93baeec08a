"""The shop channel's outside for tests: vault, CRM and shop as real processes over TLS, with our own connectors."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from emulators.control import launch
from emulators.control.launch import RunningEmulator
from onhook.connectors.http import trust
from onhook.connectors.http.client import HttpClient
from onhook.connectors.passwordstate.config import PasswordstateConfig
from onhook.connectors.passwordstate.connector import PasswordstateSecrets
from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.connectors.salesforce.connector import SalesforceAccounts
from onhook.connectors.twocheckout.config import TwoCheckoutConfig
from onhook.connectors.twocheckout.connector import TwoCheckoutShop
from onhook.operations.ports import Ports
from tests.world import World

MERCHANT, SECRET_KEY = "EXAMPLESHOP", "shop-secret-of-no-real-shop"
CONSUMER, CONSUMER_SECRET = "consumer-key-of-no-real-org", "consumer-secret-of-no-real-org"
VAULT_KEY = "vault-key-of-no-real-vault"
ACCOUNT_ID = "0018d00000AbCdEAAV"
ACCOUNT_NUMBER = "ACC-1001"
REFERENCE = "Q7RK2M9XA4"
LINK_FIELD = "X2Checkout_upgrade_link__c"


@dataclass(frozen=True)
class Vendors:
    """The three running systems."""

    vault: RunningEmulator
    crm: RunningEmulator
    shop: RunningEmulator

    @property
    def shop_host(self) -> str:
        return self.shop.http.removeprefix("https://")

    @property
    def link(self) -> str:
        """The true upgrade link of the seeded subscription."""
        return f"{self.shop.http}/order/upgrade.php?LICENSE={REFERENCE}"

    def settings(self, folder: Path) -> dict[str, str]:
        """Return the settings of an installation that uses these systems; their authorities go into a file there."""
        every = (self.vault, self.crm, self.shop)
        authorities = folder / "authorities.pem"
        authorities.write_bytes(b"".join(emulator.ca_file.read_bytes() for emulator in every if emulator.ca_file))
        return {
            "CA_FILE": str(authorities),
            "PASSWORDSTATE_URL": f"{self.vault.http}/api",
            "PASSWORDSTATE_KEY": VAULT_KEY,
            "SALESFORCE_URL": self.crm.http,
            "SALESFORCE_SECRET": "Salesforce integration",
            "TWOCHECKOUT_URL": f"{self.shop.http}/rest/6.0",
            "TWOCHECKOUT_SHOP_URL": self.shop.http,
            "TWOCHECKOUT_SECRET": "2Checkout API",
        }

    def seed(self, *, quantity: int = 12, stored_link: str = "") -> None:
        """Put everything in order: one company, one account, one subscription, nothing in doubt."""
        for emulator in (self.vault, self.crm, self.shop):
            emulator.control.reset()
        self.vault.control.seed(vault_document())
        self.seed_accounts(account(stored_link=stored_link))
        self.seed_subscriptions(subscription(quantity=quantity))

    def seed_accounts(self, *accounts: dict[str, Any]) -> None:
        fields = [
            {"name": "COID__c", "label": "COID", "type": "string", "length": 20},
            {"name": LINK_FIELD, "label": "2Checkout upgrade link", "type": "url", "length": 255},
        ]
        clients = [{"consumer_key": CONSUMER, "consumer_secret": CONSUMER_SECRET, "certificate": ""}]
        self.crm.control.seed({"clients": clients, "fields": fields, "accounts": list(accounts)})

    def seed_subscriptions(self, *subscriptions: dict[str, Any]) -> None:
        self.shop.control.seed(
            {"account": {"merchant_code": MERCHANT, "secret_key": SECRET_KEY}, "subscriptions": list(subscriptions)}
        )


def vault_document() -> dict[str, Any]:
    passwords = [
        {"PasswordID": 1, "Title": "Salesforce integration", "UserName": CONSUMER, "Password": CONSUMER_SECRET},
        {"PasswordID": 2, "Title": "2Checkout API", "UserName": MERCHANT, "Password": SECRET_KEY},
    ]
    return {
        "lists": [{"PasswordListID": 88, "PasswordList": "Automation"}],
        "passwords": [{**password, "PasswordListID": 88} for password in passwords],
        "keys": [{"name": "onhook", "value": VAULT_KEY, "lists": [88], "calls": ["read"]}],
    }


def account(
    *,
    account_id: str = ACCOUNT_ID,
    name: str = "Example Plumbing",
    number: str = ACCOUNT_NUMBER,
    coid: str = "4711",
    stored_link: str = "",
) -> dict[str, Any]:
    return {"Id": account_id, "Name": name, "AccountNumber": number, "COID__c": coid, LINK_FIELD: stored_link}


def subscription(
    *, reference: str = REFERENCE, number: str = ACCOUNT_NUMBER, quantity: int = 12, status: str = "ACTIVE"
) -> dict[str, Any]:
    return {
        "SubscriptionReference": reference,
        "ExternalCustomerReference": number,
        "ExpirationDate": "2027-03-01",
        "Status": status,
        "Product": {"ProductCode": "DEVICE_PLAN", "ProductName": "Device plan", "ProductQuantity": quantity},
    }


@contextmanager
def running(folder: Path) -> Iterator[Vendors]:
    """Start the three systems, each with its own certificate authority below `folder`."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(launch.running(name, arguments=["--tls-folder", str(folder / name)]))
            for name in ("passwordstate", "salesforce", "twocheckout")
        ]
        yield Vendors(*started)


@cache
def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Give one context for all connectors of a process: reading the certificates is what making them costs."""
    return trust.context(ca_file=ca_file)


def connect(vendors: Vendors, *, sleep: Any = lambda _seconds: None, deadline_seconds: float = 30) -> dict[str, Any]:
    """
    Return the product's connectors to these systems; pauses between tries are not really waited for.

    The deadline is long, so that a busy machine does not look like a slow vendor; a test of one gives its own.
    """

    def http(system: str, emulator: RunningEmulator) -> HttpClient:
        return HttpClient(system=system, trust=_trusting(emulator.ca_file), sleep=sleep)

    secrets = PasswordstateSecrets(
        config=PasswordstateConfig(
            base_url=f"{vendors.vault.http}/api",
            api_key=VAULT_KEY,
            ca_file=vendors.vault.ca_file,
            deadline_seconds=deadline_seconds,
        ),
        http=http("Passwordstate", vendors.vault),
    )
    accounts = SalesforceAccounts(
        config=SalesforceConfig(
            base_url=vendors.crm.http,
            secret_reference="Salesforce integration",
            ca_file=vendors.crm.ca_file,
            deadline_seconds=deadline_seconds,
        ),
        secrets=secrets,
        http=http("Salesforce", vendors.crm),
    )
    shop = TwoCheckoutShop(
        config=TwoCheckoutConfig(
            base_url=f"{vendors.shop.http}/rest/6.0",
            shop_url=vendors.shop.http,
            secret_reference="2Checkout API",
            ca_file=vendors.shop.ca_file,
            deadline_seconds=deadline_seconds,
        ),
        secrets=secrets,
        http=http("2Checkout", vendors.shop),
    )
    return {"accounts": accounts, "shop": shop}


def join(world: World, vendors: Vendors) -> World:
    """Give the world's ports the vendors beside its mailbox."""
    return replace(world, ports=Ports(mail=world.ports.mail, **connect(vendors)))
