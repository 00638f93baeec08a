"""Send the billing link again: no line is touched, one mail, and only for whom it is meant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.billing.models import LicenceDecrease
from onhook.devices.models import Device
from onhook.operations import billing_link
from onhook.operations.models import Operation, OperationItem
from onhook.tenancy import walls
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended, tags
from tests.integration.shop.situations import SITUATIONS, Situation
from tests.shop import Vendors
from tests.world import World


def _ask(world: World, *, by: User | None = None, requester: User | None = None, after: int = 0) -> Operation:
    return billing_link.request_link(
        company=world.company,
        request=factories.request(requester or world.admin),
        actor=factories.actor(by or world.admin),
        now=clock.now() + timedelta(seconds=after),
    )


def test_the_link_is_mailed_and_no_line_is_touched(shop_world: World, vendors: Vendors) -> None:
    shop_world.line(1, soc_code=SHOP_SOC)
    before = list(Device.objects.values())

    operation = _ask(shop_world)
    shop_world.work()

    assert ended(operation) == "done"
    (message,) = shop_world.messages()
    assert message["subject"] == "Your billing link [T-1001]"
    for part in (message["text"], message["html"]):
        assert vendors.link in part
        assert "On that page change only the number of lines, nothing else." in part
        assert "ower your lines" not in part
    assert "The shop bills 12 lines now." in message["text"]
    assert (list(Device.objects.values()), OperationItem.objects.count()) == (before, 0)
    assert LicenceDecrease.objects.count() == 0
    assert tags(operation) == ["link:requested", "notice:written", "notice:sending", "notice:sent", "operation:closed"]


def test_the_mail_says_what_was_removed_and_is_still_paid_for(shop_world: World, vendors: Vendors) -> None:
    shop_world.start(shop_world.line(1, soc_code=SHOP_SOC), shop_world.line(2, soc_code=SHOP_SOC))
    shop_world.work()

    _ask(shop_world)
    shop_world.work()

    message = shop_world.messages()[-1]
    assert "2 lines that you removed are still among them: lower your lines from 12 to 10." in message["text"]
    assert "lower your lines from 12 to 10" in message["html"]


def test_the_mail_about_a_subscription_without_lines_says_to_cancel_it(shop_world: World, vendors: Vendors) -> None:
    vendors.seed(quantity=1)
    shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    shop_world.work()

    _ask(shop_world)
    shop_world.work()

    message = shop_world.messages()[-1]
    for part in (message["text"], message["html"]):
        assert "from 1 to 0" not in part
        assert "Cancel the subscription" in part
        assert vendors.link in part


def test_pressed_twice_it_is_one_operation_and_one_mail(shop_world: World, vendors: Vendors) -> None:
    first = _ask(shop_world)
    assert _ask(shop_world) == first
    shop_world.work()

    assert _ask(shop_world, after=60) == first
    shop_world.work()

    assert (Operation.objects.count(), len(shop_world.messages())) == (1, 1)
    later = _ask(shop_world, after=180)
    assert later != first
    assert AuditEvent.objects.filter(tag="link:requested").count() == 2


def test_pressed_again_while_a_person_is_asked_it_is_still_one_operation(shop_world: World, vendors: Vendors) -> None:
    vendors.seed_accounts()
    first = _ask(shop_world)
    shop_world.work()

    assert _ask(shop_world, after=86_400) == first

    question = shop_world.open_question()
    assert question.text.startswith("This is only about the billing link. Salesforce has no account")
    shop_world.answer(question, "without_link")
    shop_world.work()
    assert ended(first) == "done"
    assert "Use the link to update your subscription that the shop mailed to you." in shop_world.messages()[0]["text"]


def test_two_people_who_ask_at_the_same_time_get_one_mail_each(shop_world: World, vendors: Vendors) -> None:
    other = factories.user(shop_world.company, username="eve", role=Role.SUPER_USER)

    _ask(shop_world)
    _ask(shop_world, by=other, requester=other)
    shop_world.work()

    assert sorted(message["to"][0] for message in shop_world.messages()) == [
        "ada@plumbing.example",
        "eve@plumbing.example",
    ]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_who_has_no_right_cannot_ask_for_it(shop_world: World, role: Role) -> None:
    person = factories.user(shop_world.company, username="max", role=role)

    with pytest.raises(billing_link.UnableToSendLink, match="4711/max may not ask for this company's billing link"):
        _ask(shop_world, by=person)

    assert Operation.objects.count() == 0


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_it_is_mailed_only_to_an_admin_or_super_user(shop_world: World, role: Role) -> None:
    person = factories.user(shop_world.company, username="max", role=role)

    with pytest.raises(billing_link.UnableToSendLink, match="4711/max is not an active Admin or Super User"):
        _ask(shop_world, by=shop_world.agent, requester=person)

    assert Operation.objects.count() == 0


def test_people_of_another_company_can_neither_ask_nor_receive(shop_world: World) -> None:
    stranger = factories.user(factories.company(coid=4712, name="Example Roofing"), username="bob")

    with pytest.raises(billing_link.UnableToSendLink, match="Nothing was sent"):
        _ask(shop_world, by=stranger)
    with pytest.raises(billing_link.UnableToSendLink, match="Nothing was sent"):
        _ask(shop_world, by=shop_world.agent, requester=stranger)

    assert Operation.objects.count() == 0


def test_staff_may_ask_for_a_customer(shop_world: World, vendors: Vendors) -> None:
    operation = _ask(shop_world, by=shop_world.agent)
    shop_world.work()

    assert (ended(operation), shop_world.messages()[0]["to"]) == ("done", ["ada@plumbing.example"])
    requested = AuditEvent.objects.get(tag="link:requested")
    assert (requested.actor, requested.on_behalf_of) == (shop_world.agent.login, "4711/ada")


def test_a_customer_may_ask_behind_the_wall_of_the_database(shop_world: World, vendors: Vendors) -> None:
    with walls.confined(company_id=shop_world.company.pk):
        operation = _ask(shop_world)
    shop_world.work()

    assert ended(operation) == "done"


@pytest.mark.parametrize(
    "situation", [situation for situation in SITUATIONS if situation.choice and "two" not in situation.name], ids=str
)
def test_the_same_checks_hold_the_link_as_after_a_deletion(
    shop_world: World, vendors: Vendors, settings: Settings, situation: Situation
) -> None:
    situation.arrange(vendors, settings)
    operation = _ask(shop_world)
    shop_world.work()
    question = shop_world.open_question()
    assert (question.kind, shop_world.messages()) == (situation.kind, [])

    shop_world.answer(question, situation.choice)
    shop_world.work()

    assert ended(operation) == "done"
    assert vendors.link in shop_world.messages()[0]["text"]
