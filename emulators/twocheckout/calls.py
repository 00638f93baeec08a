"""The calls of REST 6.0: read the request, one step on the state, the vendor's answer."""

import json
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from emulators.control.clock import Clock
from emulators.control.emulator import entry_of
from emulators.control.errors import DocumentError
from emulators.twocheckout import customers, filters, subscriptions, updates, upgrade_page
from emulators.twocheckout.errors import REST_PREFIX, bad_request, not_emulated
from emulators.twocheckout.paging import read_page, read_whole_number
from emulators.twocheckout.state import State
from emulators.twocheckout.subscriptions import Subscription

ALL = REST_PREFIX + "subscriptions/"
ONE = ALL + "{reference}/"
# Set by the fault `other_record`: the reference to answer with instead of the one asked for.
INSTEAD = "emulators.twocheckout.instead"

# Calls the vendor has and this emulator does not, with a name for its answer (COVERAGE.md lists them all).
REFUSED = [
    ("PUT", ONE + "upgrade/", "merchant-side upgrade"),
    ("GET", ONE + "upgrade/price/{product}/{currency}/", "upgrade price"),
    ("*", ONE + "renewal/{part:(price|graceperiod|notification|trial|pause)}/{rest:.*}", "renewal detail"),
    ("POST", ONE + "customer/", "assignment to another customer"),
    ("*", ONE + "{part:(enduser|payment|usages|additionalinformation)}/{rest:.*}", "subscription detail"),
    ("GET", ONE + "signon/{page}/", "sign-on link"),
    ("*", REST_PREFIX + "customers/{rest:.*}", "customer call but the read by number"),
    ("*", REST_PREFIX + "{part:(orders|products|promotions|leads)}/{rest:.*}", "calls beside subscriptions"),
]


class Calls:
    """The handlers of all REST calls."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Give the routes; the two schedule calls alone have no slash at the end."""
        return [
            web.get(ALL, self.search),
            web.post(ALL, self.add),
            web.get(ONE, self.get),
            web.put(ONE, self.put),
            web.post(ONE, self.enable),
            web.delete(ONE, self.disable),
            web.get(ONE + "upgrade/", self.upgrade_options),
            web.post(ONE + "schedule-product-update", self.schedule),
            web.delete(ONE + "remove-scheduled-product-update", self.unschedule),
            web.get(ONE + "renewal/", self.renewal),
            web.post(ONE + "renewal/", self.renewal_on),
            web.delete(ONE + "renewal/", self.renewal_off),
            web.put(ONE + "renewal/", self.renew),
            web.get(ONE + "history/", self.history),
            web.put(ONE + "history/", self.extend),
            web.get(ONE + "customer/", self.customer),
            web.get(REST_PREFIX + r"customers/{number:\d+}/", self.customer_by_number),
            *[web.route(method, path, _refuse(what)) for method, path, what in REFUSED],
        ]

    async def search(self, request: web.Request) -> web.Response:
        query = filters.grouped(request.query.items())
        page = read_page(query)
        is_wanted = filters.compile_filters(query, strict=self._state.settings.strict_filters)
        held = self._state.subscriptions.values()
        found = [subscription.document for subscription in held if is_wanted(subscription)]
        return web.json_response(page.of(found, account_total=len(held)))

    async def add(self, request: web.Request) -> web.Response:
        document = await _document(request)
        try:
            subscription = subscriptions.read(document, where="The subscription")
        except DocumentError as error:
            raise bad_request("INVALID_SUBSCRIPTION", str(error)) from error
        reference = subscriptions.new_reference(list(self._state.subscriptions))
        subscription.document["SubscriptionReference"] = reference
        subscription.modified_at = self._clock.now()
        self._state.subscriptions[reference] = subscription
        entry_of(request).effect("subscription_imported", subscription=reference)
        return web.json_response(reference, status=201, headers={"Location": f"{ALL}{reference}/"})

    async def get(self, request: web.Request) -> web.Response:
        return web.json_response(self._wanted(request).document)

    async def put(self, request: web.Request) -> web.Response:
        subscription = self._wanted(request)
        changed = updates.update(subscription, await _document(request), now=self._clock.now())
        if changed:
            entry_of(request).effect("subscription_updated", subscription=subscription.reference, fields=changed)
        return web.json_response(True)

    async def enable(self, request: web.Request) -> web.Response:
        return self._set(request, "subscription_enabled", SubscriptionEnabled=True, Status="ACTIVE")

    async def disable(self, request: web.Request) -> web.Response:
        return self._set(request, "subscription_disabled", SubscriptionEnabled=False, Status="DISABLED")

    async def upgrade_options(self, request: web.Request) -> web.Response:
        return web.json_response(self._wanted(request).options())

    async def schedule(self, request: web.Request) -> web.Response:
        subscription = self._wanted(request)
        scheduled = updates.schedule(subscription, await _document(request))
        quantity = scheduled["Quantity"]
        entry_of(request).effect("change_scheduled", subscription=subscription.reference, quantity=quantity)
        return web.json_response(True)

    async def unschedule(self, request: web.Request) -> web.Response:
        subscription = self._wanted(request)
        if subscription.scheduled is None:
            raise bad_request("NO_SCHEDULED_UPDATE", "Nothing is scheduled for this subscription.")
        subscription.scheduled = None
        entry_of(request).effect("schedule_removed", subscription=subscription.reference)
        return web.json_response(True)

    async def renewal(self, request: web.Request) -> web.Response:
        subscription = self._wanted(request)
        link = f"{request.scheme}://{request.host}/order/renew.php?LICENSE={subscription.reference}"
        is_recurring = subscription.document["RecurringEnabled"]
        return web.json_response({"RecurringEnabled": is_recurring, "ManualRenewalLink": link})

    async def renewal_on(self, request: web.Request) -> web.Response:
        return self._set(request, "renewal_enabled", RecurringEnabled=True)

    async def renewal_off(self, request: web.Request) -> web.Response:
        return self._set(request, "renewal_disabled", RecurringEnabled=False)

    async def renew(self, request: web.Request) -> web.Response:
        subscription = self._wanted(request)
        document = await _document(request)
        days = document.get("Days") if isinstance(document, dict) else None
        if not isinstance(days, int) or isinstance(days, bool) or days < 1:
            raise bad_request("INVALID_RENEWAL", "Days is a whole number from 1.")
        quantity_before = subscription.quantity
        subscription.renew(days=days, at=self._clock.now())
        entry = entry_of(request)
        entry.effect("renewed", subscription=subscription.reference, days=days)
        if subscription.quantity != quantity_before:
            _note_quantity(request, subscription, before=quantity_before)
        return web.json_response(True)

    async def history(self, request: web.Request) -> web.Response:
        return web.json_response(self._wanted(request).history)

    async def extend(self, request: web.Request) -> web.Response:
        subscription = self._wanted(request)
        days = read_whole_number(request.query.get("Days", ""))
        if days is None:
            raise bad_request("INVALID_DAYS", "Days is a whole number from 1.")
        subscription.extend(days=days, at=self._clock.now())
        entry_of(request).effect("extended", subscription=subscription.reference, days=days)
        return web.json_response(True)

    async def customer(self, request: web.Request) -> web.Response:
        return web.json_response(customers.of(self._wanted(request)))

    async def customer_by_number(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        return web.json_response(customers.by_number(self._state.subscriptions.values(), number))

    async def upgrade_form(self, request: web.Request) -> web.Response:
        """Show the hosted upgrade page."""
        subscription = self._state.subscriptions.get(request.query.get("LICENSE", ""))
        if subscription is None:
            return upgrade_page.unknown()
        is_offered = subscription.options() and subscription.document["RecurringEnabled"]
        return upgrade_page.offer(subscription) if is_offered else upgrade_page.nothing_to_offer()

    async def place_upgrade(self, request: web.Request) -> web.Response:
        """Take the order of the hosted upgrade page."""
        subscription = self._state.subscriptions.get(request.query.get("LICENSE", ""))
        if subscription is None or not subscription.options() or not subscription.document["RecurringEnabled"]:
            return await self.upgrade_form(request)
        quantity = read_whole_number(str((await request.post()).get("QTY", "")))
        if quantity is None:
            return upgrade_page.offer(subscription, problem="The quantity is a whole number from 1.")
        return self._ordered(request, subscription, quantity=quantity)

    def _ordered(self, request: web.Request, subscription: Subscription, *, quantity: int) -> web.Response:
        before, lowering = subscription.quantity, self._state.settings.lowering
        if quantity < before and lowering == "refused":
            return upgrade_page.offer(subscription, problem="The quantity cannot be lowered.")
        is_scheduled = quantity < before and lowering == "at_renewal"
        if is_scheduled:
            subscription.scheduled = {
                "ProductCode": subscription.product["ProductCode"],
                "Quantity": quantity,
            }
            entry_of(request).effect("change_scheduled", subscription=subscription.reference, quantity=quantity)
        else:
            subscription.change_quantity(quantity, at=self._clock.now())
            _note_quantity(request, subscription, before=before)
        return upgrade_page.placed(subscription, quantity=quantity, is_scheduled=is_scheduled)

    def _wanted(self, request: web.Request) -> Subscription:
        return self._state.get(request.get(INSTEAD, request.match_info["reference"]))

    def _set(self, request: web.Request, effect: str, **values: object) -> web.Response:
        subscription = self._wanted(request)
        subscription.document.update(values)
        subscription.modified_at = self._clock.now()
        entry_of(request).effect(effect, subscription=subscription.reference)
        return web.json_response(True)


def _note_quantity(request: web.Request, subscription: Subscription, *, before: int) -> None:
    entry_of(request).effect(
        "quantity_changed",
        subscription=subscription.reference,
        **{"from": before, "to": subscription.quantity},
    )


def _refuse(what: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def refuse(_: web.Request) -> web.Response:
        raise not_emulated(what)

    return refuse


async def _document(request: web.Request) -> object:
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise bad_request("INVALID_JSON", "The body is not JSON.") from error
