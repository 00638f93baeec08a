"""The shared HTTP client over real sockets: deadlines, caps, repeats, and what an error may say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog.testing

from onhook.connectors.http import trust
from onhook.connectors.http.addresses import BaseUrl
from onhook.connectors.http.calls import Answer, Call
from onhook.connectors.http.client import HttpClient
from onhook.connectors.http.deadlines import Deadline
from onhook.operations.errors import Retryable
from tests.unit.connectors.http.scripted_server import answer, raw, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"
# A drip that would last for many minutes; the tests' guard is far shorter.
SLOW_SECONDS = 0.05
GUARD_SECONDS = 30.0


class Sleeps(list[float]):
    """Stands for `time.sleep`: remembers and does not sleep."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def client(sleeps: Sleeps) -> HttpClient:
    return HttpClient(
        system="The vendor",
        trust=trust.context(ca_file=None),
        most_bytes=1000,
        sleep=sleeps,
        jitter=lambda: 0.5,
    )


def base(url: str) -> BaseUrl:
    return BaseUrl.parse(url, allows_loopback_http=True)


def send(client: HttpClient, url: str, call: Call | None = None, *, seconds: float = 10.0) -> Answer | Retryable:
    """Send in a thread that is given up on after long enough, so that a call that hangs fails its test."""
    ends: list[Answer | Retryable] = []

    def work() -> None:
        try:
            sent = client.send(call or Call(path="/x"), base=base(url), deadline=Deadline.after(seconds))
        except Retryable as problem:
            ends.append(problem)
        else:
            ends.append(sent)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(GUARD_SECONDS)
    assert not thread.is_alive(), "the call did not keep its deadline"
    return ends[0]


def refused(outcome: Answer | Retryable) -> Retryable:
    assert isinstance(outcome, Retryable), outcome
    return outcome


def test_client_returns_a_whole_answer(client: HttpClient) -> None:
    with serving(answer(b'{"a": 1}', headers="X-Thing: 7\r\n")) as server:
        outcome = send(client, server.url)

    assert isinstance(outcome, Answer)
    assert (outcome.status, outcome.json(), outcome.headers["x-thing"]) == (200, {"a": 1}, "7")


def dripped(data: bytes) -> list[bytes]:
    return [data[place : place + 1] for place in range(len(data))]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b""], id="silence"),
        pytest.param([*dripped(b"HTTP/1.1 200 OK\r\n"), *[b"X-A: b\r\n"] * 5000], id="headers"),
        pytest.param([HEAD, *[b" "] * 5000], id="body"),
        pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n"] * 5000, id="interim answers"),
    ],
)
def test_client_keeps_its_deadline_under_drip(client: HttpClient, pieces: list[bytes]) -> None:
    script = raw(*pieces, pause_seconds=SLOW_SECONDS if len(pieces) > 1 else 600.0)
    with serving(script) as server:
        outcome = refused(send(client, server.url, seconds=0.6))

    assert "did not answer in time" in outcome.problem


def test_client_keeps_its_deadline_in_the_tls_handshake(client: HttpClient) -> None:
    with serving(raw(b"", pause_seconds=600.0)) as server:
        url = server.url.replace("http://", "https://")
        outcome = refused(send(client, url, seconds=0.5))

    assert "did not answer in time" in outcome.problem


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"), id="announced"),
        pytest.param(answer(b"x" * 1001), id="sent"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"400\r\n" + b"x" * 1024 + b"\r\n"] * 50),
            id="chunked",
        ),
    ],
)
def test_client_refuses_a_body_that_is_too_big_and_does_not_ask_again(
    client: HttpClient, script: Callable[..., None]
) -> None:
    with serving(script) as server:
        outcome = refused(send(client, server.url))

        assert "too big" in outcome.problem
        assert len(server.requests) == 1


def test_client_refuses_a_compressed_body(client: HttpClient) -> None:
    with serving(answer(b"\x1f\x8b", headers="Content-Encoding: gzip\r\n")) as server:
        outcome = refused(send(client, server.url))

    assert "compressed" in outcome.problem


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(raw(), id="connection closed"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"), id="body cut"),
        pytest.param(raw(b"SSH-2.0-server\r\n"), id="another protocol"),
        pytest.param(answer(status=502, body=b"<html>"), id="502"),
        pytest.param(answer(status=503), id="503"),
        pytest.param(answer(status=429, headers="Retry-After: 1\r\n"), id="429"),
        pytest.param(answer(status=302, headers="Location: /elsewhere\r\n"), id="redirect"),
    ],
)
def test_client_repeats_a_read_after_a_passing_fault(client: HttpClient, first: Callable[..., None]) -> None:
    with serving(first, answer(b'{"good": true}')) as server:
        outcome = send(client, server.url)

        assert isinstance(outcome, Answer)
        assert outcome.json() == {"good": True}
        assert [request.split(b" ")[1] for request in server.requests] == [b"/x", b"/x"]


@pytest.mark.parametrize("script", [raw(), answer(status=503), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}")])
def test_client_never_repeats_a_post(client: HttpClient, script: Callable[..., None]) -> None:
    with serving(script) as server:
        refused(send(client, server.url, Call(method="POST", path="/token", form={"a": "b"})))

        assert len(server.requests) == 1


def test_client_gives_up_after_three_reads_with_growing_pauses(client: HttpClient, sleeps: Sleeps) -> None:
    with serving(answer(status=500)) as server:
        refused(send(client, server.url))

        assert len(server.requests) == 3
    assert sleeps == [0.2, 0.4]


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("40", 40.0),
        ("0", 1.0),
        ("86400", 900.0),
        ("99999999999999999999999", 900.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 900.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1.0),
        ("soon", 30.0),
        ("-5", 30.0),
    ],
)
def test_client_passes_on_how_long_to_wait_within_limits(
    client: HttpClient, sleeps: Sleeps, header: str, after: float
) -> None:
    with serving(answer(status=429, headers=f"Retry-After: {header}\r\n")) as server:
        outcome = refused(send(client, server.url))

    assert outcome.after == after


def test_client_does_not_hold_a_worker_for_a_long_wait(client: HttpClient, sleeps: Sleeps) -> None:
    with serving(answer(status=503, headers="Retry-After: 40\r\n")) as server:
        refused(send(client, server.url))

        assert len(server.requests) == 1
    assert sleeps == []


def test_client_does_not_follow_a_redirect(client: HttpClient) -> None:
    with serving(answer(b'{"stolen": true}')) as elsewhere:
        location = f"Location: {elsewhere.url}/x\r\n"
        with serving(answer(status=307, headers=location)) as server:
            outcome = refused(send(client, server.url))

        assert "redirect" in outcome.problem
        assert elsewhere.requests == []


def test_client_says_nothing_of_address_query_headers_or_body(client: HttpClient) -> None:
    call = Call(
        path="/people/{person}",
        values={"person": "CANARY-VALUE"},
        query={"q": "CANARY-QUERY"},
        headers={"Authorization": "CANARY-HEADER"},
    )
    with structlog.testing.capture_logs() as lines, serving(answer(b"CANARY-BODY", status=500)) as server:
        outcome = refused(send(client, server.url, call))

        assert b"CANARY-HEADER" in server.requests[0]
    assert "CANARY" not in repr((outcome, outcome.args, lines, call))
    assert outcome.__cause__ is None
    assert outcome.__context__ is None


def test_client_logs_every_try(client: HttpClient) -> None:
    call = Call(path="/people/{person}", values={"person": "42"})
    with structlog.testing.capture_logs() as lines, serving(answer(status=503), answer()) as server:
        send(client, server.url, call)

    told = [(line["event"], line["path"], line["status"], line["attempt"]) for line in lines]
    assert told == [
        ("outside_call", "/people/{person}", 503, 1),
        ("outside_call", "/people/{person}", 200, 2),
    ]
    assert {line["host"] for line in lines} == {"127.0.0.1"}


def test_client_ignores_a_proxy_of_the_environment(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(b'{"proxy": true}')) as proxy, serving(answer()) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        outcome = send(client, server.url)

        assert isinstance(outcome, Answer)
        assert outcome.json() == {}
        assert proxy.requests == []


def test_client_reports_a_server_that_is_not_there(client: HttpClient) -> None:
    with serving(answer()) as server:
        url = server.url

    assert "cannot be reached" in refused(send(client, url)).problem


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_call_refuses_a_value_that_leaves_its_path_segment(value: str) -> None:
    with pytest.raises(ValueError, match="segment"):
        _ = Call(path="/a/{b}/", values={"b": value}).target


@pytest.mark.parametrize(
    ("value", "target"),
    [("a/b", "/a/a%2Fb/"), ("?x=1", "/a/%3Fx%3D1/"), ("//host", "/a/%2F%2Fhost/"), ("ä b", "/a/%C3%A4%20b/")],
)
def test_call_keeps_a_value_in_its_path_segment(value: str, target: str) -> None:
    assert Call(path="/a/{b}/", values={"b": value}).target == target


def test_trust_refuses_a_file_without_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")

    for file in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(trust.UnusableAuthority, match="PEM"):
            trust.context(ca_file=file)
