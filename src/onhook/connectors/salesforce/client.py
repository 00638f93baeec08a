"""Speak REST with one org: the sign-in all runs share, one renewal per call, and the meaning of each refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import structlog

from onhook.connectors.http import trust
from onhook.connectors.http.addresses import BaseUrl, UnusableAddress
from onhook.connectors.http.calls import Answer, Call
from onhook.connectors.http.client import HttpClient
from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.pacing import CounterOfProcess, SignInPace
from onhook.connectors.http.payloads import Malformed
from onhook.connectors.http.shared import Shared
from onhook.connectors.salesforce import payloads
from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.operations.errors import Rejected, Retryable, RunOutcome
from onhook.operations.ports import Secret, SecretStore, SignInCounter

log = structlog.get_logger()

SYSTEM = "Salesforce"
_MEGABYTE = 1024 * 1024
# The description of a large org's Account is long.
_MOST_BYTES = 8 * _MEGABYTE
_UNAUTHENTICATED, _FORBIDDEN, _GONE = 401, 403, 410
_CREDENTIAL_ERRORS = frozenset({"invalid_client_id", "invalid_client", "invalid_grant"})
_BUSY_AFTER_SECONDS, _SIGN_IN_RATE_AFTER_SECONDS, _DAILY_LIMIT_AFTER_SECONDS = 30.0, 60.0, 900.0
_MUCH_USED = 0.8
_VERSION = re.compile(r"[0-9]{2,3}\.[0-9]", re.ASCII)
_USUAL_HOSTS = ".my.salesforce.com"
# There client credentials are never accepted.
_SHARED_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})


@dataclass(frozen=True, kw_only=True)
class Session:
    """An access token and where it may be shown."""

    token: str = field(repr=False)
    base: BaseUrl


@dataclass
class Visit:
    """What one call of the port does together: one deadline, and one renewal of the session at most."""

    deadline: Deadline
    has_renewed: bool = False


class SalesforceClient:
    """One org over REST. Safe to share between threads."""

    def __init__(
        self,
        *,
        config: SalesforceConfig,
        secrets: SecretStore,
        sign_ins: SignInCounter | None = None,
        http: HttpClient | None = None,
    ) -> None:
        self._config = config
        self._secrets = secrets
        self.base = BaseUrl.parse(config.base_url, allows_loopback_http=config.allows_loopback_http)
        if self.base.host in _SHARED_HOSTS or not _VERSION.fullmatch(config.api_version):
            raise UnusableAddress("It must be the org's My Domain host, with an API version such as 68.0.")
        self._http = http or HttpClient(
            system=SYSTEM, trust=trust.context(ca_file=config.ca_file), most_bytes=_MOST_BYTES
        )
        self._pace = SignInPace(system=SYSTEM, counter=sign_ins or CounterOfProcess())
        self._sessions: Shared[Session] = Shared(
            busy=f"{SYSTEM} is still signing us in", lasts_seconds=config.session_seconds
        )

    def get(
        self,
        path: str,
        *,
        visit: Visit,
        values: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """
        Return a successful answer to a read below the API version's path.

        :raises Retryable: no usable answer came, or a limit is used up for now.
        :raises Rejected: the credentials, the rights or the request are refused.
        """
        call = Call(path=f"/services/data/v{self._config.api_version}{path}", values=values or {}, query=query or {})
        answer = self._authorised(call, visit)
        self._note_usage(answer)
        if not answer.is_success:
            raise _refusal(answer)
        return answer

    def _authorised(self, call: Call, visit: Visit) -> Answer:
        session = self._session(visit.deadline)
        answer = self._show(call, session, visit.deadline)
        # Once: the same answer also means a blocked client or a locked address, which no new session cures.
        if answer.status == _UNAUTHENTICATED and not visit.has_renewed:
            visit.has_renewed = True
            self._sessions.forget(session)
            answer = self._show(call, self._session(visit.deadline), visit.deadline)
        return answer

    def _show(self, call: Call, session: Session, deadline: Deadline) -> Answer:
        headers = {"Authorization": f"Bearer {session.token}"}
        return self._http.send(replace(call, headers=headers), base=session.base, deadline=deadline)

    def _session(self, deadline: Deadline) -> Session:
        return self._sessions.get(make=lambda: self._sign_in(deadline), deadline=deadline)

    def _sign_in(self, deadline: Deadline) -> Session:
        """
        Sign in with client credentials (OAuth 2.0; there is no refresh token, and no lifetime is told).

        Refused credentials may have been rotated: the secret is read anew, and tried if it has changed.
        """
        secret = self._secrets.lease(self._config.secret_reference)
        answer = self._ask_for_token(secret, deadline)
        if not answer.is_success and _problem(answer).code in _CREDENTIAL_ERRORS:
            self._secrets.drop(self._config.secret_reference)
            fresh = self._secrets.lease(self._config.secret_reference)
            if fresh != secret:
                answer = self._ask_for_token(fresh, deadline)
        if not answer.is_success:
            raise _sign_in_refusal(answer)
        token = payloads.token(answer.json())
        return Session(token=token.value, base=self._instance(token.instance_url))

    def _ask_for_token(self, secret: Secret, deadline: Deadline) -> Answer:
        self._pace.take()
        call = Call(
            method="POST",
            path="/services/oauth2/token",
            form={
                "grant_type": "client_credentials",
                "client_id": secret.user,
                "client_secret": secret.value,
            },
        )
        return self._http.send(call, base=self.base, deadline=deadline)

    def _instance(self, instance_url: str) -> BaseUrl:
        """Return where the session is to be used: the token is shown to no host that is not the org's."""
        try:
            found = BaseUrl.parse(instance_url, allows_loopback_http=self._config.allows_loopback_http)
        except UnusableAddress:
            found = None
        if found is None:
            raise Malformed("instance_url is not an address")
        is_usual = found.host.endswith(_USUAL_HOSTS) and found.scheme == "https"
        if not (found.is_same_origin(self.base) or is_usual or found.host in self._config.instance_hosts):
            log.error("session_is_for_a_strange_host", system=SYSTEM)
            raise Rejected(
                f"{SYSTEM} sends us to a host that is not the org's; nothing was sent there. "
                "If it is right, name it in ONHOOK_SALESFORCE_INSTANCE_HOSTS"
            )
        return replace(found, path="")

    def _note_usage(self, answer: Answer) -> None:
        usage = payloads.api_usage(answer.headers.get("sforce-limit-info", ""))
        if usage is None:
            return
        used, allowed = usage
        write = log.warning if used >= allowed * _MUCH_USED else log.info
        write("vendor_limit", system=SYSTEM, used=used, allowed=allowed)


def _problem(answer: Answer) -> payloads.Problem:
    try:
        return payloads.problem(answer.json())
    except Malformed:
        return payloads.Problem()


def _sign_in_refusal(answer: Answer) -> RunOutcome:
    code = _problem(answer).code
    if code == "rate_limit_exceeded":
        return Retryable(f"{SYSTEM} wants fewer sign-ins", after=_SIGN_IN_RATE_AFTER_SECONDS)
    return Rejected(
        f"{SYSTEM} does not sign us in (status {answer.status}{f', {code}' if code else ''}). Check the app's consumer "
        "key and secret, that client credentials are on, and that the app has a user to run as"
    )


def _refusal(answer: Answer) -> RunOutcome:
    problem = _problem(answer)
    said = f"status {answer.status}{f', {problem.code}' if problem.code else ''}"
    if answer.status == _UNAUTHENTICATED:
        return Rejected(
            f"{SYSTEM} refuses the session it has just given us ({said}). The app or this machine's address may be "
            "blocked: ask the org's administrator"
        )
    if problem.code == "REQUEST_LIMIT_EXCEEDED":
        after = _BUSY_AFTER_SECONDS if problem.is_about_concurrency else _DAILY_LIMIT_AFTER_SECONDS
        return Retryable(f"{SYSTEM}'s limit of calls is used up for now", after=after)
    if answer.status == _FORBIDDEN:
        return Rejected(f"{SYSTEM} does not let our user do this ({said})")
    if answer.status == _GONE:
        return Rejected(
            f"{SYSTEM} has switched our version of its API off ({said}). "
            "Name a newer one in ONHOOK_SALESFORCE_API_VERSION"
        )
    return Rejected(f"{SYSTEM} does not accept the request ({said})")
