"""One org for the whole module, seeded anew before each test."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from emulators.control import launch
from emulators.control.launch import RunningEmulator

KEY, SECRET = "consumer-key", "not-a-real-secret"
V = "/services/data/v68.0"
BOWDEN, PLUMBING, GONE = "0018d00000AbCdEAAV", "001xx0000000002AAA", "001zZ9aBcD0EfGhQUK"
LINK = "X2Checkout_upgrade_link__c"

SEED = {
    "clients": [{"consumer_key": KEY, "consumer_secret": SECRET}],
    "accounts": [
        {
            "Id": BOWDEN,
            "Name": "Bowden & O'Neil Example Ltd",
            "AccountNumber": "CN-100482",
            LINK: "https://secure.example/order/upgrade.php?LICENSE=A1",
        },
        {"Name": "Example Plumbing", "AccountNumber": "CN-100483"},
        {"Name": "Example Painting"},
        {"Id": GONE, "Name": "Example Gone", "IsDeleted": True},
    ],
}


class App:
    """An external client app with a certificate."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
        self.certificate = (
            x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
            .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
            .sign(self.key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
            .decode()
        )

    @property
    def private_key(self) -> str:
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


@pytest.fixture(scope="module")
def new_app() -> App:
    return App()


@pytest.fixture(scope="module")
def org_process() -> Iterator[RunningEmulator]:
    with launch.running("salesforce") as emulator:
        yield emulator


@pytest.fixture
def org(org_process: RunningEmulator) -> RunningEmulator:
    org_process.control.reset()
    org_process.control.seed(SEED)
    return org_process


@pytest.fixture(scope="module")
def certificates() -> ssl.SSLContext:
    """Give one context for all clients: reading the certificates is what making a client costs."""
    return ssl.create_default_context()


@pytest.fixture
def anyone(org: RunningEmulator, certificates: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Give a client that has not signed in."""
    with httpx.Client(base_url=org.http, trust_env=False, timeout=10, verify=certificates) as client:
        yield client


@pytest.fixture
def http(anyone: httpx.Client) -> httpx.Client:
    """Give a client that has signed in."""
    form = {"grant_type": "client_credentials", "client_id": KEY, "client_secret": SECRET}
    token = anyone.post("/services/oauth2/token", data=form).json()["access_token"]
    anyone.headers["Authorization"] = f"Bearer {token}"
    return anyone


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Give the status and the code of an error answer that has exactly one problem in its array."""
    (only,) = answer.json()
    assert only["message"]
    return answer.status_code, only["errorCode"]
