"""Passwordstate as an emulator: the standard API's reading calls over one vault."""

import json
from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from emulators.control import documents
from emulators.control.api import PREFIX, explained, read_document
from emulators.control.emulator import Emulator, entry_of
from emulators.passwordstate import errors
from emulators.passwordstate.calls import Calls
from emulators.passwordstate.state import State


class Passwordstate(Emulator):
    """One server: its vault and its switches."""

    name = "passwordstate"

    def __init__(self) -> None:
        super().__init__()
        self.state = State()
        self._calls = Calls(self.state, self.clock)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Give the reading calls, the error page, and the vault's own control calls."""
        return [
            *self._calls.routes(),
            web.get(errors.ERROR_PAGE, errors.error_page),
            web.route("*", "/winapi/{tail:.*}", errors.integrated_api),
            web.get(PREFIX + "audit", explained(self._audit)),
            web.get(PREFIX + "settings", explained(self._settings)),
            web.post(PREFIX + "settings", explained(self._change_settings)),
            web.post(PREFIX + "rotate_key", explained(self._rotate_key)),
        ]

    def middlewares(self) -> Sequence[Middleware]:
        """Shape what is refused; send every call to the error page where that switch is on."""
        return [self._shaping()]

    def seed(self, document: object) -> Mapping[str, object]:
        """Replace vault and switches."""
        return self.state.seed(document)

    def reset_state(self) -> None:
        """Empty the vault and put every switch back."""
        self.state.reset()

    async def expired_token(self, request: web.Request) -> web.Response:
        """Give the answer to a key that was rotated away."""
        entry_of(request).authenticated(passed=False)
        return self.refused(errors.denied(status=self.state.settings.denied_status))

    async def other_record(self, request: web.Request, response: web.Response) -> web.Response:  # noqa: ARG002
        """Put another record, with its own secret, in the place of each that was asked for."""
        asked = json.loads(response.text or "[]")
        if response.status != web.HTTPOk.status_code or not isinstance(asked, list):
            return response
        given = {str(item.get("PasswordID")) for item in asked}
        others = [record for record in self.state.vault.records.values() if str(record.password_id) not in given]
        return web.json_response(self._calls.shown(others[: max(1, len(asked))], hides_secrets=False))

    def refused(self, refusal: errors.RefusalError) -> web.Response:
        """Give a refusal in the shape this build uses."""
        return errors.answer(refusal, in_older_shape=self.state.settings.errors_in_older_shape)

    def _shaping(self) -> Middleware:
        @web.middleware
        async def shaping(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith(errors.API_PREFIX):
                return await handler(request)
            if self.state.settings.redirects_to_error_page:
                return errors.to_error_page(request.path)
            try:
                return await errors.in_vault_shape(request, handler)
            except errors.RefusalError as refusal:
                return self.refused(refusal)

        return shaping

    async def _audit(self, _: web.Request) -> web.Response:
        return web.json_response({"rows": self.state.vault.audit})

    async def _settings(self, _: web.Request) -> web.Response:
        return web.json_response(self.state.settings.described())

    async def _change_settings(self, request: web.Request) -> web.Response:
        self.state.change_settings(await read_document(request))
        return web.json_response(self.state.settings.described())

    async def _rotate_key(self, request: web.Request) -> web.Response:
        where = "The rotation"
        fields = documents.require_object(await read_document(request), where=where)
        documents.refuse_unknown(fields, {"name", "value"}, where=where)
        self.state.vault.rotate(
            name=documents.take(fields, "name", str, where=where),
            value=documents.take(fields, "value", str, where=where),
        )
        return web.json_response({})
