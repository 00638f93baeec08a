"""Limits, and every fault of the control API on this emulator."""

import httpx
import pytest

from emulators.control.launch import RunningEmulator
from tests.integration.emulators.salesforce.conftest import BOWDEN, SEED, V, problem
from tests.integration.emulators.salesforce.test_salesforce_queries import query, sign_in_again

pytestmark = pytest.mark.emulator

RECORD = f"{V}/sobjects/Account/{BOWDEN}"
HEADER = "Sforce-Limit-Info"


def test_usage_is_counted_and_told_on_every_answer(http: httpx.Client) -> None:
    answers = [http.get(path) for path in (RECORD, f"{V}/nowhere", f"{V}/query?q=x", f"{V}/limits")]

    assert [answer.headers[HEADER] for answer in answers] == [f"api-usage={used}/5000" for used in (1, 2, 3, 4)]
    assert answers[-1].json() == {"DailyApiRequests": {"Max": 5000, "Remaining": 4996}}


def test_usage_can_show_bursts_and_the_app(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.call("POST", "settings", {"shows_bursts": True, "shows_per_app_usage": True})

    header = http.get(RECORD).headers[HEADER]

    assert header == "api-usage=1/5000; api-bursts=1/750; per-app-api-usage=17/250(appName=onhook)"


def test_daily_limit_is_reached_by_calling(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.call("POST", "settings", {"daily_requests": 2})

    answers = [http.get(RECORD) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert problem(answers[-1]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "Retry-After" not in answers[-1].headers
    assert answers[-1].headers[HEADER] == "api-usage=2/2"


@pytest.mark.parametrize(("kind", "names_concurrency"), [("daily", False), ("concurrent", True)])
def test_limit_can_be_switched_on(org: RunningEmulator, http: httpx.Client, kind: str, names_concurrency: bool) -> None:
    org.control.call("POST", "settings", {"limit_exceeded": kind})

    answer = http.get(RECORD)

    assert problem(answer) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert ("ConcurrentRequests" in answer.json()[0]["message"]) == names_concurrency


def test_expired_token_ends_the_session_itself(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.add_fault("expired_token", match={"path_prefix": V})

    assert [problem(http.get(RECORD)) for _ in range(2)] == [(401, "INVALID_SESSION_ID")] * 2
    sign_in_again(http)
    assert http.get(RECORD).status_code == 200


def test_other_record_answers_with_another_account(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.add_fault("other_record", times=None)

    record = http.get(f"{RECORD}?fields=Id,Name").json()
    (found,) = query(http, f"SELECT AccountNumber, Id FROM Account WHERE Id = '{BOWDEN}'").json()["records"]

    assert (set(record), record["Name"]) == ({"attributes", "Id", "Name"}, "Example Plumbing")
    assert (set(found), found["AccountNumber"]) == ({"attributes", "Id", "AccountNumber"}, "CN-100483")
    assert found["attributes"]["url"].endswith(found["Id"])


def test_other_record_knows_a_stranger_where_the_org_has_one_account(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.seed({**SEED, "accounts": SEED["accounts"][:1]})
    sign_in_again(http)
    org.control.add_fault("other_record")

    assert http.get(RECORD).json()["Name"] == "Stranger Example Ltd"


def test_cut_after_an_update_leaves_it_done_and_the_client_not_knowing(
    org: RunningEmulator, http: httpx.Client
) -> None:
    org.control.add_fault("cut_after_effect", match={"method": "PATCH"})

    with pytest.raises(httpx.TransportError):
        http.patch(RECORD, json={"Phone": "+44 7700 900123"})

    assert http.get(RECORD).json()["Phone"] == "+44 7700 900123"
    (call,) = [call for call in org.control.journal() if call.method == "PATCH"]
    assert (call.status, [effect["what"] for effect in call.effects]) == (None, ["account_updated"])


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("delay", {"seconds": 0.01}),
        ("drip", {"pause_seconds": 0, "bytes": 400}),
        ("status", {"status": 503}),
        ("retry_after", {}),
        ("wrong_body", {}),
        ("html_body", {}),
        ("huge_body", {"bytes": 100_000}),
        ("redirect", {"location": "https://elsewhere.example/"}),
        ("truncated_body", {}),
        ("cut_before", {}),
        ("cut_after_effect", {}),
    ],
)
@pytest.mark.parametrize("path", [RECORD, "/services/oauth2/userinfo", "/services/data"])
def test_every_fault_strikes_once_and_calling_works_again(
    *, org: RunningEmulator, http: httpx.Client, kind: str, parameters: dict[str, object], path: str
) -> None:
    org.control.add_fault(kind, match={"path": path}, **parameters)

    try:
        struck = http.get(path).text
    except httpx.TransportError:
        struck = "cut"

    clean = http.get(path).text
    assert (struck == clean) == (kind in {"delay", "drip"})
    assert org.control.journal(at_least=3, wait_seconds=10)[1].faults == (kind,)
