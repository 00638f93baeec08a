"""Hostile links stored in the CRM: none of them leaves in a mail, whatever a person answers."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import pytest

from onhook.operations.models import Operation, Question
from tests import factories
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended
from tests.security.test_links import HOSTILE
from tests.security.test_links import REFERENCE as THEIR_REFERENCE
from tests.shop import Vendors
from tests.world import World

MOST = 60
# Apart, so that they can run beside each other.
PARTS = 4
_ADDRESS = re.compile(r"""(?:https?|javascript|data|ftp|view-source):[^\s"'<>]+""", re.IGNORECASE)
_LONGEST_STORED = 255


@dataclass(frozen=True)
class Victim:
    """One company whose account in the CRM holds a hostile link."""

    name: str
    coid: int
    stored: str

    @property
    def number(self) -> str:
        return f"ACC-{self.coid}"

    @property
    def reference(self) -> str:
        return f"SUB{self.coid:07d}"


def _victims(vendors: Vendors) -> list[Victim]:
    """Return companies with links as close to their own true one as the list of hostile links has them."""
    found = []
    for coid, (name, url) in enumerate(HOSTILE.items(), 5000):
        reference = f"SUB{coid:07d}"
        near = url.replace("secure.2checkout.com", vendors.shop_host).replace(THEIR_REFERENCE, reference)
        if near.strip() and len(near) <= _LONGEST_STORED:
            found.append(Victim(name, coid, near))
    return found[:MOST]


def _start(world: World, victim: Victim, *, line: int) -> Operation:
    company = factories.company(coid=victim.coid, name=f"Example {victim.coid}")
    admin = factories.user(company, username="ada")
    theirs = World(world.url, world.mailbox, company, admin, world.agent, world.ports)
    return theirs.start(theirs.line(line, soc_code=SHOP_SOC))


def _addresses(message: dict[str, str]) -> set[str]:
    return {found for part in ("text", "html") for found in _ADDRESS.findall(html.unescape(message[part]))}


def _operation_of(message: dict[str, str]) -> str:
    return message["text"].rpartition("Our reference: ")[2].split()[0]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_hostile_link_leaves_in_a_mail(shop_world: World, vendors: Vendors, part: int) -> None:
    victims = _victims(vendors)[part::PARTS]
    assert len(victims) == MOST / PARTS
    vendors.seed_accounts(
        *(
            shops.account(
                account_id=f"0018d0000{victim.coid:06d}",
                name=f"Example {victim.coid}",
                number=victim.number,
                coid=str(victim.coid),
                stored_link=victim.stored,
            )
            for victim in victims
        )
    )
    vendors.seed_subscriptions(
        *(shops.subscription(reference=victim.reference, number=victim.number) for victim in victims)
    )
    operations = {victim: _start(shop_world, victim, line=line) for line, victim in enumerate(victims, 1)}

    shop_world.work()

    asked = {question.company_id: question for question in Question.objects.all()}
    assert {question.kind for question in asked.values()} == {"link_differs"}
    assert len(shop_world.messages()) == len(victims) - len(asked)
    # A stored copy that leads to the same offer is no reason to ask; ours is mailed all the same.
    assert len(asked) > len(victims) * 0.7
    for question in asked.values():
        shop_world.answer(question, "use_shop_link")
    shop_world.work()

    assert {ended(operation) for operation in operations.values()} == {"verified"}
    messages = {_operation_of(message): message for message in shop_world.messages()}
    assert len(messages) == len(victims)
    for victim, operation in operations.items():
        true = f"{vendors.shop.http}/order/upgrade.php?LICENSE={victim.reference}"
        assert _addresses(messages[str(operation.pk)]) == {true}, victim.name
