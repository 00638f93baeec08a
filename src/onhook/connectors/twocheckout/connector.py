"""The shop port over 2Checkout: subscriptions by account number, and the link where a customer changes their count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from onhook.connectors.http.addresses import BaseUrl
from onhook.connectors.http.client import HttpClient
from onhook.connectors.http.deadlines import Deadline
from onhook.connectors.http.outcomes import outcomes_only
from onhook.connectors.twocheckout import payloads
from onhook.connectors.twocheckout.client import BAD_REQUEST, NOT_FOUND, SYSTEM, TwoCheckoutClient, Visit
from onhook.connectors.twocheckout.config import TwoCheckoutConfig
from onhook.connectors.twocheckout.payloads import Item
from onhook.operations.errors import Rejected, Retryable
from onhook.operations.ports import SecretStore, SignInCounter, Subscription

log = structlog.get_logger()

UPGRADE_PATH = "/order/upgrade.php"
_OTHER_RECORD_AFTER_SECONDS = 300.0
# ExternalCustomerReference holds up to 250 characters.
_LONGEST_ACCOUNT_NUMBER = 250


class TwoCheckoutShop:
    """
    The `ShopPort` over REST 6.0. Safe to share between threads; make one per process.

    What comes back is compared with what was asked for, item by item: a filter that the vendor ignores would otherwise
    give us another customer's subscription. Without `sign_ins` the process counts its sign-ins for itself alone.
    """

    def __init__(
        self,
        *,
        config: TwoCheckoutConfig,
        secrets: SecretStore,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sign_ins: SignInCounter | None = None,
        http: HttpClient | None = None,
    ) -> None:
        self._config = config
        self._shop = BaseUrl.parse(config.shop_url, allows_loopback_http=config.allows_loopback_http)
        self._client = TwoCheckoutClient(config=config, secrets=secrets, utc_now=utc_now, sign_ins=sign_ins, http=http)

    @outcomes_only(SYSTEM)
    def sign_in(self) -> None:
        """Prove our credentials, unless they were proven not long ago. Raises like the others."""
        self._client.sign_in(visit=Visit(deadline=self._deadline()))

    @outcomes_only(SYSTEM)
    def subscriptions_of(self, *, account_number: str) -> list[Subscription]:
        """
        Return the subscriptions of exactly this account number, whatever their status.

        :raises Retryable: it does not answer, or gives another account's subscription too.
        :raises Rejected: it refuses for good, the account number is none, or it has too many subscriptions.
        """
        # An empty filter would list every customer of the merchant.
        if not account_number.strip() or len(account_number) > _LONGEST_ACCOUNT_NUMBER:
            raise Rejected(f"there is no account number to look up at {SYSTEM}")
        items = self._all_pages(account_number, Visit(deadline=self._deadline()))
        strangers = [item for item in items if item.subscription.account_number != account_number]
        if strangers:
            raise self._other_record("subscriptions_of", count=len(strangers))
        return [item.subscription for item in items if self._is_of_interest(item)]

    @outcomes_only(SYSTEM)
    def subscription(self, *, reference: str, account_number: str) -> Subscription | None:
        """
        Return one, with `is_upgrade_possible` known; None when it is gone or not this account's.

        :raises Retryable: it does not answer, or answers with another subscription.
        :raises Rejected: it refuses for good, or the reference is none.
        """
        self._require_reference(reference)
        visit = Visit(deadline=self._deadline())
        values = {"reference": reference}
        answer = self._client.get("/subscriptions/{reference}/", values=values, visit=visit, expected=(NOT_FOUND,))
        if answer.status == NOT_FOUND:
            return None
        found = payloads.item(answer.json()).subscription
        if found.reference != reference:
            raise self._other_record("subscription", count=1)
        if not account_number or found.account_number != account_number:
            log.error("subscription_is_of_another_account", system=SYSTEM)
            return None
        # What a subscription without any upgrade answers is not documented: an empty list, or a business error.
        options = self._client.get(
            "/subscriptions/{reference}/upgrade/",
            values=values,
            visit=visit,
            expected=(NOT_FOUND, BAD_REQUEST),
        )
        is_possible = options.is_success and payloads.has_upgrade(options.json())
        return replace(found, is_upgrade_possible=is_possible)

    @outcomes_only(SYSTEM)
    def upgrade_link(self, *, reference: str) -> str:
        """
        Return the address of the upgrade page for this subscription: built, as no call of the API gives it.

        :raises Rejected: the reference is none.
        """
        self._require_reference(reference)
        return f"{self._shop.origin}{UPGRADE_PATH}?LICENSE={reference}"

    @outcomes_only(SYSTEM)
    def check(self) -> str:
        """Sign in and read one page of one subscription; return the host that answered. Raises like the others."""
        visit = Visit(deadline=self._deadline())
        answer = self._client.get("/subscriptions/", query={"Page": "1", "Limit": "1"}, visit=visit)
        payloads.page(answer.json())
        return self._client.base.host

    def _all_pages(self, account_number: str, visit: Visit) -> list[Item]:
        """Return all items, each once: a page may move under us while we read."""
        found: dict[str, Item] = {}
        for number in range(1, self._config.most_pages + 1):
            query = {
                "ExternalCustomerReference": account_number,
                "Page": str(number),
                "Limit": str(self._config.page_size),
            }
            answer = self._client.get("/subscriptions/", query=query, visit=visit)
            items = [payloads.item(raw) for raw in payloads.page(answer.json())]
            known = len(found)
            for item in items:
                found.setdefault(item.subscription.reference, item)
            # The count in the answer is not the filtered one, so a page that is short, or brings nothing new, ends it.
            if len(items) < self._config.page_size or len(found) == known:
                return list(found.values())
        most = self._config.most_pages * self._config.page_size
        raise Rejected(f"{SYSTEM} lists {most} or more subscriptions for this account; that cannot be right")

    def _is_of_interest(self, item: Item) -> bool:
        is_line = not self._config.product_codes or item.product_code in self._config.product_codes
        return is_line and (self._config.includes_test_subscriptions or not item.is_test)

    def _deadline(self) -> Deadline:
        return Deadline.after(self._config.deadline_seconds)

    @staticmethod
    def _require_reference(reference: str) -> None:
        if not payloads.REFERENCE.fullmatch(reference):
            raise Rejected(f"this is not a subscription reference of {SYSTEM}")

    @staticmethod
    def _other_record(call: str, *, count: int) -> Retryable:
        log.error("vendor_gave_another_record", system=SYSTEM, call=call, count=count)
        return Retryable(
            f"{SYSTEM} answered with another customer's subscription; nothing of the answer was used",
            after=_OTHER_RECORD_AFTER_SECONDS,
        )
