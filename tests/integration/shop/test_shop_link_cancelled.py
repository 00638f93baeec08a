"""A billing link cannot be cancelled once its mail has left, and a cancelled one does not stand for a sent one."""

import pytest

from onhook import clock
from onhook.devices.models import Device
from onhook.operations import billing_link, cancelling
from onhook.operations.models import Operation
from tests import factories
from tests.shop import Vendors
from tests.world import World


def _ask(world: World) -> Operation:
    world.line(Device.objects.count(), soc_code=factories.SHOP_SOC)
    return billing_link.request_link(
        company=world.company,
        request=factories.request(world.admin),
        actor=factories.actor(world.admin),
        now=clock.now(),
    )


def _cancel(world: World, operation: Operation) -> Operation:
    return cancelling.cancel(
        company=world.company,
        operation_id=operation.pk,
        actor=factories.actor(world.admin),
        reason="the customer has it already",
        now=clock.now(),
    )


def test_a_cancelled_link_is_not_taken_for_a_sent_one(shop_world: World, vendors: Vendors) -> None:
    first = _ask(shop_world)
    _cancel(shop_world, first)

    second = _ask(shop_world)

    assert second.pk != first.pk


def test_a_link_whose_mail_is_on_its_way_cannot_be_cancelled(shop_world: World, vendors: Vendors) -> None:
    operation = _ask(shop_world)
    shop_world.work()
    Operation.objects.filter(pk=operation.pk).update(state="running", outcome="", closed_at=None)

    with pytest.raises(cancelling.UnableToCancel, match="on its way, or was sent"):
        _cancel(shop_world, operation)
