"""Every kind of fault at every call of a run: it ends done or with a question, and never with a false success."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from emulators.control.launch import RunningEmulator
from onhook.billing.models import LicenceDecrease, SubscriptionReading
from onhook.operations.models import Notice, Operation, Question, Step
from onhook.operations.ports import Ports
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended, tags
from tests.integration.shop.situations import states
from tests.shop import REFERENCE, Vendors
from tests.world import World

PAID = 100
STRANGERS_NUMBER, STRANGERS_REFERENCE = "ACC-2002", "ZZ9PLURAL5"
STRANGER = "Example Roofing"


@dataclass(frozen=True)
class Call:
    """One call of a run: whose it is, its path, and whether it is the first or the second one on that path."""

    vendor: str
    path: str
    nth: int = 1


CALLS = {
    "vault search": Call("vault", "^/api/searchpasswords"),
    "vault record": Call("vault", "^/api/passwords"),
    "vault search for the shop": Call("vault", "^/api/searchpasswords", nth=2),
    "vault record for the shop": Call("vault", "^/api/passwords", nth=2),
    "CRM sign-in": Call("crm", "^/services/oauth2/token"),
    "CRM describe": Call("crm", "/describe$"),
    "CRM query": Call("crm", "/query$"),
    "shop sign-in": Call("shop", "^/rest/6.0/subscriptions/$"),
    "shop search": Call("shop", "^/rest/6.0/subscriptions/$", nth=2),
    "shop subscription": Call("shop", f"/{REFERENCE}/$"),
    "shop upgrade options": Call("shop", "/upgrade/$"),
}


@dataclass(frozen=True)
class Fault:
    """One kind of fault with its parameters."""

    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_slow: bool = False

    @property
    def deadline_seconds(self) -> float:
        """Short where the fault lasts until then; long elsewhere, or a busy machine would look like the fault."""
        return 0.5 if self.is_slow else 30

    def __str__(self) -> str:
        return f"{self.kind} {self.parameters.get('status', '')}".strip()


FAULTS = [
    Fault("delay", {"seconds": 60}, is_slow=True),
    Fault("drip", {"pause_seconds": 0.3}, is_slow=True),
    Fault("status", {"status": 401}),
    Fault("status", {"status": 403}),
    Fault("status", {"status": 500}),
    Fault("retry_after", {"after": "9999999"}),
    Fault("cut_before"),
    Fault("cut_after_effect"),
    Fault("truncated_body"),
    Fault("huge_body", {"bytes": 16 * 1024 * 1024}),
    Fault("html_body"),
    Fault("wrong_body"),
    Fault("redirect", {"location": "https://elsewhere.example/login"}),
    Fault("other_record"),
    Fault("expired_token"),
]


@pytest.fixture
def two_customers(vendors: Vendors) -> Vendors:
    """Give vendors that know another customer too, whose records must never be used."""
    vendors.seed_accounts(
        shops.account(),
        shops.account(account_id="0018d00000AbCdFAAV", name=STRANGER, number=STRANGERS_NUMBER, coid="4712"),
    )
    vendors.seed_subscriptions(
        shops.subscription(quantity=PAID),
        shops.subscription(reference=STRANGERS_REFERENCE, number=STRANGERS_NUMBER, quantity=77),
    )
    return vendors


def _fresh(world: World, vendors: Vendors, *, deadline_seconds: float = 30) -> World:
    """Give the world connectors that have not signed in yet, so that every call of a run is made."""
    ports = Ports(mail=world.ports.mail, **shops.connect(vendors, deadline_seconds=deadline_seconds))
    return replace(world, ports=ports)


def _go_on(world: World, operation: Operation) -> None:
    """Answer what the operation asks, if it asks, and let it run."""
    for question in operation.questions.filter(answered_at=None):
        world.answer(question, "try_again")
    world.work()


@pytest.mark.parametrize("name", list(CALLS))
def test_every_fault_at_a_call_ends_in_the_right_mail_or_with_a_person(
    shop_world: World, two_customers: Vendors, settings: Settings, name: str
) -> None:
    settings.VENDOR_PATIENCE_SECONDS = 0
    call = CALLS[name]
    emulator: RunningEmulator = getattr(two_customers, call.vendor)
    operations = [shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))]

    for fault in FAULTS:
        # It strikes this call from the n-th one on, for good, so repeating does not help.
        match = {"path_regex": call.path, "nth": call.nth}
        emulator.control.add_fault(fault.kind, match=match, times=None, **fault.parameters)
        _go_on(_fresh(shop_world, two_customers, deadline_seconds=fault.deadline_seconds), operations[-1])
        emulator.control.clear_faults()

        asked = operations[-1].questions.filter(answered_at=None).count()
        assert (ended(operations[-1]), asked) in {("verified", 0), ("waiting", 1)}, str(fault)
        assert states(operations[-1]) == ["verified"]
        _assert_every_mail_is_right(two_customers)
        if not asked:
            operations.append(shop_world.start(shop_world.line(len(operations) + 1, soc_code=SHOP_SOC)))

    _go_on(_fresh(shop_world, two_customers), operations[-1])
    assert {ended(operation) for operation in operations} == {"verified"}
    assert len(shop_world.messages()) == len(operations) < len(FAULTS) / 2, "the faults hardly struck at all"
    assert all(tags(operation).count("notice:sent") == 1 for operation in operations)
    assert sorted(_targets()) == list(range(PAID - len(operations), PAID))
    _assert_every_mail_is_right(two_customers)
    _assert_nothing_of_the_stranger()


def _targets() -> list[int]:
    return [int(target) for text in _texts() for target in re.findall(rf"from {PAID} to (\d+)", text)]


def _texts() -> list[str]:
    return list(Notice.objects.values_list("text", flat=True))


def _assert_every_mail_is_right(vendors: Vendors) -> None:
    assert len(set(_targets())) == len(_texts()), "a mail has no count, or one that another mail has"
    for text in _texts():
        assert re.findall(r"https?://\S+", text) == [vendors.link]


def _assert_nothing_of_the_stranger() -> None:
    """Neither stored nor shown: what another customer's records say must not even be looked at."""
    kept = [
        *Step.objects.values_list("evidence", flat=True),
        *Question.objects.values_list("evidence", flat=True),
        *Notice.objects.values_list("html", flat=True),
        *SubscriptionReading.objects.values_list("reference", flat=True),
        *LicenceDecrease.objects.values_list("reference", flat=True),
    ]
    told = json.dumps(kept)
    assert REFERENCE in told
    for stranger in (STRANGERS_REFERENCE, STRANGERS_NUMBER, STRANGER):
        assert stranger not in told
