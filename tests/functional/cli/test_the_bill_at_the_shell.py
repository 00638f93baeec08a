"""`onhook company`, `onhook billing-link`: what the shell says and starts about a company's bill."""

from __future__ import annotations

import pytest

from onhook.billing import company_facts
from onhook.billing.channels import FactKind
from onhook.devices.models import Device
from onhook.operations.models import Operation
from onhook.surfaces.cli.exits import Exit
from tests import factories
from tests.functional.cli.typing_person import TypingPerson
from tests.integration.operations.looking import tags
from tests.world import World

ASKED = ["billing-link", "--company", 4711, "--requester", "ada"]


@pytest.fixture
def typing(onhook: TypingPerson, world: World) -> TypingPerson:
    onhook.is_somebody(world.agent)
    world.line(1, soc_code=factories.SHOP_SOC)
    return onhook


def test_a_company_is_shown_with_what_was_decided_about_it(typing: TypingPerson, world: World) -> None:
    company_facts.remember(
        company_id=4711, kind=FactKind.ACCOUNT, value="001A", decided_by=world.agent.login, now=world.admin.created_at
    )

    ran, words = typing("company", 4711, "--json"), typing("company", 4711)

    assert (ran.json["coid"], ran.json["bill"]["state"], ran.json["decided"][0]["value"]) == (
        4711,
        "not_set_up",
        "001A",
    )
    assert "Example Plumbing (COID 4711)" in words.out
    assert "not set up here" in words.out


def test_nothing_on_record_steers_the_terminal(typing: TypingPerson, world: World) -> None:
    type(world.company).objects.filter(pk=4711).update(name="Example \x1b[31mPlumbing\u202e [bold]Ltd[/bold]")
    company_facts.remember(
        company_id=4711, kind=FactKind.ACCOUNT, value="\x9b2J", decided_by="0/sam", now=world.admin.created_at
    )

    ran = typing("company", 4711)

    assert "Example \ufffd[31mPlumbing\ufffd [bold]Ltd[/bold] (COID 4711)" in ran.out
    assert not {"\x1b", "\x9b", "\u202e"} & set(ran.out)


def test_an_unknown_company_and_another_customers_look_the_same(typing: TypingPerson, world: World) -> None:
    other = factories.company(coid=4712, name="Invented Bakery")
    typing.is_somebody(world.admin)

    ran = [typing("company", coid, "--json") for coid in (9999, other.pk)]

    assert {one.exit for one in ran} == {Exit.NOT_FOUND}
    assert ran[0].error[1].replace("9999", "N") == ran[1].error[1].replace("4712", "N")


def test_the_billing_link_is_asked_for_once_however_often_it_is_typed(typing: TypingPerson, world: World) -> None:
    first, second = (typing(*ASKED, "--how-checked", "called_back", "--json") for _ in range(2))

    operation = Operation.objects.get()
    assert (first.exit, first.json["operation"], second.json["operation"]) == (Exit.DONE, *[str(operation.pk)] * 2)
    assert (operation.action, operation.plan.how_checked) == ("send_billing_link", "called_back")
    assert tags(operation) == ["link:requested"]
    assert Device.objects.filter(deleted_at=None).count() == 1


def test_staff_say_how_they_made_sure_of_who_asks_for_the_link(typing: TypingPerson, world: World) -> None:
    ran = typing(*ASKED, "--json")

    assert ran.exit is Exit.USAGE
    assert "--how-checked" in ran.error[1]
    assert not Operation.objects.exists()


def test_a_company_that_is_billed_directly_has_no_link(typing: TypingPerson, world: World) -> None:
    Device.objects.all().delete()
    world.line(2)

    ran = typing(*ASKED, "--how-checked", "called_back")

    assert ran.exit is Exit.REFUSED
    assert "Your lines are billed directly" in ran.err


def test_a_customer_asks_for_their_own_link(typing: TypingPerson, world: World) -> None:
    typing.is_somebody(world.admin)

    ran = typing(*ASKED, "--json")

    assert ran.exit is Exit.DONE
    assert Operation.objects.get().plan.how_checked == "signed_in"
