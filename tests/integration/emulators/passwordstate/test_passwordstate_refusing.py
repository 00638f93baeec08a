"""Keys, refusals and their shapes, switches, and faults."""

import httpx
import pytest

from emulators.control.client import ControlError
from emulators.control.launch import RunningEmulator
from tests.integration.emulators.passwordstate.conftest import GENERAL_KEY, LIST_KEY, SEED

pytestmark = pytest.mark.emulator

EMPTY_LIST = "No Passwords found in the Password Lists for PasswordListID of"


def words(answer: httpx.Response) -> tuple[str, str]:
    ((message, phrase),) = [problem["errors"] for problem in answer.json()]
    return message["message"], phrase["phrase"]


def test_header_name_is_case_insensitive_and_the_old_query_key_works(vault: RunningEmulator) -> None:
    with httpx.Client(base_url=vault.http, trust_env=False) as http:
        header = http.get("/api/passwords/4711", headers={"apikey": LIST_KEY})
        query = http.get("/api/passwords/4711", params={"apikey": LIST_KEY})

    assert (header.status_code, query.status_code) == (200, 200)
    assert LIST_KEY not in str(vault.control.journal())


@pytest.mark.parametrize("key", ["", "wrong", "write-key", LIST_KEY.upper()])
@pytest.mark.parametrize("status", [401, 403])
def test_key_that_may_not_read_is_denied(vault: RunningEmulator, http: httpx.Client, key: str, status: int) -> None:
    vault.control.call("POST", "settings", {"denied_status": status})

    answer = http.get("/api/passwords/4711", headers={"APIKey": key})

    assert answer.status_code == status
    assert words(answer)[0] == ("Unauthorized" if status == 401 else "Forbidden")
    assert vault.control.journal()[-1].effects == ()


def test_unknown_and_forbidden_ids_cannot_be_told_apart(http: httpx.Client) -> None:
    forbidden, unknown = http.get("/api/passwords/88"), http.get("/api/passwords/4799")

    assert (forbidden.status_code, unknown.status_code) == (404, 404)
    assert words(forbidden) == ("Not Found", words(unknown)[1].replace("4799", "88"))


@pytest.mark.parametrize("list_id", ["89", "90", "4711", "x"])
def test_list_without_readable_passwords_is_an_error(http: httpx.Client, list_id: str) -> None:
    answer = http.get(f"/api/passwords/{list_id}?QueryAll")

    assert answer.status_code == 404
    assert words(answer) == ("Not Found", f"{EMPTY_LIST} '{list_id}'.")


def test_search_without_a_hit_is_an_error_behind_a_switch(vault: RunningEmulator, http: httpx.Client) -> None:
    vault.control.call("POST", "settings", {"empty_search_is_error": True})

    answer = http.get("/api/searchpasswords/88", params={"Title": "nothing"})

    assert (answer.status_code, words(answer)[0]) == (404, "Not Found")


def test_older_builds_write_error_instead_of_the_pair(vault: RunningEmulator, http: httpx.Client) -> None:
    vault.control.call("POST", "settings", {"errors_in_older_shape": True})

    assert [list(problem) for problem in http.get("/api/passwords/4799").json()] == [["error"]]


@pytest.mark.parametrize("path", ["/api/passwords/88", "/api/passwords/90?QueryAll", "/api/searchpasswords/90"])
def test_demanded_reason_is_enforced_behind_a_switch(vault: RunningEmulator, http: httpx.Client, path: str) -> None:
    http.headers["APIKey"] = GENERAL_KEY
    del http.headers["Reason"]
    assert http.get(path).status_code == 200
    vault.control.call("POST", "settings", {"enforces_reason": True})

    assert http.get(path).status_code == 403
    assert http.get(path, headers={"Reason": "run 7"}).status_code == 200


def test_rotated_key_is_refused_and_the_new_one_works(vault: RunningEmulator, http: httpx.Client) -> None:
    vault.control.call("POST", "rotate_key", {"name": "automation", "value": "fresh"})

    assert http.get("/api/passwords/4711").status_code == 403
    assert http.get("/api/passwords/4711", headers={"APIKey": "fresh"}).status_code == 200


def test_server_fault_is_a_redirect_to_html(vault: RunningEmulator, http: httpx.Client) -> None:
    vault.control.call("POST", "settings", {"redirects_to_error_page": True})

    answer = http.get("/api/passwords/4711")
    followed = http.get("/api/passwords/4711", follow_redirects=True)

    assert (answer.status_code, answer.headers["Content-Type"]) == (302, "text/html; charset=utf-8")
    assert answer.headers["Location"] == "/error/generalerror.aspx?aspxerrorpath=/api/passwords/4711"
    assert (followed.status_code, followed.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_windows_integrated_api_wants_a_domain_account(http: httpx.Client) -> None:
    answer = http.get("/winapi/passwords/4711")

    assert answer.status_code == 401
    assert answer.headers.get_list("WWW-Authenticate") == ["Negotiate", "NTLM"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/api/passwords/4711", 405), ("GET", "/api/elsewhere", 404), ("GET", "/api/passwords", 404)],
)
def test_what_is_not_emulated_is_refused_in_shape(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)

    assert answer.status_code == status
    assert len(words(answer)) == 2


def test_other_record_fault_gives_another_ones_secret(vault: RunningEmulator, http: httpx.Client) -> None:
    vault.control.add_fault("other_record", match={"path": "/api/passwords/4711"})

    (record,) = http.get("/api/passwords/4711").json()

    assert (record["PasswordID"], record["Password"]) == (4712, "not-a-real-secret-2")
    assert http.get("/api/passwords/4711").json()[0]["PasswordID"] == 4711


def test_expired_token_fault_can_begin_in_mid_run(vault: RunningEmulator, http: httpx.Client) -> None:
    vault.control.add_fault("expired_token", match={"nth": 2}, times=None)

    answers = [http.get("/api/passwords/4711").status_code for _ in range(3)]

    assert answers == [200, 403, 403]
    assert [call.auth for call in vault.control.journal()] == ["passed", "refused", "refused"]


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
        ("redirect", {"location": "/error/generalerror.aspx"}),
        ("truncated_body", {}),
        ("cut_before", {}),
        ("cut_after_effect", {}),
    ],
)
def test_every_fault_strikes_once_and_reading_works_again(
    vault: RunningEmulator, http: httpx.Client, kind: str, parameters: dict[str, object]
) -> None:
    vault.control.add_fault(kind, match={"path_prefix": "/api/"}, **parameters)

    try:
        struck = http.get("/api/passwords/4711").text
    except httpx.TransportError:
        struck = "cut"

    clean = http.get("/api/passwords/4711").text
    assert (struck == clean) == (kind in {"delay", "drip"})
    assert vault.control.journal(at_least=2, wait_seconds=10)[0].faults == (kind,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"passwords": [{"PasswordID": 1, "PasswordListID": 5}]}, "not seeded"),
        ({"passwords": [{**SEED["passwords"][0], "Title": "x" * 256}]}, "at most 255"),
        ({"passwords": [SEED["passwords"][0]] * 2}, "share one password_id"),
        ({"passwords": [{**SEED["passwords"][0], "Titel": "x"}]}, "unknown fields: Titel"),
        ({"passwords": [{**SEED["passwords"][0], "OTPUri": "otpauth://totp/x?secret=1"}]}, "no base32"),
        ({"keys": [{"name": "a", "value": "k", "lists": [5]}]}, "not seeded"),
        ({"keys": [{"name": n, "value": "k", "lists": None} for n in "ab"]}, "share one value"),
        ({"keys": [{"name": "a", "value": "k"}]}, "'lists'"),
        ({"settings": {"types": "other"}}, "'types' is one of"),
    ],
)
def test_wrong_seed_is_refused_and_changes_nothing(
    vault: RunningEmulator, http: httpx.Client, change: dict[str, object], message: str
) -> None:
    with pytest.raises(ControlError, match=message):
        vault.control.seed({**SEED, **change})

    assert http.get("/api/passwords/4711").status_code == 200
