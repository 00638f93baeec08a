"""The vault's reading calls."""

from collections.abc import Iterable, Mapping, Sequence

from aiohttp import web

from emulators.control.clock import Clock
from emulators.control.emulator import entry_of
from emulators.passwordstate import errors
from emulators.passwordstate.records import Record
from emulators.passwordstate.searching import read_search
from emulators.passwordstate.state import State
from emulators.passwordstate.vault import API_USER, Key

Shown = list[dict[str, object]]


class Calls:
    """Answers passwords, searchpasswords and onetimepassword."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Give the routes, the collections with and without a slash at the end."""
        return [
            web.get("/api/passwords{slash:/?}", self._every_password),
            web.get("/api/passwords/{id}", self._password_or_list),
            web.get("/api/searchpasswords{slash:/?}", self._search),
            web.get("/api/searchpasswords/{id}", self._search),
            web.get("/api/onetimepassword/{id}", self._one_time_password),
        ]

    def shown(self, records: Iterable[Record], *, hides_secrets: bool) -> Shown:
        """Give records as the API shows them; `hides_secrets` leaves the password values out."""
        vault, now = self._state.vault, self._clock.now()
        shown = [record.shown(list_name=vault.lists[record.list_id].name, at=now) for record in records]
        for each in shown:
            if hides_secrets:
                # "Values left out" (notes, section 4): that the field itself stays, blank, is inferred.
                each["Password"] = ""
        return [_typed(each, types=self._state.settings.types) for each in shown]

    async def _every_password(self, request: web.Request) -> web.Response:
        key = self._allowed_key(request)
        if not _is_set(request, "QueryAll"):
            raise errors.not_found("No password ID was given.")
        return self._many(request, key, self._state.vault.readable(key), list_id="")

    async def _password_or_list(self, request: web.Request) -> web.Response:
        """Read the number as a list's with QueryAll, else as a password's: the trap of notes, section 4."""
        key = self._allowed_key(request)
        number = request.match_info["id"]
        if not _is_set(request, "QueryAll"):
            return self._one(request, key, number)
        records = self._state.vault.readable(key, list_id=_number(number))
        return self._many(request, key, records, list_id=number)

    def _one(self, request: web.Request, key: Key, number: str) -> web.Response:
        record = self._record(key, number)
        self._check_reason(request, [record])
        # PreventAuditing is not available here (notes, section 7): reading one always leaves its row.
        self._audit(request, key, [record])
        return web.json_response(self.shown([record], hides_secrets=False))

    def _many(self, request: web.Request, key: Key, records: list[Record], *, list_id: str) -> web.Response:
        if not records:
            raise errors.empty_list(list_id)
        return web.json_response(self._read(request, key, records))

    async def _search(self, request: web.Request) -> web.Response:
        key = self._allowed_key(request)
        list_id = request.match_info.get("id")
        search = read_search(request.query.items())
        readable = self._state.vault.readable(key, list_id=None if list_id is None else _number(list_id))
        found = [record for record in readable if search.matches(record)]
        if not found and self._state.settings.empty_search_is_error:
            raise errors.not_found("No passwords were found that match the search.")
        return web.json_response(self._read(request, key, found))

    async def _one_time_password(self, request: web.Request) -> web.Response:
        key = self._allowed_key(request)
        record = self._record(key, request.match_info["id"])
        code = record.code(at=self._clock.now())
        if code is None or not self._state.vault.lists[record.list_id].has_one_time_passwords:
            raise errors.not_found(f"One-time passwords are not set up for password ID {record.password_id}.")
        self._check_reason(request, [record])
        self._audit(request, key, [record])
        return web.json_response([{"PasswordID": record.password_id, "OTP": code}])

    def _read(self, request: web.Request, key: Key, records: list[Record]) -> Shown:
        self._check_reason(request, records)
        if not _is_set(request, "PreventAuditing"):
            self._audit(request, key, records)
        return self.shown(records, hides_secrets=_is_set(request, "ExcludePassword"))

    def _record(self, key: Key, number: str) -> Record:
        record = self._state.vault.records.get(_number(number))
        if record is None or not key.opens(record.list_id):
            raise errors.no_such_password(number)
        return record

    def _allowed_key(self, request: web.Request) -> Key:
        """Give the key of the call; the header, or the version 6 style `apikey` in the query string."""
        value = request.headers.get("APIKey") or _query(request).get("apikey", "")
        key = self._state.vault.key_of(value)
        entry_of(request).authenticated(key is not None)
        # That a key without the right to read is answered like a wrong one is inferred.
        if key is None or "read" not in key.calls:
            raise errors.denied(status=self._state.settings.denied_status)
        return key

    def _check_reason(self, request: web.Request, records: Iterable[Record]) -> None:
        if not self._state.settings.enforces_reason or request.headers.get("Reason"):
            return
        if any(self._state.vault.lists[record.list_id].demands_reason for record in records):
            phrase = "A reason must be given to read this password."
            raise errors.RefusalError(status=403, message="Forbidden", phrase=phrase)

    def _audit(self, request: web.Request, key: Key, records: Iterable[Record]) -> None:
        """Write one row per record, with the `Reason` header as it came."""
        entry, reason = entry_of(request), request.headers.get("Reason", "")
        for record in records:
            row: dict[str, object] = {
                "At": self._clock.now().isoformat(),
                **API_USER,
                "PasswordID": record.password_id,
                "PasswordListID": record.list_id,
                "Reason": reason,
                "Key": key.name,
                "Call": entry.sequence,
            }
            self._state.vault.audit.append(row)
            entry.effect("audited", password_id=record.password_id, reason=reason)


def _query(request: web.Request) -> Mapping[str, str]:
    return {name.lower(): value for name, value in request.query.items()}


def _is_set(request: web.Request, flag: str) -> bool:
    """Say whether a flag is there, with or without a value; `false` as its value is taken at its word."""
    return _query(request).get(flag.lower(), "false").lower() != "false"


def _number(text: str) -> int:
    """Give an id as a number; -1, which no record has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() else -1


def _typed(shown: dict[str, object], *, types: str) -> dict[str, object]:
    """Write ids and booleans the way this server does (notes, section 3: types waver)."""
    if types == "list_id_as_text":
        return {**shown, "PasswordListID": str(shown["PasswordListID"])}
    if types == "all_as_text":
        return {name: value if isinstance(value, list) else str(value) for name, value in shown.items()}
    return shown
