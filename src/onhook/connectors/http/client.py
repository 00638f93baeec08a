"""Send one call within a deadline and give back the whole answer, or fail as one of our own outcomes."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpcore
import httpx
import structlog

from onhook.connectors.http import network, retrying
from onhook.connectors.http.addresses import BaseUrl
from onhook.connectors.http.calls import Answer, Call
from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.transport import DeadlineTransport
from onhook.operations.errors import Retryable

log = structlog.get_logger()

_USER_AGENT = "onhook/1"
_REDIRECTS, _TOO_MANY, _REQUEST_TIMEOUT, _SERVER_FAULTS = range(300, 400), 429, 408, 500
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Failure:
    """Why a try gave no answer we can use: words without addresses or content, and what to do about it."""

    problem: str
    is_worth_repeating: bool = True
    after: float | None = None
    status: int | None = None


class HttpClient:
    """
    Speaks HTTP with one vendor. Safe to share between threads; connections are kept and reused.

    `system` is how people call the vendor: it stands in every error and log line.
    """

    def __init__(
        self,
        *,
        system: str,
        trust: ssl.SSLContext,
        most_bytes: int = 2 * _MEGABYTE,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._system = system
        self._transport = DeadlineTransport(trust=trust)
        self._most_bytes = most_bytes
        self._sleep = sleep
        self._jitter = jitter

    def send(self, call: Call, *, base: BaseUrl, deadline: Deadline) -> Answer:
        """
        Return the answer, whatever its status below 500 other than 408, 429 and redirects. Only a GET is repeated.

        :raises Retryable: no usable answer came within the deadline.
        """
        attempts = retrying.ATTEMPTS if call.is_repeatable else 1
        failure = Failure("was not asked")
        for attempt in range(1, attempts + 1):
            outcome = self._logged_try(call, base=base, deadline=deadline, attempt=attempt)
            if isinstance(outcome, Answer):
                return outcome
            failure = outcome
            pause = self._pause(failure, attempt=attempt, deadline=deadline)
            if pause is None or attempt == attempts:
                break
            self._sleep(pause)
        # Outside every `except`, so that no library's error with its headers hangs on ours.
        raise Retryable(f"{self._system} {failure.problem}", after=failure.after or retrying.DEFAULT_AFTER_SECONDS)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _pause(self, failure: Failure, *, attempt: int, deadline: Deadline) -> float | None:
        """Return how long to wait before another try, or None when there is no point or no time."""
        pause = max(retrying.pause_seconds(attempt=attempt, jitter=self._jitter()), failure.after or 0.0)
        has_time = pause <= retrying.LONGEST_PAUSE_SECONDS and pause < deadline.seconds_left
        return pause if failure.is_worth_repeating and has_time else None

    def _logged_try(self, call: Call, *, base: BaseUrl, deadline: Deadline, attempt: int) -> Answer | Failure:
        began = time.monotonic()
        outcome = self._try(call, base=base, deadline=deadline)
        failed = isinstance(outcome, Failure)
        write = log.warning if failed else log.info
        write(
            "outside_call",
            system=self._system,
            method=call.method,
            host=base.host,
            path=base.path + call.path,
            status=outcome.status,
            problem=outcome.problem if isinstance(outcome, Failure) else None,
            seconds=round(time.monotonic() - began, 3),
            attempt=attempt,
        )
        return outcome

    def _try(self, call: Call, *, base: BaseUrl, deadline: Deadline) -> Answer | Failure:
        try:
            with network.limited_to(deadline):
                outcome = self._exchange(call, base=base, deadline=deadline)
        except httpcore.TimeoutException:
            return Failure("did not answer in time")
        except httpcore.ConnectError as fault:
            return _unreachable(fault)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ConnectionNotAvailable, OSError):
            return Failure("broke the connection off before its answer was whole")
        return outcome if isinstance(outcome, Failure) else _judged(outcome)

    def _exchange(self, call: Call, *, base: BaseUrl, deadline: Deadline) -> Answer | Failure:
        headers = {
            "Accept": "application/json",
            # Nothing compressed: a small body could unpack into a huge one.
            "Accept-Encoding": "identity",
            "User-Agent": _USER_AGENT,
            **({"Content-Type": "application/x-www-form-urlencoded"} if call.form is not None else {}),
            **call.headers,
        }
        seconds = deadline.seconds_left
        request = httpx.Request(
            call.method,
            base.origin + base.path + call.target,
            headers=headers,
            content=call.body,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)},
        )
        response = self._transport.handle_request(request)
        try:
            return self._read(response)
        finally:
            response.close()

    def _read(self, response: httpx.Response) -> Answer | Failure:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            return Failure("sent a compressed answer, which was not asked for", is_worth_repeating=False)
        too_big = Failure("sent an answer that is too big", is_worth_repeating=False)
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced[:15]) > self._most_bytes:
            return too_big
        body = bytearray()
        for part in response.stream:  # type: ignore[union-attr]  # a sync transport gives a sync stream
            body += part
            if len(body) > self._most_bytes:
                return too_big
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status_code, headers=headers, body=bytes(body))


def _unreachable(fault: httpcore.ConnectError) -> Failure:
    """Tell a certificate that is not believed from a server that is not there."""
    # The pool raises it anew without its cause; the first error is still behind it.
    if isinstance(fault.__cause__ or fault.__context__, ssl.SSLCertVerificationError):
        return Failure(
            "shows a certificate that is not to be trusted; no data was sent. If the server uses an own "
            "certificate authority, its file has to be configured",
            is_worth_repeating=False,
            after=retrying.MOST_AFTER_SECONDS / 3,
        )
    return Failure("cannot be reached")


def _judged(answer: Answer) -> Answer | Failure:
    """Take apart what is an outage whoever the vendor is."""
    problem, status = "", answer.status
    if status in _REDIRECTS:
        problem = f"answers with a redirect ({status}), which is not followed"
    elif status in {_TOO_MANY, _REQUEST_TIMEOUT}:
        problem = f"asks for fewer calls (status {status})"
    elif status >= _SERVER_FAULTS:
        problem = f"has a fault of its own (status {status})"
    if not problem:
        return answer
    after = retrying.retry_after(answer.headers.get("retry-after"), now=datetime.now(UTC))
    return Failure(problem, after=after, status=status)
