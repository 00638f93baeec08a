"""The search of `GET /subscriptions/`: filters, and the oddities that are reported about them."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from emulators.twocheckout.errors import bad_request
from emulators.twocheckout.subscriptions import Subscription, beginning_of, read_moment

Test = Callable[[Subscription], bool]
Query = Mapping[str, list[str]]

PAGING = {"Page", "Limit"}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TYPES = {"trial", "regular", "regularfromtrial"}


def grouped(query: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Gather values by name; `Name=A&Name=B` and `Name[]=A&Name[]=B` are the same list."""
    values: dict[str, list[str]] = {}
    for name, value in query:
        values.setdefault(name.removesuffix("[]"), []).append(value)
    return values


def compile_filters(query: Query, *, strict: bool) -> Test:
    """
    Give the test a subscription must pass to be found.

    Unknown filters are ignored without a word, as a client of the real service reports; with `strict` they
    are refused.

    :raises ApiError: a known filter with a value it cannot have, or an unknown filter with `strict`.
    """
    unknown = sorted(set(query) - set(FILTERS) - PAGING)
    if unknown and strict:
        raise bad_request("INVALID_PARAMETER", f"Unknown filters: {', '.join(unknown)}.")
    tests = [FILTERS[name](name, values) for name, values in query.items() if name in FILTERS]
    return lambda subscription: all(test(subscription) for test in tests)


def _single(name: str, values: list[str]) -> str:
    if len(values) > 1:
        raise bad_request("INVALID_PARAMETER", f"{name} is given more than once.")
    return values[0]


def _equals(field: str) -> Callable[[str, list[str]], Test]:
    def build(name: str, values: list[str]) -> Test:
        wanted = _single(name, values)
        return lambda subscription: str(subscription.document[field]) == wanted

    return build


def _is_true(field: str) -> Callable[[str, list[str]], Test]:
    def build(name: str, values: list[str]) -> Test:
        wanted = _boolean(name, values)
        return lambda subscription: subscription.document[field] is wanted

    return build


def _boolean(name: str, values: list[str]) -> bool:
    value = _single(name, values).lower()
    if value not in {"true", "false"}:
        raise bad_request("INVALID_PARAMETER", f"{name} is true or false.")
    return value == "true"


def _email(name: str, values: list[str]) -> Test:
    """A mail alone matches partially; exact matching is documented for other protocols only."""
    wanted = _single(name, values).casefold()
    return lambda subscription: wanted in str(subscription.end_user["Email"]).casefold()


def _delivered_code(name: str, values: list[str]) -> Test:
    wanted = _single(name, values)
    return lambda subscription: wanted in subscription.delivered_codes


def _aggregate(name: str, values: list[str]) -> Test:
    """Also search aggregated accounts: here there is one account, so nothing more is found."""
    if _single(name, values) != "true":
        raise bad_request("INVALID_PARAMETER", "Aggregate can only be true.")
    return lambda _: True


def _product_codes(_: str, values: list[str]) -> Test:
    return lambda subscription: subscription.product["ProductCode"] in values


def _country_codes(_: str, values: list[str]) -> Test:
    wanted = {value.casefold() for value in values}
    return lambda subscription: str(subscription.end_user["CountryCode"]).casefold() in wanted


def _type(name: str, values: list[str]) -> Test:
    wanted = _single(name, values).casefold()
    if wanted not in TYPES:
        raise bad_request("INVALID_PARAMETER", f"Type is one of {', '.join(sorted(TYPES))}.")
    return lambda subscription: wanted == ("trial" if subscription.document["IsTrial"] else "regular")


def _after(moment_of: Callable[[Subscription], datetime | None]) -> Callable[[str, list[str]], Test]:
    """On that day or later."""

    def build(name: str, values: list[str]) -> Test:
        begins_at = _day(name, values)

        def test(subscription: Subscription) -> bool:
            moment = moment_of(subscription)
            return moment is not None and moment >= begins_at

        return test

    return build


def _before(moment_of: Callable[[Subscription], datetime | None]) -> Callable[[str, list[str]], Test]:
    """On that day or earlier."""

    def build(name: str, values: list[str]) -> Test:
        ends_at = _day(name, values) + timedelta(days=1)

        def test(subscription: Subscription) -> bool:
            moment = moment_of(subscription)
            return moment is not None and moment < ends_at

        return test

    return build


def _day(name: str, values: list[str]) -> datetime:
    text = _single(name, values)
    try:
        if DAY.fullmatch(text):
            return beginning_of(text)
    except ValueError:
        pass
    raise bad_request("INVALID_PARAMETER", f"{name} is a date such as 2026-01-15.")


def _purchased(subscription: Subscription) -> datetime | None:
    return read_moment(str(subscription.document["StartDate"]))


def _expires(subscription: Subscription) -> datetime | None:
    return read_moment(str(subscription.document["ExpirationDate"]))


def _renewed(subscription: Subscription) -> datetime | None:
    dates = [str(order["OrderDate"]) for order in subscription.history if order.get("Type") == "RENEWAL"]
    return read_moment(dates[-1]) if dates else None


def _notified(subscription: Subscription) -> datetime | None:
    return read_moment(subscription.notification_on) if subscription.notification_on else None


def _next_billing(subscription: Subscription) -> datetime | None:
    return _expires(subscription) if subscription.document["RecurringEnabled"] else None


def _modified(subscription: Subscription) -> datetime | None:
    return subscription.modified_at


_MOMENTS: Mapping[str, Callable[[Subscription], datetime | None]] = {
    "Purchased": _purchased,
    "Expire": _expires,
    "Renewed": _renewed,
    "Notification": _notified,
    "Modified": _modified,
    "NextBillingDate": _next_billing,
}

FILTERS: Mapping[str, Callable[[str, list[str]], Test]] = {
    "CustomerEmail": _email,
    "DeliveredCode": _delivered_code,
    "AvangateCustomerReference": _equals("AvangateCustomerReference"),
    "ExternalCustomerReference": _equals("ExternalCustomerReference"),
    "Aggregate": _aggregate,
    "SubscriptionEnabled": _is_true("SubscriptionEnabled"),
    "RecurringEnabled": _is_true("RecurringEnabled"),
    "LifetimeSubscription": _is_true("Lifetime"),
    "ProductCodes": _product_codes,
    "CountryCodes": _country_codes,
    "Type": _type,
    **{f"{name}After": _after(moment_of) for name, moment_of in _MOMENTS.items()},
    **{f"{name}Before": _before(moment_of) for name, moment_of in _MOMENTS.items()},
}
