"""kill -9 of a worker around the calls to the billing systems: they are read again, and the bill is told once."""

from __future__ import annotations

import pytest

from onhook.billing.models import LicenceDecrease, SubscriptionReading
from onhook.devices.models import Device
from onhook.operations.models import Notice
from tests import factories
from tests.crash import points
from tests.crash.conftest import Scene
from tests.integration.operations.looking import ended, tags
from tests.shop import REFERENCE

pytestmark = pytest.mark.crash


@pytest.mark.parametrize("point", points.SHOP)
def test_a_worker_killed_while_it_reads_the_bill_tells_the_right_count_once(shop_scene: Scene, point: str) -> None:
    world = shop_scene.world
    worker = shop_scene.worker(ONHOOK_CRASH_AT=point)
    operation = world.start(*(world.line(line, soc_code=factories.SHOP_SOC) for line in (1, 2)))
    assert worker.was_killed()

    shop_scene.finish(operation)

    (message,) = world.messages()
    assert ended(operation) == "verified"
    assert not Device.objects.filter(deleted_at=None).exists()
    assert "from 12 to 10" in message["text"]
    assert list(LicenceDecrease.objects.values_list("reference", "lines", "seen")) == [(REFERENCE, 2, 0)]
    assert SubscriptionReading.objects.get().quantity == 12
    assert (Notice.objects.get().state, Notice.objects.get().sendings) == ("sent", 1)
    found = tags(operation)
    assert [found.count(tag) for tag in ("device:deleted", "notice:written", "notice:sent")] == [2, 1, 1]
    assert set(operation.steps.values_list("state", flat=True)) == {"done"}
