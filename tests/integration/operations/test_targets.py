"""From what somebody typed to the rows it may mean: of their company only, all of them, and none chosen."""

from __future__ import annotations

import pytest

from onhook import clock
from onhook.devices.models import Device
from onhook.operations import targets
from onhook.operations.targets import NotPermitted
from onhook.tenancy.models import Company
from tests import factories
from tests.world import World


@pytest.fixture
def roofing(world: World) -> Company:
    return factories.company(coid=4712, name="Example Roofing")


def _deleted(device: Device) -> Device:
    Device.objects.filter(pk=device.pk).update(deleted_at=clock.now())
    device.refresh_from_db()
    return device


def _find(world: World, text: str) -> list[Device]:
    return targets.find(text=text, actor=factories.actor(world.admin), company=world.company, most=10)


@pytest.mark.parametrize("text", ["+12025550101", "(202) 555-0101", "1 202 555 0101", " 202.555.0101 "])
def test_a_number_in_any_form_finds_the_companys_row(world: World, roofing: Company, text: str) -> None:
    mine = world.line(1)
    factories.device(roofing, line=2)

    assert _find(world, text) == [mine]


def test_a_number_of_another_company_finds_nothing(world: World, roofing: Company) -> None:
    factories.device(roofing, line=1)

    assert _find(world, "+12025550101") == []


def test_live_and_deleted_rows_of_one_number_are_all_listed_and_told_apart(world: World) -> None:
    first = _deleted(world.line(1))
    second = _deleted(world.line(1))
    live = world.line(1)

    found = _find(world, "+12025550101")

    assert found[0] == live
    assert {(device.pk, device.is_live) for device in found} == {
        (live.pk, True),
        (first.pk, False),
        (second.pk, False),
    }


def test_staff_search_the_platform_and_a_customer_may_not(world: World, roofing: Company) -> None:
    mine, theirs = world.line(1), factories.device(roofing, line=2)

    found = targets.find(text="202555010", actor=factories.actor(world.agent), most=10)

    assert set(found) == {mine, theirs}
    with pytest.raises(NotPermitted):
        targets.find(text="202555010", actor=factories.actor(world.admin), most=10)


def test_a_customer_may_not_search_another_company(world: World, roofing: Company) -> None:
    with pytest.raises(NotPermitted):
        targets.find(text="+12025550101", actor=factories.actor(world.admin), company=roofing, most=10)
