"""kill -9 of a worker anywhere in the shop channel: one mail, one decrease, the line gone, the audit whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from onhook.billing.models import LicenceDecrease
from onhook.operations.models import Notice, Operation
from tests import shop as shops
from tests.crash.processes import Nursery
from tests.crash.shop_scene import CALLS, FIND_ACCOUNT, FIND_SUBSCRIPTION, SHOP_RUN, TAGS, ShopScene
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended, tags
from tests.integration.shop.conftest import vendor_processes, vendors
from tests.shop import Vendors
from tests.world import World

__all__ = ["vendor_processes", "vendors"]

pytestmark = [pytest.mark.crash, pytest.mark.emulator]

PAID = 40


@pytest.fixture
def shop_scene(world: World, vendors: Vendors, nursery: Nursery, tmp_path: Path, settings: Settings) -> ShopScene:
    settings.CHUNK_LINES = 1
    vendors.seed(quantity=PAID)
    return ShopScene(world=shops.join(world, vendors), nursery=nursery, record=tmp_path / "points", vendors=vendors)


def _start(scene: ShopScene, line: int = 1) -> Operation:
    return scene.world.start(scene.world.line(line, soc_code=SHOP_SOC))


def _assert_done_once(scene: ShopScene, operation: Operation, *, so_far: int) -> None:
    """Every operation so far left one decrease and one mail, and this one's mail counts all of them."""
    assert ended(operation) == "verified"
    assert set(operation.steps.values_list("state", flat=True)) == {"done"}
    assert operation.questions.count() == 0
    assert tags(operation) == TAGS
    notice = Notice.objects.get(operation=operation)
    mails = scene.world.messages()
    assert (notice.state, notice.sendings, len(mails)) == ("sent", 1, so_far)
    assert mails[-1]["message_id"] == notice.message_id
    assert re.search(rf"from {PAID} to {PAID - so_far}\b", mails[-1]["text"])
    assert list(LicenceDecrease.objects.values_list("lines", "seen")) == [(1, 0)] * so_far


def test_a_run_passes_exactly_the_known_points_in_order(shop_scene: ShopScene) -> None:
    worker = shop_scene.worker()
    operation = _start(shop_scene)

    shop_scene.wait_until(lambda: Operation.objects.get().is_closed and shop_scene.is_at_rest())

    assert worker.terminate() == 0
    assert shop_scene.passed() == SHOP_RUN
    assert {name: shop_scene.calls(name) for name in CALLS} == CALLS
    _assert_done_once(shop_scene, operation, so_far=1)


@pytest.mark.parametrize("points", [FIND_ACCOUNT, FIND_SUBSCRIPTION], ids=["find_account", "find_subscription"])
def test_a_worker_killed_at_any_point_of_a_lookup_loses_nothing_and_doubles_nothing(
    shop_scene: ShopScene, points: list[str]
) -> None:
    for so_far, point in enumerate(points, 1):
        worker = shop_scene.worker(ONHOOK_CRASH_AT=point)
        operation = _start(shop_scene, so_far)
        assert worker.was_killed(), point

        shop_scene.finish(operation)

        _assert_done_once(shop_scene, operation, so_far=so_far)


@pytest.mark.parametrize("when", ["before", "after_effect"])
@pytest.mark.parametrize("name", list(CALLS))
def test_a_worker_killed_by_a_vendor_at_any_of_its_calls_loses_nothing_and_doubles_nothing(
    shop_scene: ShopScene, name: str, when: str
) -> None:
    for nth in range(1, CALLS[name] + 1):
        worker = shop_scene.worker()
        shop_scene.emulator(name).control.add_fault("kill_client", match={"nth": nth}, pid=worker.pid, when=when)
        operation = _start(shop_scene, nth)
        assert worker.was_killed(), f"call {nth}"

        shop_scene.finish(operation)

        _assert_done_once(shop_scene, operation, so_far=nth)


def test_a_run_whose_workers_die_one_after_the_other_ends_all_the_same(shop_scene: ShopScene) -> None:
    operation = _start(shop_scene)
    for point in ("find_account:after_call", "find_subscription:before_call", "find_subscription:after_effect"):
        assert shop_scene.worker(ONHOOK_CRASH_AT=point).was_killed(), point

    shop_scene.finish(operation)

    _assert_done_once(shop_scene, operation, so_far=1)


@pytest.mark.parametrize("step", ["find_account", "find_subscription"])
def test_a_worker_killed_while_it_asks_asks_once(shop_scene: ShopScene, step: str) -> None:
    if step == "find_account":
        shop_scene.vendors.seed_accounts()
    else:
        shop_scene.vendors.seed_subscriptions()
    worker = shop_scene.worker(ONHOOK_CRASH_AT=f"{step}:question_opened")
    operation = _start(shop_scene)
    assert worker.was_killed()

    kind = "no_account" if step == "find_account" else "no_subscription"
    shop_scene.finish(operation, answers={kind: "without_link"})

    assert ended(operation) == "verified"
    assert operation.questions.count() == 1
    assert [tag for tag in tags(operation) if tag.startswith("question")] == ["question:opened", "question:answered"]
    assert len(shop_scene.world.messages()) == 1
    assert list(LicenceDecrease.objects.values_list("reference", "lines")) == [("", 1)]
