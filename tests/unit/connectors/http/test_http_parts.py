"""Addresses, payload fields, the shared sign-in with its pace, and the door that errors leave through."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from onhook.connectors.http import payloads
from onhook.connectors.http.addresses import BaseUrl, UnusableAddress
from onhook.connectors.http.calls import Answer
from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.outcomes import outcomes_only
from onhook.connectors.http.pacing import CounterOfProcess, SignInPace
from onhook.connectors.http.payloads import Malformed
from onhook.connectors.http.shared import Shared
from onhook.operations.errors import Rejected, Retryable, RunOutcome


class FakeClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("text", "origin", "path"),
    [
        ("https://api.vendor.example/rest/6.0", "https://api.vendor.example", "/rest/6.0"),
        ("https://api.vendor.example:443/", "https://api.vendor.example", ""),
        ("https://vault.example:9119/api/", "https://vault.example:9119", "/api"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
        ("http://[::1]:8080", "http://[::1]:8080", ""),
    ],
)
def test_base_url_reads_an_address(text: str, origin: str, path: str) -> None:
    base = BaseUrl.parse(text, allows_loopback_http=True)

    assert (base.origin, base.path) == (origin, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "vendor.example",
        "ftp://vendor.example",
        "http://vendor.example",
        "http://127.0.0.1.vendor.example",
        "http://localhost.vendor.example",
        "https://",
        "https://user:word@vendor.example",
        "https://vendor.example?x=1",
        "https://vendor.example#x",
        "https://vendor.example:99999",
        "https://[::1",
    ],
)
def test_base_url_refuses_what_is_not_a_safe_address(text: str) -> None:
    with pytest.raises(UnusableAddress):
        BaseUrl.parse(text, allows_loopback_http=True)


def test_base_url_refuses_plain_http_on_loopback_unless_it_is_allowed() -> None:
    with pytest.raises(UnusableAddress, match="https"):
        BaseUrl.parse("http://127.0.0.1:8080")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{", b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"\xff\xfe", b"1" * 10_000]
)
def test_answer_that_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        Answer(status=200, headers={}, body=body).json()

    assert caught.value.__context__ is None


@pytest.mark.parametrize(("value", "number"), [(12, 12), ("12", 12), (12.0, 12), (0, 0)])
def test_whole_number_is_read_from_number_or_digits(value: Any, number: int) -> None:
    assert payloads.whole_number({"n": value}, "n") == number


@pytest.mark.parametrize("value", [None, True, -1, "-1", 1.5, "1.5", "", "twelve", "١٢", [], "9" * 16, 1e300])
def test_whole_number_refuses_anything_else(value: Any) -> None:
    with pytest.raises(Malformed):
        payloads.whole_number({"n": value}, "n")


@pytest.mark.parametrize(("value", "flag"), [(True, True), ("True", True), (0, False), ("false", False)])
def test_flag_is_read_from_all_forms(value: Any, flag: bool) -> None:
    assert payloads.flag({"n": value}, "n") is flag


@pytest.mark.parametrize("value", [None, "yes", 2, [], ""])
def test_flag_refuses_anything_else(value: Any) -> None:
    with pytest.raises(Malformed):
        payloads.flag({"n": value}, "n")


def test_pace_lets_three_sign_ins_a_minute_through() -> None:
    clock = FakeClock()
    pace = SignInPace(system="The vendor", counter=CounterOfProcess(clock=clock))
    for second in (0, 10, 20):
        clock.seconds = 1000.0 + second
        pace.take()

    clock.seconds = 1030.0
    with pytest.raises(Retryable) as caught:
        pace.take()
    clock.seconds = 1060.0
    pace.take()

    assert caught.value.after == 30.0


class SignIns:
    """Counts sign-ins, each of which ends when the gate opens."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.gate = threading.Event()
        self.entered: list[int] = []
        self.shared: Shared[object] = Shared(busy="still signing in", lasts_seconds=60.0, clock=self.clock)

    def session(self, seconds: float = 10.0) -> object:
        return self.shared.get(make=self._make, deadline=Deadline.after(seconds))

    def _make(self) -> object:
        self.entered.append(1)
        self.gate.wait(10)
        return object()


def test_sign_in_is_shared_by_fifty_threads() -> None:
    sign_ins, sessions = SignIns(), list[object]()
    threads = [threading.Thread(target=lambda: sessions.append(sign_ins.session())) for _ in range(50)]

    for thread in threads:
        thread.start()
    sign_ins.gate.set()
    for thread in threads:
        thread.join()

    assert len(sign_ins.entered) == 1
    assert len(sessions) == 50
    assert len(set(map(id, sessions))) == 1


def test_sign_in_waits_for_another_no_longer_than_its_deadline() -> None:
    sign_ins = SignIns()
    first = threading.Thread(target=sign_ins.session)
    first.start()
    while not sign_ins.entered:
        sign_ins.gate.wait(0.01)

    with pytest.raises(Retryable, match="still signing in"):
        sign_ins.session(0.05)

    sign_ins.gate.set()
    first.join()


def test_sign_in_is_renewed_after_its_time_and_after_a_refusal() -> None:
    sign_ins = SignIns()
    sign_ins.gate.set()
    first = sign_ins.session()
    sign_ins.clock.seconds += 60
    second = sign_ins.session()
    sign_ins.shared.forget(second)
    third = sign_ins.session()
    # Late news about a session that was renewed long ago must not end the present one.
    sign_ins.shared.forget(first)

    assert sign_ins.session() is third
    assert len(sign_ins.entered) == 3


def test_sign_in_that_fails_is_tried_again_by_the_next() -> None:
    shared: Shared[str] = Shared(busy="", lasts_seconds=60.0)

    def fail() -> str:
        raise Rejected("no")

    with pytest.raises(Rejected):
        shared.get(make=fail, deadline=Deadline.after(1))

    assert shared.get(make=lambda: "session", deadline=Deadline.after(1)) == "session"


def chain(error: BaseException) -> str:
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def failing_with(error: Callable[[], Exception]) -> RunOutcome:
    @outcomes_only("The vendor")
    def act() -> None:
        token = "CANARY"  # noqa: F841  # the local that must not leave
        try:
            int("CANARY")
        except ValueError:
            raise error()  # noqa: B904  # what a careless connector would do

    with pytest.raises(RunOutcome) as caught:
        act()
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (lambda: Malformed("ProductQuantity is not a whole number"), Retryable),
        (lambda: KeyError("CANARY"), Retryable),
        (lambda: Rejected("no right to it"), Rejected),
    ],
)
def test_outcomes_only_leaves_secrets_behind(error: Callable[[], Exception], kind: type[RunOutcome]) -> None:
    outcome = failing_with(error)

    assert type(outcome) is kind
    assert outcome.__cause__ is None
    assert outcome.__context__ is None
    assert "CANARY" not in "".join(chain(outcome).split("in failing_with")[-1:])
