"""Lease credentials from Passwordstate: one record, by its id or its exact title, never by a wide search."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog

from onhook.connectors.http import trust
from onhook.connectors.http.addresses import BaseUrl
from onhook.connectors.http.calls import Answer, Call
from onhook.connectors.http.client import HttpClient
from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.leases import Leases
from onhook.connectors.http.outcomes import outcomes_only
from onhook.connectors.http.pacing import CounterOfProcess, SignInPace
from onhook.connectors.passwordstate import payloads
from onhook.connectors.passwordstate.config import PasswordstateConfig
from onhook.connectors.passwordstate.payloads import Entry
from onhook.operations.errors import Rejected, Retryable
from onhook.operations.ports import Secret, SignInCounter

log = structlog.get_logger()

SYSTEM = "Passwordstate"
_DENIED, _NOT_FOUND = frozenset({401, 403}), 404
_OTHER_RECORD_AFTER_SECONDS = 300.0
_LONGEST_TITLE = 255
_LONGEST_REASON = 200
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_NOT_IN_A_HEADER = re.compile(r"[^\x20-\x7e]+")


class PasswordstateSecrets:
    """
    The `SecretStore` port over Passwordstate's standard API.

    A reference of digits only is a PasswordID; anything else is an exact title. `reason` is asked at every read and
    stands in the vault's audit log, so it should name the run.
    """

    def __init__(
        self,
        *,
        config: PasswordstateConfig,
        reason: Callable[[], str] = lambda: "onhook",
        sign_ins: SignInCounter | None = None,
        http: HttpClient | None = None,
    ) -> None:
        self._config = config
        self._reason = reason
        self._base = BaseUrl.parse(config.base_url, allows_loopback_http=config.allows_loopback_http)
        self._http = http or HttpClient(system=SYSTEM, trust=trust.context(ca_file=config.ca_file))
        self._leases = Leases(system=SYSTEM, lasts_seconds=config.lease_seconds)
        self._refusals = SignInPace(system=SYSTEM, counter=sign_ins or CounterOfProcess())
        self._is_denied = False

    @outcomes_only(SYSTEM)
    def lease(self, reference: str) -> Secret:
        """
        Return the secret, from memory while its lease lasts.

        :raises Retryable: Passwordstate does not answer, or answers with another record than the one asked for.
        :raises Rejected: no such record, several, no right to it, or one without a password.
        """
        deadline = Deadline.after(self._config.deadline_seconds)
        return self._leases.get(reference, read=lambda: self._read(reference, deadline), deadline=deadline)

    @outcomes_only(SYSTEM)
    def drop(self, reference: str) -> None:
        """Forget a leased secret, because it was refused: the next lease reads it anew."""
        self._leases.drop(reference)

    @outcomes_only(SYSTEM)
    def check(self, reference: str) -> str:
        """Read one record anew, the harmless way to see that server and key work; return the server's host."""
        self._leases.drop(reference)
        deadline = Deadline.after(self._config.deadline_seconds)
        self._leases.get(reference, read=lambda: self._read(reference, deadline), deadline=deadline)
        return self._base.host

    def _read(self, reference: str, deadline: Deadline) -> Secret:
        is_id = _ID.fullmatch(reference) is not None
        password_id = str(int(reference)) if is_id else self._id_of_title(reference, deadline)
        entry = self._record(password_id, deadline)
        if not is_id and entry.title != reference:
            raise Rejected(f"{SYSTEM} has no record of exactly this title any more; it was renamed just now")
        if not entry.password:
            raise Rejected(f"the record {password_id} in {SYSTEM} has an empty password")
        return Secret(user=entry.user, value=entry.password, address=entry.address)

    def _record(self, password_id: str, deadline: Deadline) -> Entry:
        # Never with `QueryAll`: the same path then means a whole list of that number.
        call = Call(path="/passwords/{id}", values={"id": password_id}, headers=self._headers())
        answer = self._sent(call, deadline)
        found = [] if answer.status == _NOT_FOUND else self._entries(answer)
        if not found:
            raise Rejected(
                f"{SYSTEM} has no record {password_id}, or its key may not read it. "
                "Set the reference to the right PasswordID, or give the key's list access to it"
            )
        if len(found) != 1 or found[0].password_id != password_id:
            raise self._other_record(asked=password_id)
        return found[0]

    def _id_of_title(self, title: str, deadline: Deadline) -> str:
        if not title or '"' in title or len(title) > _LONGEST_TITLE:
            raise Rejected("a reference is a PasswordID or an exact title without double quotes")
        path = "/searchpasswords" if self._config.list_id is None else "/searchpasswords/{list}"
        call = Call(
            path=path,
            values={} if self._config.list_id is None else {"list": str(self._config.list_id)},
            # In double quotes the search is for the whole value; without them it is a contains-match. The passwords
            # of what it finds are not asked for: only the one record that is meant is read, by its id.
            query={"Title": f'"{title}"', "ExcludePassword": "true"},
            headers=self._headers(),
        )
        answer = self._sent(call, deadline)
        found = [] if answer.status == _NOT_FOUND else self._entries(answer)
        ids = {entry.password_id for entry in found if entry.title == title}
        if not ids:
            raise Rejected(f"{SYSTEM} has no record of exactly this title, or its key may not read it")
        if len(ids) > 1:
            raise Rejected(f"{SYSTEM} has {len(ids)} records of this title. Use the PasswordID instead")
        return ids.pop()

    def _sent(self, call: Call, deadline: Deadline) -> Answer:
        if self._is_denied:
            # A key that was just refused is not shown again and again: servers lock callers out for that.
            self._refusals.take()
        answer = self._http.send(call, base=self._base, deadline=deadline)
        self._is_denied = answer.status in _DENIED
        if self._is_denied:
            raise Rejected(
                f"{SYSTEM} refuses our API key (status {answer.status}). "
                "Check the key, the calls it is allowed and the addresses it may be used from"
            )
        if not answer.is_success and answer.status != _NOT_FOUND:
            raise Rejected(f"{SYSTEM} does not accept the request (status {answer.status})")
        return answer

    def _entries(self, answer: Answer) -> list[Entry]:
        return payloads.entries(
            answer.json(), user_field=self._config.user_field, address_field=self._config.address_field
        )

    def _headers(self) -> dict[str, str]:
        reason = _NOT_IN_A_HEADER.sub(" ", self._reason()).strip()[:_LONGEST_REASON] or "onhook"
        return {"APIKey": self._config.api_key, "Reason": reason}

    def _other_record(self, *, asked: str) -> Retryable:
        log.error("vendor_gave_another_record", system=SYSTEM, asked=asked)
        return Retryable(
            f"{SYSTEM} answered with another record than the one asked for; it was not used",
            after=_OTHER_RECORD_AFTER_SECONDS,
        )
