"""Each kind of fault, seen from the client and from the journal."""

import signal
import subprocess
import sys
from typing import Any

import httpx
import pytest

from emulators.control.client import ControlError
from emulators.control.launch import RunningEmulator

pytestmark = pytest.mark.emulator

# Only the answer may be late: a busy machine is slow to connect, too.
IMPATIENT = httpx.Timeout(30, read=0.1)


def test_delay_ends_in_the_clients_timeout_and_then_in_the_true_answer(
    counter: RunningEmulator, http: httpx.Client
) -> None:
    counter.control.add_fault("delay", seconds=60)

    with pytest.raises(httpx.ReadTimeout):
        http.get("/counter", timeout=IMPATIENT)

    assert http.get("/counter").json()["value"] == 0


def test_drip_gives_the_true_body_in_pieces(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("drip", pause_seconds=0.05, bytes=4)

    with http.stream("GET", "/counter") as answer:
        pieces = [piece for piece in answer.iter_raw() if piece]

    assert b'"name": "main"' in b"".join(pieces)
    # How many of them depends on who is faster; in one piece it would not be a drip.
    assert len(pieces) > 1


def test_drip_outlives_a_timeout_between_bytes(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("drip", pause_seconds=0.5)

    with pytest.raises(httpx.ReadTimeout):
        http.get("/counter", timeout=IMPATIENT)

    assert counter.control.journal(at_least=1, wait_seconds=10)[0].faults == ("drip",)


@pytest.mark.parametrize(("after_effect", "value"), [(False, 0), (True, 1)])
def test_status_answers_instead_of_or_after_the_effect(
    counter: RunningEmulator, http: httpx.Client, after_effect: bool, value: int
) -> None:
    counter.control.add_fault(
        "status", match={"method": "POST"}, status=503, body='{"down": true}', after_effect=after_effect
    )

    answer = http.post("/counter")

    assert (answer.status_code, answer.json()) == (503, {"down": True})
    assert http.get("/counter").json()["value"] == value


def test_retry_after_is_sent_as_given(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("retry_after", after="86400")

    answer = http.get("/counter")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "86400")


@pytest.mark.parametrize(
    ("kind", "parameters", "content_type", "begins_with"),
    [
        ("wrong_body", {"body": "[1, 2"}, "application/json; charset=utf-8", "[1, 2"),
        ("html_body", {}, "text/html; charset=utf-8", "<!DOCTYPE html>"),
        ("other_record", {}, "application/json; charset=utf-8", '{"name": "other"}'),
    ],
)
def test_body_is_replaced_and_the_status_stays(
    *,
    counter: RunningEmulator,
    http: httpx.Client,
    kind: str,
    parameters: dict[str, Any],
    content_type: str,
    begins_with: str,
) -> None:
    counter.control.add_fault(kind, **parameters)

    answer = http.get("/counter")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
    assert answer.text.startswith(begins_with)


def test_huge_body_is_as_big_as_asked(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("huge_body", bytes=3_000_000)

    assert len(http.get("/counter").content) == 3_000_002


def test_huge_body_can_be_left_half_read(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("huge_body", bytes=200_000_000)

    with http.stream("GET", "/counter") as answer:
        next(answer.iter_raw())

    line = counter.control.journal(at_least=1, wait_seconds=10)[0]
    assert (line.status, line.is_finished) == (None, True)


def test_truncated_body_is_cut_half_way(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("truncated_body")

    with pytest.raises(httpx.RemoteProtocolError):
        http.get("/counter")


def test_redirect_names_another_place(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("redirect", location="http://elsewhere.example/")

    answer = http.get("/counter")

    assert (answer.status_code, answer.headers["Location"]) == (302, "http://elsewhere.example/")


def test_expired_token_is_the_vendors_own_refusal(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("expired_token")

    assert http.get("/counter").status_code == 401
    assert http.get("/counter").status_code == 200
    assert [line.auth for line in counter.control.journal()] == ["refused", "passed"]


@pytest.mark.parametrize(("kind", "value"), [("cut_before", 0), ("cut_after_effect", 1)])
def test_cut_leaves_the_client_without_an_answer(
    counter: RunningEmulator, http: httpx.Client, kind: str, value: int
) -> None:
    counter.control.add_fault(kind, match={"method": "POST"})

    with pytest.raises(httpx.TransportError):
        http.post("/counter")

    line = counter.control.journal(at_least=1, wait_seconds=10)[0]
    assert (line.status, line.faults, len(line.effects)) == (None, (kind,), value)
    assert http.get("/counter").json()["value"] == value


CLIENT = """
import httpx, sys
for _ in range(3):
    httpx.post(sys.argv[1], trust_env=False)
"""


@pytest.mark.parametrize(("when", "effects"), [("before", [1, 0]), ("after_effect", [1, 1])])
def test_client_is_killed_on_its_nth_call(counter: RunningEmulator, when: str, effects: list[int]) -> None:
    # The client waits for a line so that its id is known before its first call.
    waiting = f"import sys; sys.stdin.readline()\n{CLIENT}"
    command = [sys.executable, "-c", waiting, f"{counter.http}/counter"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as client:
        counter.control.add_fault("kill_client", match={"nth": 2}, pid=client.pid, when=when)

        client.communicate(b"go\n", timeout=30)

    lines = counter.control.journal(at_least=2, wait_seconds=10)
    assert client.returncode == -signal.SIGKILL
    assert [len(line.effects) for line in lines] == effects


@pytest.mark.parametrize("pid", [-1, 0, 1])
def test_kill_refuses_ids_that_reach_further_than_one_client(counter: RunningEmulator, pid: int) -> None:
    with pytest.raises(ControlError, match="one client process"):
        counter.control.add_fault("kill_client", pid=pid)

    assert counter.control.faults() == []


def test_fault_begins_at_the_nth_match_and_ends_after_its_times(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("status", match={"method": "GET", "nth": 2}, times=2, status=500)

    http.post("/counter")
    statuses = [http.get("/counter").status_code for _ in range(4)]

    assert statuses == [200, 500, 500, 200]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, True),
        ({"path": "/counter"}, True),
        ({"path": "/count"}, False),
        ({"path_prefix": "/count"}, True),
        ({"path_regex": "^/c.*r$"}, True),
        ({"path_regex": "^/x"}, False),
        ({"method": "get"}, True),
        ({"method": "PUT"}, False),
    ],
)
def test_match_decides_what_is_hit(
    counter: RunningEmulator, http: httpx.Client, match: dict[str, object], hit: bool
) -> None:
    counter.control.add_fault("status", match=match, times=None, status=418)

    assert (http.get("/counter").status_code == 418) is hit


def test_delay_goes_together_with_another_fault(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("status", status=502)
    counter.control.add_fault("delay", seconds=0.01)

    assert http.get("/counter").status_code == 502
    assert set(counter.control.journal()[0].faults) == {"status", "delay"}


def test_cleared_faults_strike_no_more(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.add_fault("status", times=None, status=500)

    counter.control.clear_faults()

    assert http.get("/counter").status_code == 200


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "must be a JSON object, not a list"),
        ({"kind": "explode"}, "No fault of kind 'explode'"),
        ({"kind": "delay"}, "needs the field 'seconds'"),
        ({"kind": "delay", "parameters": {"seconds": "1"}}, "'seconds' must be a number, not a text"),
        ({"kind": "delay", "parameters": {"seconds": True}}, "'seconds' must be a number, not true or false"),
        ({"kind": "drip", "parameters": {"speed": 1}}, "unknown fields: speed"),
        ({"kind": "drip", "match": {"verb": "GET"}}, "unknown fields: verb"),
        ({"kind": "drip", "match": {"path_regex": "("}}, "cannot be read"),
        ({"kind": "drip", "match": {"nth": 0}}, "counts from 1"),
        ({"kind": "drip", "times": 0}, "at least 1"),
        ({"kind": "drip", "time": 1}, "unknown fields: time"),
    ],
)
def test_wrong_fault_is_refused_with_its_reason(
    counter: RunningEmulator, http: httpx.Client, document: object, reason: str
) -> None:
    answer = http.post("/_control/faults", json=document)

    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert counter.control.faults() == []
