"""The token endpoint, sessions, and what needs none."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from emulators.control.client import ControlError
from emulators.control.launch import RunningEmulator
from tests.integration.emulators.salesforce.conftest import BOWDEN, KEY, SECRET, SEED, App, V, problem

pytestmark = pytest.mark.emulator

TOKEN = "/services/oauth2/token"
GRANT = {"grant_type": "client_credentials"}
IN_BODY = {**GRANT, "client_id": KEY, "client_secret": SECRET}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def refused(answer: httpx.Response) -> tuple[int, dict[str, str]]:
    return answer.status_code, answer.json()


def works(http: httpx.Client, token: str) -> bool:
    answer = http.get(f"{V}/limits", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


def test_secret_is_taken_from_the_body_or_the_header(org: RunningEmulator, anyone: httpx.Client) -> None:
    body = anyone.post(TOKEN, data=IN_BODY)
    header = anyone.post(TOKEN + "/", data=GRANT, auth=(KEY, SECRET))

    assert works(anyone, body.json()["access_token"])
    assert works(anyone, header.json()["access_token"])
    signed_in = [call for call in org.control.journal() if call.path.startswith(TOKEN)]
    assert [(call.auth, [effect["what"] for effect in call.effects]) for call in signed_in] == [
        ("passed", ["signed_in"]),
        ("passed", ["signed_in"]),
    ]


def test_form_may_come_in_chunks(anyone: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"grant_type=client_cred"
        yield f"entials&client_id={KEY}&client_secret={SECRET}".encode()

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = anyone.post(TOKEN, content=chunks(), headers=headers)

    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert works(anyone, answer.json()["access_token"])


def test_answer_has_the_documented_fields(org: RunningEmulator, anyone: httpx.Client) -> None:
    org.control.freeze_clock("2026-11-22T00:00:00Z")

    answer = anyone.post(TOKEN, data=IN_BODY).json()

    assert set(answer) == {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
    assert re.fullmatch(r"00D\w{12,15}!\S+", answer["access_token"])
    assert answer["issued_at"] == "1795305600000"
    assert answer["instance_url"] == org.http
    assert answer["id"] == "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001SvQkAAK"
    signed = hmac.new(SECRET.encode(), (answer["id"] + answer["issued_at"]).encode(), hashlib.sha256)
    assert base64.b64decode(answer["signature"]) == signed.digest()


def test_instance_url_can_be_another_host(org: RunningEmulator, anyone: httpx.Client) -> None:
    org.control.call("POST", "settings", {"instance_url": "https://example.my.salesforce.com"})

    assert anyone.post(TOKEN, data=IN_BODY).json()["instance_url"] == "https://example.my.salesforce.com"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        (GRANT, "invalid_client_id"),
        ({**IN_BODY, "client_id": "other"}, "invalid_client_id"),
        ({**IN_BODY, "client_secret": "wrong"}, "invalid_client"),
        ({**IN_BODY, "grant_type": "password", "username": "a", "password": "b"}, "invalid_grant"),
        ({"grant_type": JWT_BEARER, "assertion": "a.b.c"}, "invalid_grant"),
        ({"grant_type": JWT_BEARER}, "invalid_grant"),
    ],
)
def test_refusals_are_an_oauth_object(
    org: RunningEmulator, anyone: httpx.Client, form: dict[str, str], error: str
) -> None:
    status, body = refused(anyone.post(TOKEN, data=form))

    assert (status, body["error"], set(body)) == (400, error, {"error", "error_description"})
    (call,) = org.control.journal()
    assert (call.auth, call.effects) == ("refused", ())


@pytest.mark.parametrize("header", ["Basic %%%", "Basic " + base64.b64encode(b"\xff").decode()])
def test_basic_header_that_cannot_be_read_is_refused(anyone: httpx.Client, header: str) -> None:
    status, body = refused(anyone.post(TOKEN, data=IN_BODY, headers={"Authorization": header}))

    assert (status, body["error"]) == (400, "invalid_client")


@pytest.mark.parametrize("host", ["login.salesforce.com", "test.salesforce.com"])
def test_shared_hosts_refuse_client_credentials(anyone: httpx.Client, host: str) -> None:
    assert refused(anyone.post(TOKEN, data=IN_BODY, headers={"Host": host})) == (
        400,
        {"error": "invalid_grant", "error_description": "request not supported on this domain"},
    )


def test_app_without_a_run_as_user_is_refused(org: RunningEmulator, anyone: httpx.Client) -> None:
    org.control.call("POST", "settings", {"has_run_as_user": False})

    status, body = refused(anyone.post(TOKEN, data=IN_BODY))

    assert (status, body["error_description"]) == (400, "no client credentials user enabled")


def test_any_sign_in_error_comes_without_a_description(org: RunningEmulator, anyone: httpx.Client) -> None:
    org.control.call("POST", "settings", {"sign_in_error": "inactive_org"})

    assert refused(anyone.post(TOKEN, data=IN_BODY)) == (400, {"error": "inactive_org"})


def test_session_ends_after_its_time_and_use_extends_it(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.advance_clock(7000)
    assert http.get(f"{V}/limits").status_code == 200
    org.control.advance_clock(7000)
    assert http.get(f"{V}/limits").status_code == 200

    org.control.advance_clock(7201)

    assert problem(http.get(f"{V}/limits")) == (401, "INVALID_SESSION_ID")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer 00Dxx!wrong", "Basic abc"])
def test_call_without_a_session_is_refused(anyone: httpx.Client, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = anyone.get(f"{V}/query?q=SELECT+Id+FROM+Account", headers=headers)

    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_all_sessions_can_be_ended(org: RunningEmulator, http: httpx.Client) -> None:
    assert org.control.call("POST", "end_sessions", {}) == {"ended": 1}

    assert problem(http.get(f"{V}/limits")) == (401, "INVALID_SESSION_ID")


def test_sessions_can_be_refused_however_fresh(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.call("POST", "settings", {"refuses_sessions": True})

    fresh = http.post(TOKEN, data=IN_BODY).json()["access_token"]

    assert not works(http, fresh)
    assert http.get("/services/oauth2/userinfo").status_code == 403


def test_seeding_ends_sessions(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.seed(SEED)

    assert problem(http.get(f"{V}/limits")) == (401, "INVALID_SESSION_ID")


def test_user_info_says_whom_the_token_is_for(http: httpx.Client) -> None:
    document = http.get("/services/oauth2/userinfo").json()

    assert (document["user_id"], document["organization_id"], document["preferred_username"]) == (
        "005xx000001SvQkAAK",
        "00Dxx0000000001EAA",
        "integration@org.example",
    )


@pytest.mark.parametrize("path", ["/services/data", "/services/data/"])
def test_versions_need_no_session_and_count_against_no_limit(anyone: httpx.Client, path: str) -> None:
    answer = anyone.get(path)

    versions = answer.json()
    assert (versions[0]["version"], versions[-1]) == (
        "31.0",
        {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"},
    )
    assert versions[-10] == {"label": "Winter '24", "url": "/services/data/v59.0", "version": "59.0"}
    assert "Sforce-Limit-Info" not in answer.headers


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("v68.0", 200),
        ("v31.0", 200),
        ("v30.0", (410, "UNSUPPORTED_API_VERSION")),
        ("v7.0", (410, "UNSUPPORTED_API_VERSION")),
        ("v69.0", (404, "NOT_FOUND")),
        ("v68", (404, "NOT_FOUND")),
        ("v68.1", (404, "NOT_FOUND")),
    ],
)
def test_versions_work_are_retired_or_never_were(
    http: httpx.Client, version: str, expected: int | tuple[int, str]
) -> None:
    answer = http.get(f"/services/data/{version}/sobjects/Account/{BOWDEN}")

    assert (answer.status_code if answer.is_success else problem(answer)) == expected


def assertion(app: App, **changed: object) -> str:
    """Give an assertion the app signs; built by hand, for a server must bear what libraries would not send."""
    claims = {
        "iss": KEY,
        "sub": "integration@org.example",
        "aud": "https://login.salesforce.com",
        "exp": in_minutes(3),
    }
    signed = b".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "RS256"}, {**claims, **changed}))
    signature = app.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return (signed + b"." + encoded(signature)).decode()


def encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


def in_minutes(minutes: float) -> int:
    return int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp())


@pytest.fixture
def app(org: RunningEmulator, new_app: App) -> App:
    client = {"consumer_key": KEY, "consumer_secret": SECRET, "certificate": new_app.certificate}
    org.control.seed({**SEED, "clients": [client]})
    return new_app


@pytest.mark.parametrize("write", [int, str, lambda seconds: seconds * 1000])
def test_assertion_may_end_in_a_number_a_text_or_milliseconds(app: App, anyone: httpx.Client, write: object) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": assertion(app, exp=write(in_minutes(3)))}

    assert works(anyone, anyone.post(TOKEN, data=form).json()["access_token"])


def test_assertion_may_be_meant_for_the_org_itself(org: RunningEmulator, app: App, anyone: httpx.Client) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": assertion(app, aud=org.http + "/")}

    assert works(anyone, anyone.post(TOKEN, data=form).json()["access_token"])


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"iss": "other"}, "invalid_client_id"),
        ({"sub": "someone@else.example"}, "invalid_grant"),
        ({"aud": "https://elsewhere.example"}, "invalid_grant"),
        ({"exp": 1}, "invalid_grant"),
        ({"exp": "soon"}, "invalid_grant"),
        ({"exp": in_minutes(60)}, "invalid_grant"),
    ],
)
def test_assertion_with_a_wrong_claim_is_refused(
    app: App, anyone: httpx.Client, changed: dict[str, object], error: str
) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": assertion(app, **changed)}

    status, body = refused(anyone.post(TOKEN, data=form))

    assert (status, body["error"]) == (400, error)


def test_assertion_signed_by_someone_else_is_refused(app: App, anyone: httpx.Client) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": assertion(App())}

    assert refused(anyone.post(TOKEN, data=form))[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clients": [{"consumer_key": KEY, "consumer_secret": ""}]}, "neither consumer key nor secret"),
        ({"clients": SEED["clients"] * 2}, "comes twice"),
        ({"clients": [{**SEED["clients"][0], "certificate": "x"}]}, "no certificate"),
        ({"accounts": [{"AccountNumber": "1"}]}, "needs the field 'Name'"),
        ({"accounts": [{"Name": "x", "Nam": "y"}]}, "unknown fields: Nam"),
        ({"accounts": [{"Name": "x", "Id": "001"}]}, "id value of incorrect type"),
        ({"accounts": [{"Name": "x", "AccountNumber": "1" * 41}]}, "max length=40"),
        ({"accounts": [{"Name": "x", "Id": BOWDEN}] * 2}, "comes twice"),
        ({"fields": [{"name": "2Checkout__c", "label": "x", "type": "url"}]}, "no name of a custom field"),
        ({"fields": [{"name": "A__c", "label": "x", "type": "blob"}]}, "'type' is one of"),
        ({"settings": {"hidden_fields": ["Nam"]}}, "not there: Nam"),
        ({"settings": {"limit_exceeded": "x"}}, "'limit_exceeded'"),
        ({"org": {"user_id": "001"}}, "beginning with 005"),
    ],
)
def test_wrong_seed_is_refused_and_changes_nothing(
    org: RunningEmulator, http: httpx.Client, change: dict[str, object], message: str
) -> None:
    with pytest.raises(ControlError, match=message):
        org.control.seed({**SEED, **change})

    assert http.get(f"{V}/sobjects/Account/{BOWDEN}").status_code == 200
