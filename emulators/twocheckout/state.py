"""What the emulator knows: account, switches, subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.control import documents
from emulators.twocheckout import subscriptions
from emulators.twocheckout.errors import not_found
from emulators.twocheckout.settings import Account, Settings, read_account
from emulators.twocheckout.subscriptions import Subscription

SEED_FIELDS = {"account", "settings", "subscriptions"}


@dataclass(slots=True)
class State:
    """The state of one emulator; `starting_*` are what a reset goes back to."""

    starting_account: Account | None
    starting_settings: Settings
    account: Account | None = None
    settings: Settings = field(default_factory=Settings)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the subscriptions and go back to the account and switches of the start."""
        self.account = self.starting_account
        self.settings = self.starting_settings
        self.subscriptions = {}

    def seed(self, document: object) -> Mapping[str, object]:
        """
        Replace everything by a seed document; its parts may be left out.

        :raises DocumentError: a part is wrong; nothing was replaced.
        """
        fields = documents.require_object(document, where="The seed")
        documents.refuse_unknown(fields, SEED_FIELDS, where="The seed")
        account = read_account(fields["account"]) if "account" in fields else self.starting_account
        settings = self.starting_settings.changed_by(fields.get("settings", {}))
        found = subscriptions.read_all(fields.get("subscriptions", []))
        self.account, self.settings, self.subscriptions = account, settings, found
        return {"subscriptions": len(found)}

    def get(self, reference: str) -> Subscription:
        """
        Give one subscription; references are case-sensitive.

        :raises ApiError: there is none.
        """
        subscription = self.subscriptions.get(reference)
        if subscription is None:
            raise not_found("The subscription was not found.")
        return subscription

    def another_than(self, reference: str) -> Subscription | None:
        """Give a subscription of another customer, for the fault `other_record`."""
        asked = self.subscriptions.get(reference)
        for other in self.subscriptions.values():
            if asked is None or _customer(other) != _customer(asked):
                return other
        return None


def _customer(subscription: Subscription) -> tuple[object, object]:
    document = subscription.document
    return document["ExternalCustomerReference"], document["AvangateCustomerReference"]
