"""2Checkout as an emulator: REST 6.0 behind its signed header, and the hosted upgrade page."""

from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from emulators.control import documents
from emulators.control.api import explained, read_document
from emulators.control.emulator import Emulator, entry_of
from emulators.control.errors import DocumentError
from emulators.twocheckout import authentication, calls, errors, upgrade_page
from emulators.twocheckout.settings import Account, Settings
from emulators.twocheckout.state import State


class TwoCheckout(Emulator):
    """The merchant API of 2Checkout."""

    name = "twocheckout"

    def __init__(self, *, account: Account | None, settings: Settings) -> None:
        super().__init__()
        self.state = State(starting_account=account, starting_settings=settings)
        self._calls = calls.Calls(self.state, self.clock)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Give REST, the hosted page, and the one control call of its own."""
        return [
            *self._calls.routes(),
            web.get(upgrade_page.PATH, self._calls.upgrade_form),
            web.post(upgrade_page.PATH, self._calls.place_upgrade),
            web.post("/_control/renew", explained(self._renew)),
        ]

    def middlewares(self) -> Sequence[Middleware]:
        """Shape errors; inside, check every REST call's signature."""
        return [errors.shaping, self._authenticating()]

    def seed(self, document: object) -> Mapping[str, object]:
        """Replace account, switches and subscriptions."""
        return self.state.seed(document)

    def reset_state(self) -> None:
        """Go back to the start."""
        self.state.reset()

    async def expired_token(self, request: web.Request) -> web.Response:
        """Give the one answer there is to a signature that is not accepted."""
        entry_of(request).authenticated(passed=False)
        return errors.answer(errors.unauthenticated())

    async def other_record(self, request: web.Request, response: web.Response) -> web.Response:
        """Give such an answer about another customer's subscription; writes are answered as usual."""
        if request.method != "GET":
            return response
        if request.path == calls.ALL:
            return self._other_page(request, response)
        other = self.state.another_than(request.match_info.get("reference", ""))
        if other is None:
            return response
        request[calls.INSTEAD] = other.reference
        answered = await request.match_info.handler(request)
        return answered if isinstance(answered, web.Response) else response

    def _other_page(self, request: web.Request, response: web.Response) -> web.Response:
        """Answer a search by account number with somebody else's subscriptions."""
        asked = request.query.get("ExternalCustomerReference")
        others = [
            subscription.document
            for subscription in self.state.subscriptions.values()
            if subscription.document["ExternalCustomerReference"] != asked
        ]
        if not others:
            return response
        total = len(self.state.subscriptions)
        pagination = {"Page": 1, "Limit": 10, "Count": total}
        return web.json_response({"Items": others[:1], "Pagination": pagination})

    def _authenticating(self) -> Middleware:
        @web.middleware
        async def authenticating(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith(errors.REST_PREFIX):
                return await handler(request)
            passed = authentication.is_authentic(
                request.headers.get(authentication.HEADER),
                account=self.state.account,
                settings=self.state.settings,
                now=self.clock.now(),
            )
            entry_of(request).authenticated(passed)
            if not passed:
                raise errors.unauthenticated()
            return await handler(request)

        return authenticating

    async def _renew(self, request: web.Request) -> web.Response:
        """Let a subscription renew as time would: what is scheduled for the renewal takes effect."""
        where = "The renewal"
        fields = documents.require_object(await read_document(request), where=where)
        documents.refuse_unknown(fields, {"SubscriptionReference", "Days"}, where=where)
        reference = documents.take(fields, "SubscriptionReference", str, where=where)
        days = documents.take(fields, "Days", int, where=where, default=30)
        subscription = self.state.subscriptions.get(reference)
        if subscription is None:
            raise DocumentError(f"There is no subscription {reference!r}.")
        subscription.renew(days=days, at=self.clock.now())
        return web.json_response(subscription.document)
