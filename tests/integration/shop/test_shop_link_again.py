"""Send the billing link again: no line is touched, one mail, and only for whom it is meant."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.billing import company_facts, ledger
from onhook.billing.channels import FactKind
from onhook.billing.models import LicenceDecrease
from onhook.devices.models import Device
from onhook.operations import billing_link
from onhook.operations.models import Operation, OperationItem
from onhook.tenancy import walls
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.factories import DIRECT_SOC, SHOP_SOC, UNKNOWN_SOC
from tests.integration.operations.looking import ended, tags
from tests.integration.shop.situations import SITUATIONS, Situation
from tests.shop import Vendors
from tests.world import World


@pytest.fixture
def shop_world(shop_world: World) -> World:
    """Give the world a live line that the shop bills: else there is no link to ask for."""
    shop_world.line(99, soc_code=SHOP_SOC)
    return shop_world


def _ask(world: World, *, by: User | None = None, requester: User | None = None, after: int = 0) -> Operation:
    return billing_link.request_link(
        company=world.company,
        request=factories.request(requester or world.admin),
        actor=factories.actor(by or world.admin),
        now=clock.now() + timedelta(seconds=after),
    )


def test_the_link_is_mailed_and_no_line_is_touched(shop_world: World, vendors: Vendors) -> None:
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
    shop_world.start(Device.objects.get())
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
    for part in ("text", "html"):
        words = shop_world.messages()[0][part]
        assert "we could not check the link to your subscription at the shop just now" in words
        assert "Use the link to update your subscription that the shop mailed to you." in words
        assert "here is the page" not in words
        assert "Lower" not in words


def test_the_mail_without_a_link_still_says_by_how_many_to_lower(shop_world: World, vendors: Vendors) -> None:
    shop_world.start(shop_world.line(1, soc_code=SHOP_SOC), shop_world.line(2, soc_code=SHOP_SOC))
    shop_world.work()
    vendors.seed_accounts()

    operation = _ask(shop_world)
    shop_world.work()
    shop_world.answer(shop_world.open_question(), "without_link")
    shop_world.work()

    assert ended(operation) == "done"
    for part in ("text", "html"):
        words = shop_world.messages()[-1][part]
        assert "Lower your number of lines by 2" in words
        assert "here is the page" not in words
        assert "upgrade.php" not in words


@pytest.mark.parametrize(
    ("soc_codes", "says"),
    [
        (
            [DIRECT_SOC],
            "Your lines are billed directly: the bill follows by itself, and there is no link. Nothing was sent.",
        ),
        ([], "The online shop bills no line of this company, so there is no link."),
        ([UNKNOWN_SOC], "Who bills some of them is not decided yet. If you pay for lines at the shop, tell support"),
        ([DIRECT_SOC, UNKNOWN_SOC], "The online shop bills no line of this company as far as we know"),
    ],
)
def test_a_company_that_the_shop_bills_nothing_is_told_so_at_once(
    world: World, soc_codes: list[str], says: str
) -> None:
    for line, soc_code in enumerate(soc_codes):
        world.line(line, soc_code=soc_code)

    with pytest.raises(billing_link.UnableToSendLink, match=says):
        _ask(world)

    assert Operation.objects.count() == 0


def test_a_subscription_that_is_lowered_to_nothing_has_no_link(world: World) -> None:
    now = clock.now()
    ledger.record_reading(company_id=4711, reference="Q7RK2M9XA4", quantity=0, asked_at=now, now=now)

    with pytest.raises(billing_link.UnableToSendLink, match="so there is no link"):
        _ask(world)

    assert Operation.objects.count() == 0


def test_a_line_that_nobody_knows_who_bills_hides_no_line_of_the_shop(shop_world: World) -> None:
    shop_world.line(1, soc_code=UNKNOWN_SOC)

    assert _ask(shop_world).action == "send_billing_link"


@pytest.mark.parametrize("trace", ["to lower without a link", "subscription seen", "subscription chosen"])
def test_what_the_shop_billed_before_is_enough_to_ask_for_its_link(world: World, trace: str) -> None:
    now = clock.now()
    if trace == "subscription seen":
        ledger.record_reading(company_id=4711, reference="Q7RK2M9XA4", quantity=1, asked_at=now, now=now)
    elif trace == "subscription chosen":
        kind = FactKind.SUBSCRIPTION
        company_facts.remember(company_id=4711, kind=kind, value="Q7RK2M9XA4", decided_by="0/sam", now=now)
    else:
        ledger.record_decrease(company_id=4711, reference="", operation_id=uuid4(), lines=1, now=now)

    assert _ask(world).action == "send_billing_link"


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
