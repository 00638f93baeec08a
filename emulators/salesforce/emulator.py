"""Salesforce as an emulator: one org behind its sessions, its limits and its error shapes."""

import json
from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from emulators.control.api import PREFIX, explained, read_document
from emulators.control.emulator import Emulator, entry_of
from emulators.salesforce import errors, limits, signing_in, versions
from emulators.salesforce.accounts import stranger
from emulators.salesforce.queries import Queries, shown
from emulators.salesforce.records import Records
from emulators.salesforce.state import State

_VERSION = versions.PREFIX + "{version:v[^/]+}"
_SLASH = "{slash:/?}"


class Salesforce(Emulator):
    """One org."""

    name = "salesforce"

    def __init__(self) -> None:
        super().__init__()
        self.state = State(clock=self.clock)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Give OAuth, REST, and the org's own control calls."""
        queries, records = Queries(self.state), Records(self.state)
        sobjects = _VERSION + "/sobjects"
        return [
            *signing_in.routes(self.state),
            web.get(versions.PREFIX.rstrip("/") + _SLASH, self._versions),
            web.get(_VERSION + _SLASH, self._resources),
            web.get(_VERSION + "/limits" + _SLASH, self._limits),
            web.get(_VERSION + "/query" + _SLASH, queries.query),
            web.get(_VERSION + "/queryAll" + _SLASH, queries.query_all),
            web.get(_VERSION + "/{kind:query|queryAll}/{locator}" + _SLASH, queries.next_page),
            web.get(sobjects + _SLASH, records.every_object),
            web.get(sobjects + "/{object}" + _SLASH, records.about),
            web.post(sobjects + "/{object}" + _SLASH, records.create),
            web.get(sobjects + "/{object}/describe" + _SLASH, records.describe),
            web.get(sobjects + "/{object}/{id}" + _SLASH, records.read),
            web.patch(sobjects + "/{object}/{id}" + _SLASH, records.update),
            web.get(PREFIX + "settings", explained(self._settings)),
            web.post(PREFIX + "settings", explained(self._change_settings)),
            web.post(PREFIX + "end_sessions", explained(self._end_sessions)),
        ]

    def middlewares(self) -> Sequence[Middleware]:
        """Tell the usage on every REST answer; inside, shape errors; inside, check version, session and limit."""
        return [self._limiting(), self._shaping(), self._authenticating()]

    def seed(self, document: object) -> Mapping[str, object]:
        """Replace the org."""
        return self.state.seed(document)

    def reset_state(self) -> None:
        """Go back to an org without clients or accounts."""
        self.state.reset()

    async def expired_token(self, request: web.Request) -> web.Response:
        """End the session the call carries and give the answer to a session that ended."""
        self.state.sessions.end(signing_in.session_token(request))
        entry_of(request).authenticated(passed=False)
        if versions.version_of(request.path) is None:
            return errors.SignInError("invalid_grant", "expired access/refresh token").answer()
        return errors.session_refused().answer()

    async def other_record(self, request: web.Request, response: web.Response) -> web.Response:
        """Put another account in the place of each one answered with; other answers stay as they are."""
        answered = json.loads(response.text or "null")
        if response.status != web.HTTPOk.status_code or not isinstance(answered, dict):
            return response
        if "attributes" in answered:
            changed = self._others_like([answered], request)[0]
        elif answered.get("records"):
            changed = {**answered, "records": self._others_like(answered["records"], request)}
        else:
            return response
        return web.json_response(changed)

    def _others_like(self, records: list[dict[str, object]], request: web.Request) -> list[dict[str, object]]:
        """Give as many other accounts, with the same fields; a stranger where the org has too few."""
        state, version = self.state, request.match_info["version"]
        given = {str(record["attributes"]) for record in records}
        others = [
            account
            for account in state.accounts.values()
            if not any(str(account["Id"]) in attributes for attributes in given)
        ]
        fields = [field for field in state.schema.fields if field.name in records[0]]
        strange = stranger(state.schema, user_id=state.org.user_id, now=self.clock.now())
        chosen = [*others, *[strange] * len(records)][: len(records)]
        return [shown(account, fields, version=version) for account in chosen]

    def _shaping(self) -> Middleware:
        @web.middleware
        async def shaping(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path.startswith(PREFIX):
                return await handler(request)
            try:
                return await handler(request)
            except errors.RefusalError as refusal:
                return refusal.answer()
            except web.HTTPNotFound:
                return errors.not_found().answer()
            except web.HTTPMethodNotAllowed as error:
                allowed = ", ".join(sorted(error.allowed_methods))
                message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
                return errors.RefusalError(status=405, code="METHOD_NOT_ALLOWED", message=message).answer()

        return shaping

    def _authenticating(self) -> Middleware:
        @web.middleware
        async def authenticating(request: web.Request, handler: Handler) -> web.StreamResponse:
            version = versions.version_of(request.path)
            if version is None:
                return await handler(request)
            versions.check(version)
            settings = self.state.settings
            passed = not settings.refuses_sessions and self.state.sessions.use(
                signing_in.session_token(request), now=self.clock.now(), seconds=settings.session_seconds
            )
            entry_of(request).authenticated(passed)
            if not passed:
                raise errors.session_refused()
            self._count_request()
            return await handler(request)

        return authenticating

    def _count_request(self) -> None:
        settings = self.state.settings
        if settings.limit_exceeded:
            raise errors.limit_exceeded(settings.limit_exceeded)
        if self.state.requests_used >= settings.daily_requests:
            raise errors.limit_exceeded("daily")
        self.state.requests_used += 1

    def _limiting(self) -> Middleware:
        @web.middleware
        async def limiting(request: web.Request, handler: Handler) -> web.StreamResponse:
            if versions.version_of(request.path) is None:
                return await handler(request)
            response = await handler(request)
            response.headers[limits.HEADER] = limits.usage(self.state)
            return response

        return limiting

    async def _versions(self, _: web.Request) -> web.Response:
        return web.json_response(versions.listed())

    async def _resources(self, request: web.Request) -> web.Response:
        base = f"{versions.PREFIX}{request.match_info['version']}"
        return web.json_response({name: f"{base}/{name}" for name in ("limits", "query", "queryAll", "sobjects")})

    async def _limits(self, _: web.Request) -> web.Response:
        return web.json_response(limits.described(self.state))

    async def _settings(self, _: web.Request) -> web.Response:
        return web.json_response(self.state.settings.described())

    async def _change_settings(self, request: web.Request) -> web.Response:
        self.state.change_settings(await read_document(request))
        return web.json_response(self.state.settings.described())

    async def _end_sessions(self, request: web.Request) -> web.Response:
        """End every session, as an admin's revocation does."""
        await read_document(request)
        return web.json_response({"ended": self.state.sessions.end_all()})
