"""Seed, reset, clock and journal of the control API, over real HTTP."""

import threading

import httpx
import pytest

from emulators.control.client import ControlError
from emulators.control.launch import RunningEmulator

pytestmark = pytest.mark.emulator


def test_seed_replaces_the_state(counter: RunningEmulator, http: httpx.Client) -> None:
    assert counter.control.seed({"value": 7}) == {"value": 7}

    assert http.get("/counter").json()["value"] == 7


def test_wrong_seed_changes_nothing(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.seed({"value": 7})

    with pytest.raises(ControlError, match="'value' must be a whole number, not a text"):
        counter.control.seed({"value": "8"})

    assert http.get("/counter").json()["value"] == 7


def test_control_calls_need_json_so_that_no_web_page_can_make_them(http: httpx.Client) -> None:
    answer = http.post("/_control/reset", content="{}", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 400


def test_broken_json_is_said_so(http: httpx.Client) -> None:
    answer = http.post("/_control/seed", content="{", headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert "not JSON" in answer.json()["error"]


def test_reset_forgets_state_faults_clock_and_journal(counter: RunningEmulator, http: httpx.Client) -> None:
    http.post("/counter")
    counter.control.add_fault("status", status=500)
    counter.control.freeze_clock("2026-01-15T09:30:00Z")

    counter.control.reset()

    assert http.get("/counter").json()["value"] == 0
    assert counter.control.clock()["is_frozen"] is False
    assert counter.control.faults() == []
    assert [line.method for line in counter.control.journal()] == ["GET"]


def test_journal_numbers_go_on_after_a_reset(counter: RunningEmulator, http: httpx.Client) -> None:
    http.get("/counter")
    before = counter.control.last_sequence()

    counter.control.reset()
    http.get("/counter")

    assert counter.control.last_sequence() == before + 1


def test_frozen_clock_stands_until_advanced(counter: RunningEmulator, http: httpx.Client) -> None:
    counter.control.freeze_clock("2026-01-15T10:30:00+01:00")
    assert http.get("/counter").json()["at"] == "2026-01-15T09:30:00+00:00"

    counter.control.advance_clock(90)

    assert http.get("/counter").json()["at"] == "2026-01-15T09:31:30+00:00"


def test_offset_clock_runs_ahead(counter: RunningEmulator) -> None:
    counter.control.offset_clock(3600)

    assert counter.control.clock()["offset_seconds"] == 3600


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"freeze_at": "yesterday"},
        {"freeze_at": "2026-01-15T09:30:00"},
        {"offset_seconds": "1"},
        {"offset_seconds": 1, "freeze_at": "2026-01-15T09:30:00Z"},
    ],
)
def test_wrong_clock_change_is_refused(http: httpx.Client, document: object) -> None:
    assert http.post("/_control/clock", json=document).status_code == 400


def test_journal_keeps_the_call_without_its_secrets(counter: RunningEmulator, http: httpx.Client) -> None:
    http.get(
        "/counter",
        params={"ApiKey": "canary-query", "color": "blue"},
        headers={"Authorization": "Bearer canary-header"},
    )

    text = http.get("/_control/journal").text
    line = counter.control.journal()[0]

    assert (line.method, line.path, line.status, line.auth) == ("GET", "/counter", 200, "passed")
    assert line.query == (("ApiKey", "(redacted)"), ("color", "blue"))
    assert "canary" not in text


def test_journal_shows_effects_and_counts_since_a_mark(counter: RunningEmulator, http: httpx.Client) -> None:
    http.post("/counter")
    mark = counter.control.last_sequence()
    http.post("/counter")

    lines = counter.control.journal(since=mark)

    assert [line.effects for line in lines] == [({"what": "counted", "to": 2},)]


def test_journal_notes_unknown_paths_too(counter: RunningEmulator, http: httpx.Client) -> None:
    http.get("/nowhere")

    assert [(line.path, line.status) for line in counter.control.journal()] == [("/nowhere", 404)]


def test_journal_waits_for_a_call_that_is_still_to_come(counter: RunningEmulator, http: httpx.Client) -> None:
    later = threading.Timer(0.1, http.get, args=["/counter"])
    later.start()

    lines = counter.control.journal(at_least=1, wait_seconds=10)

    later.join()
    assert [line.path for line in lines] == ["/counter"]
