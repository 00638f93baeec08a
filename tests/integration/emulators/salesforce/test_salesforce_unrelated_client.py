"""A client that others wrote, unmodified, over TLS: simple-salesforce."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from emulators.control import launch
from emulators.control.launch import RunningEmulator
from tests.integration.emulators.salesforce.conftest import BOWDEN, GONE, KEY, LINK, SECRET, SEED, App

pytestmark = pytest.mark.emulator

INSTANCE = "https://example.my.salesforce.com"


class Rerouted(HTTPAdapter):
    """Brings what is meant for the org's host to the emulator; TLS is checked against the emulator's name."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._host = urlsplit(address).netloc

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        _, _, path, query, _ = urlsplit(str(request.url))
        request.url = urlunsplit(("https", self._host, path, query, ""))
        return super().send(request, *args, **kwargs)


@pytest.fixture(scope="module")
def org_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    folder = tmp_path_factory.mktemp("tls")
    with launch.running("salesforce", arguments=["--tls-folder", str(folder)]) as emulator:
        yield emulator


@pytest.fixture
def org(org_process: RunningEmulator) -> RunningEmulator:
    org_process.control.reset()
    org_process.control.seed({**SEED, "settings": {"instance_url": INSTANCE}})
    return org_process


@pytest.fixture
def session(org: RunningEmulator) -> Iterator[requests.Session]:
    with requests.Session() as session:
        # Else certificates and proxies of the environment come before these.
        session.trust_env = False
        session.verify = str(org.ca_file)
        session.mount(INSTANCE, Rerouted(org.http))
        yield session


@pytest.fixture
def salesforce(session: requests.Session) -> Salesforce:
    return Salesforce(consumer_key=KEY, consumer_secret=SECRET, domain="example.my", session=session, version="68.0")


def test_signing_in_gives_instance_and_token(org: RunningEmulator, salesforce: Salesforce) -> None:
    assert (salesforce.sf_instance, salesforce.auth_type) == ("example.my.salesforce.com", "client-credentials")
    assert [call.auth for call in org.control.journal()] == ["passed"]


def test_app_with_a_certificate_signs_in_without_a_secret(
    org: RunningEmulator, session: requests.Session, new_app: App
) -> None:
    client = {"consumer_key": KEY, "consumer_secret": SECRET, "certificate": new_app.certificate}
    org.control.seed({**SEED, "clients": [client], "settings": {"instance_url": INSTANCE}})

    salesforce = Salesforce(
        username="integration@org.example",
        consumer_key=KEY,
        privatekey=new_app.private_key,
        domain="example.my",
        session=session,
    )

    assert salesforce.auth_type == "jwt-bearer"
    assert salesforce.Account.get(BOWDEN)["AccountNumber"] == "CN-100482"


def test_wrong_secret_and_missing_description_are_understood(org: RunningEmulator, session: requests.Session) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
        Salesforce(consumer_key=KEY, consumer_secret="wrong", domain="example.my", session=session)
    org.control.call("POST", "settings", {"sign_in_error": "inactive_org"})
    with pytest.raises(SalesforceAuthenticationFailed, match="inactive_org"):
        Salesforce(consumer_key=KEY, consumer_secret=SECRET, domain="example.my", session=session)


def test_account_is_found_by_a_name_the_client_escapes(salesforce: Salesforce) -> None:
    soql = "SELECT Id, Name, AccountNumber FROM Account WHERE Name = {}"

    (record,) = salesforce.query(format_soql(soql, "bowden & o'neil example ltd"))["records"]

    assert (record["Id"], record["AccountNumber"]) == (BOWDEN, "CN-100482")


def test_hostile_name_widens_nothing(salesforce: Salesforce) -> None:
    hostile = "x' OR Name LIKE '%"

    found = salesforce.query(format_soql("SELECT Id FROM Account WHERE Name = {}", hostile))
    like = salesforce.query(format_soql("SELECT Id FROM Account WHERE Name LIKE '{:like}%'", "Example_"))

    assert (found["totalSize"], like["totalSize"]) == (0, 0)


def test_pages_are_followed_to_the_end(org: RunningEmulator, salesforce: Salesforce) -> None:
    org.control.call("POST", "settings", {"rows_per_page": 1})

    everyone = salesforce.query_all("SELECT Name FROM Account ORDER BY Name")
    with_deleted = salesforce.query_all("SELECT Id FROM Account", include_deleted=True)

    assert [record["Name"] for record in everyone["records"]] == [
        "Bowden & O'Neil Example Ltd",
        "Example Painting",
        "Example Plumbing",
    ]
    assert GONE in [record["Id"] for record in with_deleted["records"]]


def test_record_is_described_read_created_and_updated(salesforce: Salesforce) -> None:
    fields = {field["name"]: field["label"] for field in salesforce.Account.describe()["fields"]}
    created = salesforce.Account.create({"Name": "Example Roofing"})
    status = salesforce.Account.update(created["id"], {LINK: "https://secure.example/"})

    assert fields[LINK] == "2Checkout upgrade link"
    assert status == 204
    assert salesforce.Account.get(created["id"])[LINK] == "https://secure.example/"
    assert salesforce.describe()["sobjects"][0]["name"] == "Account"
    assert salesforce.Account.metadata()["objectDescribe"]["name"] == "Account"
    assert salesforce.oauth2("userinfo")["organization_id"] == "00Dxx0000000001EAA"


def test_usage_is_understood_in_every_variant(org: RunningEmulator, salesforce: Salesforce) -> None:
    used, total = salesforce.limits() and salesforce.api_usage["api-usage"]
    org.control.call("POST", "settings", {"shows_bursts": True, "shows_per_app_usage": True})
    salesforce.limits()

    assert (used, total) == (1, 5000)
    assert salesforce.api_usage["api-usage"].used == 2
    assert salesforce.api_usage["per-app-api-usage"].name == "onhook"


def test_expired_session_is_renewed_by_the_client(org: RunningEmulator, salesforce: Salesforce) -> None:
    org.control.call("POST", "end_sessions", {})

    assert salesforce.query("SELECT Id FROM Account LIMIT 1")["totalSize"] == 1
    paths = [(call.path.split("/")[-1] or "query", call.auth) for call in org.control.journal()]
    assert paths == [("token", "passed"), ("query", "refused"), ("token", "passed"), ("query", "passed")]


def test_errors_become_the_clients_own(org: RunningEmulator, salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        salesforce.query("SELECT Id FROM Account WHERE Name = 'a\\q'")
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.get("001000000000001")
    org.control.call("POST", "settings", {"limit_exceeded": "daily"})
    with pytest.raises(SalesforceRefusedRequest) as refused:
        salesforce.limits()
    org.control.call("POST", "settings", {"limit_exceeded": "", "refuses_sessions": True})
    with pytest.raises(SalesforceExpiredSession):
        salesforce.query("SELECT Id FROM Account")

    assert malformed.value.content[0]["errorCode"] == "MALFORMED_QUERY"
    assert refused.value.content[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_own_token_works_without_any_rerouting(org: RunningEmulator, salesforce: Salesforce) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(org.ca_file)
        direct = Salesforce(session_id=salesforce.session_id, instance_url=org.http, session=session, version="68.0")

        assert direct.Account.get(BOWDEN)["Name"] == "Bowden & O'Neil Example Ltd"


def test_certificate_of_another_authority_is_refused(session: requests.Session, tmp_path: Path) -> None:
    with launch.running("salesforce", arguments=["--tls-folder", str(tmp_path)]) as other:
        address = f"{other.http}/services/data"

        with pytest.raises(requests.exceptions.SSLError):
            session.get(address)
