"""A lost phone's line goes although every billing system is down; only the mail waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection

from onhook.devices.models import Device
from onhook.operations import worker
from onhook.operations.models import Question
from onhook.operations.ports import Ports
from tests import shop as shops
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended, let_time_pass, step, tags
from tests.integration.shop.situations import states
from tests.shop import Vendors
from tests.world import World

# Nobody listens on this port: only the first of all processes could.
NOWHERE = {"http": "https://127.0.0.1:1"}


def _stopped(world: World, vendors: Vendors) -> World:
    gone = [replace(emulator, addresses=NOWHERE) for emulator in (vendors.vault, vendors.crm, vendors.shop)]
    return replace(world, ports=Ports(mail=world.ports.mail, **shops.connect(Vendors(*gone))))


def _cut(world: World, vendors: Vendors) -> World:
    for emulator in (vendors.vault, vendors.crm, vendors.shop):
        emulator.control.add_fault("cut_before", times=None)
    return world


def _failing(world: World, vendors: Vendors) -> World:
    for emulator in (vendors.vault, vendors.crm, vendors.shop):
        emulator.control.add_fault("status", times=None, status=503)
    return world


def _not_set_up(world: World, _: Vendors) -> World:
    return replace(world, ports=Ports(mail=world.ports.mail))


@pytest.mark.parametrize("bring_down", [_stopped, _cut, _failing])
def test_every_line_is_deleted_and_read_back_while_all_vendors_are_down(
    shop_world: World, vendors: Vendors, bring_down: Callable[[World, Vendors], World]
) -> None:
    world = bring_down(shop_world, vendors)

    operation = world.start(world.line(1, soc_code=SHOP_SOC), world.line(2))
    world.work()

    assert not Device.objects.filter(deleted_at=None).exists()
    assert states(operation) == ["verified"] * 2
    assert (ended(operation), world.messages(), Question.objects.count()) == ("running", [], 0)
    assert tags(operation)[-1] == "deletion:verified"
    assert step(operation, "find_account").problem.startswith("Passwordstate")


def test_the_mail_follows_when_the_vendors_are_back(shop_world: World, vendors: Vendors) -> None:
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    _stopped(shop_world, vendors).work()
    assert (ended(operation), shop_world.messages()) == ("running", [])

    let_time_pass()
    shop_world.work()

    assert ended(operation) == "verified"
    assert vendors.link in shop_world.messages()[0]["text"]


def test_an_operation_of_direct_lines_ends_while_all_vendors_are_down(shop_world: World, vendors: Vendors) -> None:
    world = _stopped(shop_world, vendors)

    operation = world.start(world.line(1))
    world.work()

    assert ended(operation) == "verified"
    assert len(world.messages()) == 1


def test_without_billing_systems_set_up_a_person_is_asked_after_the_deletion(
    shop_world: World, vendors: Vendors
) -> None:
    world = _not_set_up(shop_world, vendors)
    operation = world.start(world.line(1, soc_code=SHOP_SOC))
    world.work()
    question = world.open_question()
    assert (question.kind, states(operation)) == ("vendor_refused", ["verified"])
    assert "Salesforce is not set up here" in question.text

    world.answer(question, "without_link")
    world.work()

    assert ended(operation) == "verified"


def test_a_run_started_anew_after_its_mail_was_written_asks_no_vendor_again(
    shop_world: World, vendors: Vendors, mail_that_hangs: None
) -> None:
    """The words are fixed: whatever the vendors say or do not say now must not hold what is left."""
    operation = shop_world.start(shop_world.line(1, soc_code=SHOP_SOC))
    shop_world.work()
    assert (ended(operation), step(operation, "notify_customer").state) == ("running", "waiting")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM absurd.r_onhook; DELETE FROM absurd.t_onhook")
    calls = len(vendors.shop.control.journal()) + len(vendors.crm.control.journal())
    assert worker.respawn_lost() == 1
    _stopped(shop_world, vendors).work()

    assert ended(operation) == "verified"
    assert len(vendors.shop.control.journal()) + len(vendors.crm.control.journal()) == calls
    assert vendors.link in shop_world.messages()[0]["text"]


@pytest.fixture
def mail_that_hangs(shop_world: World) -> None:
    """Let the mail server be away for the first sending."""
    shop_world.mailbox.control.add_fault("cut_before", match={"method": "MAIL"})
