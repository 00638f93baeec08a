"""One vault for the whole module, seeded anew before each test."""

import ssl
from collections.abc import Iterator

import httpx
import pytest

from emulators.control import launch
from emulators.control.launch import RunningEmulator

AUTOMATION, EMPTY, FINANCE = 88, 89, 90
LIST_KEY, GENERAL_KEY = "list-key-0123456789abcdef", "general-key-0123456789abcdef"

SEED = {
    "lists": [
        {"PasswordListID": AUTOMATION, "PasswordList": "Automation", "OneTimePasswords": True},
        {"PasswordListID": EMPTY, "PasswordList": "Empty"},
        {"PasswordListID": FINANCE, "PasswordList": "Finance", "ProvideAccessReason": True},
    ],
    "passwords": [
        {
            "PasswordID": 4711,
            "PasswordListID": AUTOMATION,
            "Title": "Salesforce",
            "UserName": "consumer-key",
            "Description": "External client app",
            "GenericField1": "https://example.my.salesforce.com",
            "GenericFieldInfo": [{"GenericFieldID": "GenericField1", "DisplayName": "Login URL"}],
            "Password": "not-a-real-secret-1",
        },
        {
            "PasswordID": 4712,
            "PasswordListID": AUTOMATION,
            "Title": "Salesforce sandbox",
            "UserName": "sandbox-key",
            "Password": "not-a-real-secret-2",
            # The secret of RFC 6238's own test vectors.
            "OTPUri": "otpauth://totp/Example:svc?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example",
        },
        # Its number is also the Automation list's: the QueryAll trap.
        {
            "PasswordID": AUTOMATION,
            "PasswordListID": FINANCE,
            "Title": "Ledger",
            "UserName": "ledger",
            "Password": "not-a-real-secret-3",
        },
    ],
    "keys": [
        {"name": "automation", "value": LIST_KEY, "lists": [AUTOMATION, EMPTY]},
        {"name": "general", "value": GENERAL_KEY, "lists": None},
        {"name": "writer", "value": "write-key", "lists": [AUTOMATION], "calls": ["add"]},
    ],
}


@pytest.fixture(scope="module")
def vault_process() -> Iterator[RunningEmulator]:
    with launch.running("passwordstate") as emulator:
        yield emulator


@pytest.fixture
def vault(vault_process: RunningEmulator) -> RunningEmulator:
    vault_process.control.reset()
    vault_process.control.seed(SEED)
    return vault_process


@pytest.fixture(scope="module")
def certificates() -> ssl.SSLContext:
    """Give one context for all clients: reading the certificates is what making a client costs."""
    return ssl.create_default_context()


@pytest.fixture
def http(vault: RunningEmulator, certificates: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Give a client with the list key and a reason."""
    headers = {"APIKey": LIST_KEY, "Reason": "run 7"}
    with httpx.Client(base_url=vault.http, headers=headers, trust_env=False, timeout=10, verify=certificates) as client:
        yield client
