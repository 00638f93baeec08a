"""What the page of an operation says to whoever reads it."""

from __future__ import annotations

import pytest
from django.test import Client

from onhook import clock
from onhook.operations import billing_link
from onhook.operations.models import Operation
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.world import World


def page(user: User, operation: Operation) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/companies/4711/operations/{operation.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def asked_for_link(world: World) -> Operation:
    world.line(9, soc_code=factories.SHOP_SOC)
    return billing_link.request_link(
        company=world.company,
        request=factories.request(world.admin),
        actor=factories.actor(world.admin),
        now=clock.now(),
    )


def test_the_message_is_said_to_be_for_you_or_for_its_receiver(world: World) -> None:
    viewer = factories.user(world.company, username="vic", role=Role.VIEWER)
    operation = world.start(world.line(1))
    world.work()

    own, others = page(world.admin, operation), page(viewer, operation)

    assert "The message to you says what follows for the bill." in own
    assert "<h2>Message to you</h2>" in own
    assert f"The message to {world.admin.full_name} says what follows for the bill." in others
    assert f"<h2>Message to {world.admin.full_name}</h2>" in others


def test_a_billing_link_leads_back_to_the_bill_and_a_deletion_to_the_lines(world: World) -> None:
    link, deletion = page(world.admin, asked_for_link(world)), page(world.admin, world.start(world.line(1)))

    assert 'class="btn" href="/companies/4711/billing/"' in link
    assert "Back to the bill" in link
    assert "Back to the lines" not in link
    assert 'class="btn" href="/companies/4711/devices/"' in deletion


def test_a_billing_link_that_waits_for_support_says_that_no_link_is_sent(world: World) -> None:
    operation = asked_for_link(world)
    world.work()

    shown = page(world.admin, operation)

    assert "A member of support decides first. No link is sent yet." in shown
    assert "deleted" not in shown[shown.index("A member of support") :].partition("</p>")[0]


@pytest.mark.parametrize("soc_code", [factories.DIRECT_SOC, factories.UNKNOWN_SOC])
def test_the_billing_page_refuses_a_link_that_is_none_and_asks_nobody(world: World, soc_code: str) -> None:
    world.line(1, soc_code=soc_code)
    client = Client()
    client.force_login(world.admin)

    answer = client.post("/companies/4711/billing/link/", {}, follow=True)

    assert "there is no link" in answer.content.decode()
    assert "Nothing was sent." in answer.content.decode()
    assert "Send me the link" not in answer.content.decode()
    assert not Operation.objects.exists()
