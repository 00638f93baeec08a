"""Speak REST 6.0: signed calls, one proven sign-in for all runs, and the meaning of each status."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from onhook.connectors.http import retrying, trust
from onhook.connectors.http.addresses import BaseUrl
from onhook.connectors.http.calls import Answer, Call
from onhook.connectors.http.client import HttpClient
from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.pacing import CounterOfProcess, SignInPace
from onhook.connectors.http.payloads import Malformed
from onhook.connectors.http.shared import Shared
from onhook.connectors.twocheckout.config import TwoCheckoutConfig
from onhook.connectors.twocheckout.signing import HEADER, Signer
from onhook.operations.errors import Rejected
from onhook.operations.ports import SecretStore, SignInCounter

log = structlog.get_logger()

SYSTEM = "2Checkout"
_UNAUTHENTICATED, _FORBIDDEN, NOT_FOUND, BAD_REQUEST = 401, 403, 404, 400
# Below this a clock is right enough: the vendor tolerates "a few minutes". Above a day it is no clock's fault.
_LEAST_SKEW, _MOST_SKEW = timedelta(seconds=60), timedelta(days=1)
_MERCHANT_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_ERROR_CODE = re.compile(r"[A-Z0-9_]{3,60}", re.ASCII)
# The cheapest call that only a right signature may make; its answer is not looked at.
_PROOF = Call(path="/subscriptions/", query={"Page": "1", "Limit": "1"})


@dataclass
class Visit:
    """What one call of the port does together: one deadline, and one renewal of the sign-in at most."""

    deadline: Deadline
    has_renewed: bool = False


class TwoCheckoutClient:
    """One merchant account over REST 6.0. Safe to share between threads."""

    def __init__(
        self,
        *,
        config: TwoCheckoutConfig,
        secrets: SecretStore,
        utc_now: Callable[[], datetime],
        sign_ins: SignInCounter | None = None,
        http: HttpClient | None = None,
    ) -> None:
        self._config = config
        self._secrets = secrets
        self._utc_now = utc_now
        self.base = BaseUrl.parse(config.base_url, allows_loopback_http=config.allows_loopback_http)
        self._http = http or HttpClient(system=SYSTEM, trust=trust.context(ca_file=config.ca_file))
        self._pace = SignInPace(system=SYSTEM, counter=sign_ins or CounterOfProcess())
        self._proven: Shared[Signer] = Shared(
            busy=f"{SYSTEM} is still signing us in", lasts_seconds=config.session_seconds
        )

    def sign_in(self, *, visit: Visit) -> None:
        """Prove our credentials, unless they were proven not long ago. Raises like `get`."""
        self._signer(visit.deadline)

    def get(
        self,
        path: str,
        *,
        visit: Visit,
        values: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        expected: tuple[int, ...] = (),
    ) -> Answer:
        """
        Return a successful answer, or one with a status among `expected`.

        :raises Retryable: no usable answer came.
        :raises Rejected: the credentials, the rights or the request are refused.
        """
        call = Call(path=path, values=values or {}, query=query or {})
        answer = self._signed(call, visit)
        if answer.is_success or answer.status in expected:
            return answer
        raise _refusal(answer)

    def _signed(self, call: Call, visit: Visit) -> Answer:
        signer = self._signer(visit.deadline)
        answer = self._send(call, signer, visit.deadline)
        if answer.status == _UNAUTHENTICATED and not visit.has_renewed:
            visit.has_renewed = True
            self._proven.forget(signer)
            answer = self._send(call, self._signer(visit.deadline), visit.deadline)
        return answer

    def _send(self, call: Call, signer: Signer, deadline: Deadline) -> Answer:
        # Signed for this call alone: a signature carries the time and goes stale.
        headers = {HEADER: signer.header(at=self._utc_now())}
        return self._http.send(replace(call, headers=headers), base=self.base, deadline=deadline)

    def _signer(self, deadline: Deadline) -> Signer:
        return self._proven.get(make=lambda: self._proved(deadline), deadline=deadline)

    def _proved(self, deadline: Deadline) -> Signer:
        """
        Return credentials that 2Checkout has just accepted.

        There is no sign-in call: every call is signed. But credentials that are wrong must not be shown by fifty runs
        at once, so new ones are proven by one call first, and such proofs are counted like sign-ins.

        1. Sign with the secret as it is leased.
        2. Refused, and the vendor's clock is far from ours: a stale date gets the same answer as a wrong key, so sign
           once more by the vendor's clock (its `Date` header, over the same verified TLS connection).
        3. Still refused: the key may have been rotated. Read the secret anew, and try it if it has changed.
        """
        signer = self._leased()
        answer = self._try(signer, deadline)
        if answer.status == _UNAUTHENTICATED:
            offset = self._clock_offset(answer)
            if offset:
                log.warning("vendor_clock_differs", system=SYSTEM, seconds=round(offset.total_seconds()))
                signer = replace(signer, offset=offset)
                answer = self._try(signer, deadline)
        if answer.status == _UNAUTHENTICATED:
            self._secrets.drop(self._config.secret_reference)
            fresh = replace(self._leased(), offset=signer.offset)
            if fresh != signer:
                signer = fresh
                answer = self._try(signer, deadline)
        if not answer.is_success:
            raise _refusal(answer)
        return signer

    def _try(self, signer: Signer, deadline: Deadline) -> Answer:
        self._pace.take()
        return self._send(_PROOF, signer, deadline)

    def _leased(self) -> Signer:
        secret = self._secrets.lease(self._config.secret_reference)
        if not _MERCHANT_CODE.fullmatch(secret.user):
            raise Rejected(f"the secret for {SYSTEM} has no merchant code as its user")
        return Signer(secret=secret, algorithm=self._config.algorithm)

    def _clock_offset(self, answer: Answer) -> timedelta:
        theirs = retrying.http_date(answer.headers.get("date"))
        offset = timedelta() if theirs is None else theirs - self._utc_now()
        return offset if _LEAST_SKEW <= abs(offset) <= _MOST_SKEW else timedelta()


def _refusal(answer: Answer) -> Rejected:
    if answer.status == _UNAUTHENTICATED:
        return Rejected(
            f"{SYSTEM} refuses our credentials. Check merchant code and secret key, and this machine's clock"
        )
    if answer.status == _FORBIDDEN:
        return Rejected(f"{SYSTEM} does not let our account do this (status 403)")
    return Rejected(f"{SYSTEM} does not accept the request (status {answer.status}{_error_code(answer)})")


def _error_code(answer: Answer) -> str:
    """Return the vendor's error code when it is one; its message is not repeated, it may quote data."""
    try:
        body = answer.json()
    except Malformed:
        return ""
    code = body.get("error_code") if isinstance(body, dict) else None
    return f", {code}" if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
