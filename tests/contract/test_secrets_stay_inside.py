"""Canary credentials through every connector, call and fault: nothing that is kept, logged or shown may hold one."""

from __future__ import annotations

import base64
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog.testing

from emulators.control.launch import RunningEmulator
from onhook.connectors.http.client import HttpClient
from onhook.connectors.passwordstate.config import PasswordstateConfig
from onhook.connectors.passwordstate.connector import PasswordstateSecrets
from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.connectors.salesforce.connector import SalesforceAccounts
from onhook.connectors.twocheckout.config import TwoCheckoutConfig
from onhook.connectors.twocheckout.connector import TwoCheckoutShop
from onhook.operations.ports import Secret
from tests.contract.conftest import patient_client
from tests.contract.vendor_faults import FAULTS, VendorFault, end_of

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("canary")]

API_KEY = "canary-api-key-5b1e"
CRM_SECRET, SHOP_KEY = "canary-consumer-secret-9f3c", "canary-secret-key-7d2a"
BOWDEN, REFERENCE = "0018d00000AbCdEAAV", "Q7RK2M9XA4"
# The beginning of every access token the emulated org gives; the rest is made up by it.
TOKEN_BEGINNING = "00Dxx0000000001!AQ"
CANARIES = [API_KEY, CRM_SECRET, SHOP_KEY, TOKEN_BEGINNING]
ACCOUNT = {"merchant_code": "TESTMERCH001", "secret_key": SHOP_KEY}


def needles() -> list[str]:
    """Return the canaries as they are, and as base64 shows them at each of its three offsets."""
    found = list(CANARIES)
    for canary in CANARIES:
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + canary.encode()).decode()
            # The first and last characters depend on what stands around.
            found.append(encoded[4 if offset else 0 : -4])
    return found


def leaks(text: str) -> list[str]:
    return [needle for needle in needles() if needle in text]


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("prefix", ["", "x", "xy"])
def test_scanner_finds_what_is_planted(canary: str, prefix: str) -> None:
    encoded = base64.b64encode(f"{prefix}{canary} and more".encode()).decode()

    assert leaks(f"log line with {canary} in it")
    assert leaks(f"log line with {encoded} in it")
    assert not leaks("log line without any")


@dataclass
class Three:
    """The three connectors, each with a canary, and what they have to say about themselves."""

    secrets: PasswordstateSecrets
    accounts: SalesforceAccounts
    shop: TwoCheckoutShop
    configs: list[object] = field(default_factory=list)

    def calls(self) -> dict[str, Callable[[], object]]:
        return {
            "lease by id": lambda: self.secrets.lease("1"),
            "lease by title": lambda: self.secrets.lease("Shop"),
            "accounts_of": lambda: self.accounts.accounts_of(coid=4711, name="Example Plumbing"),
            "account": lambda: self.accounts.account(account_id=BOWDEN),
            "accounts check": self.accounts.check,
            "subscriptions_of": lambda: self.shop.subscriptions_of(account_number="ACC-1001"),
            "subscription": lambda: self.shop.subscription(reference=REFERENCE, account_number="ACC-1001"),
            "shop check": self.shop.check,
        }


@pytest.fixture
def emulators(
    vault_process: RunningEmulator, crm_process: RunningEmulator, shop_process: RunningEmulator
) -> list[RunningEmulator]:
    seeds: list[dict[str, Any]] = [
        {
            "lists": [{"PasswordListID": 8, "PasswordList": "Automation"}],
            "passwords": [
                {"PasswordID": 1, "PasswordListID": 8, "Title": "Crm", "UserName": "key", "Password": CRM_SECRET},
                {
                    "PasswordID": 2,
                    "PasswordListID": 8,
                    "Title": "Shop",
                    "UserName": "TESTMERCH001",
                    "Password": SHOP_KEY,
                },
            ],
            "keys": [{"name": "automation", "value": API_KEY, "lists": [8]}],
        },
        {
            "clients": [{"consumer_key": "key", "consumer_secret": CRM_SECRET}],
            "accounts": [{"Id": BOWDEN, "Name": "Example Plumbing", "AccountNumber": "ACC-1001"}],
        },
        {
            "account": ACCOUNT,
            "subscriptions": [
                {
                    "SubscriptionReference": REFERENCE,
                    "Product": {"ProductCode": "P", "ProductName": "Plan", "ProductQuantity": 3},
                    "ExternalCustomerReference": "ACC-1001",
                }
            ],
        },
    ]
    processes = [vault_process, crm_process, shop_process]
    for process, seed in zip(processes, seeds, strict=True):
        process.control.reset()
        process.control.seed(seed)
    return processes


@pytest.fixture
def three(emulators: list[RunningEmulator]) -> Three:
    vault, crm, shop = emulators

    def client(system: str, emulator: RunningEmulator) -> HttpClient:
        return patient_client(system=system, ca_file=emulator.ca_file)

    vault_config = PasswordstateConfig(
        base_url=f"{vault.http}/api", api_key=API_KEY, ca_file=vault.ca_file, deadline_seconds=0.7
    )
    crm_config = SalesforceConfig(
        base_url=crm.http, secret_reference="1", coid_label="", ca_file=crm.ca_file, deadline_seconds=0.7
    )
    shop_config = TwoCheckoutConfig(
        base_url=f"{shop.http}/rest/6.0", secret_reference="2", ca_file=shop.ca_file, deadline_seconds=0.7
    )
    secrets = PasswordstateSecrets(config=vault_config, http=client("Passwordstate", vault))
    return Three(
        secrets=secrets,
        accounts=SalesforceAccounts(config=crm_config, secrets=secrets, http=client("Salesforce", crm)),
        shop=TwoCheckoutShop(config=shop_config, secrets=secrets, http=client("2Checkout", shop)),
        configs=[vault_config, crm_config, shop_config],
    )


@pytest.fixture
def library_logs() -> Iterator[io.StringIO]:
    """Give all that any library logs, at the lowest level there is."""
    written, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def everything_about(error: BaseException | None) -> str:
    """Return an error with all behind it as the most talkative formatter would show it, locals included."""
    if error is None:
        return ""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    hidden = everything_about(error.__context__) if error.__suppress_context__ else ""
    return "".join([repr(error), repr(vars(error)), *shown, hidden])


# Enough of each kind: what goes wrong before the answer, in it, by its status and by its content.
SAMPLE = ["delay", "cut after effect", "truncated body", "huge body", "redirect", "expired token", "status 401"]
SAMPLE += ["status 403", "status 500", "html", "body object", "body deep", "body list of objects"]


@pytest.mark.parametrize("is_signed_in", [False, True], ids=["before the sign-in", "after the sign-in"])
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if str(fault) in SAMPLE], ids=str)
def test_no_secret_leaves_a_connector(
    three: Three,
    emulators: list[RunningEmulator],
    library_logs: io.StringIO,
    fault: VendorFault,
    is_signed_in: bool,
) -> None:
    if is_signed_in:
        for call in three.calls().values():
            assert end_of(call).outcome is None
        three.secrets.drop("1")
    for emulator in emulators:
        fault.strike(emulator, path="^/(?!_control)")

    with structlog.testing.capture_logs() as lines:
        ends = {name: end_of(call) for name, call in three.calls().items()}

    assert any(end.outcome for end in ends.values())
    assert [end.accident for end in ends.values() if end.accident] == []
    told = json.dumps(lines, default=repr) + library_logs.getvalue() + repr((three, three.configs))
    told += "".join(everything_about(end.outcome) + str(end.outcome) for end in ends.values())
    told += "".join(repr(end.value) for end in ends.values() if not isinstance(end.value, Secret))
    assert leaks(told) == []


def test_no_secret_is_in_what_succeeds(
    three: Three, emulators: list[RunningEmulator], library_logs: io.StringIO
) -> None:
    with structlog.testing.capture_logs() as lines:
        ends = {name: end_of(call) for name, call in three.calls().items()}

    assert [end.outcome or end.accident for end in ends.values()] == [None] * len(ends)
    journals = repr([emulator.control.journal() for emulator in emulators])
    told = json.dumps(lines, default=repr) + library_logs.getvalue() + repr((three, ends, lines)) + journals
    assert leaks(told) == []
    assert lines, "the calls were not logged at all"


def test_secrets_come_through_but_only_where_they_are_for(three: Three) -> None:
    """What the other tests look for is really there: otherwise they would prove nothing."""
    leased = three.secrets.lease("1")

    assert leased.value == CRM_SECRET
    assert leaks(leased.value) == [CRM_SECRET]
