"""kill -9 of a worker by the vendor it calls, at every call of a run: one mail, one decrease, the audit whole."""

from __future__ import annotations

import re

import pytest

from emulators.control.launch import RunningEmulator
from onhook.billing.models import LicenceDecrease
from onhook.operations.models import Notice, Operation
from tests.crash.conftest import Scene
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended, tags
from tests.shop import Vendors

pytestmark = [pytest.mark.crash, pytest.mark.emulator]

PAID = 40
TAGS = [
    "plan:confirmed",
    "operation:authorised",
    "device:deleted",
    "deletion:verified",
    "notice:written",
    "notice:sending",
    "notice:sent",
    "operation:closed",
]
# Calls of a run whose worker has signed in nowhere yet: with fewer, a kill at the n-th call would never come.
CALLS = {"vault": 4, "crm": 3, "shop": 4}


@pytest.fixture
def many_lines(vendors: Vendors) -> Vendors:
    """Give a subscription that pays for more lines than a test deletes."""
    vendors.seed(quantity=PAID)
    return vendors


def _emulator(vendors: Vendors, name: str) -> RunningEmulator:
    found: RunningEmulator = getattr(vendors, name)
    return found


def _start(scene: Scene, line: int = 1) -> Operation:
    return scene.world.start(scene.world.line(line, soc_code=SHOP_SOC))


def _assert_done_once(scene: Scene, operation: Operation, *, so_far: int) -> None:
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


def test_a_run_makes_exactly_the_calls_at_which_the_other_tests_kill(shop_scene: Scene, many_lines: Vendors) -> None:
    worker = shop_scene.worker()
    operation = _start(shop_scene)

    shop_scene.wait_until(lambda: Operation.objects.get().is_closed and shop_scene.is_at_rest())

    assert worker.terminate() == 0
    assert {name: len(_emulator(many_lines, name).control.journal()) for name in CALLS} == CALLS
    _assert_done_once(shop_scene, operation, so_far=1)


@pytest.mark.parametrize("when", ["before", "after_effect"])
@pytest.mark.parametrize("name", list(CALLS))
def test_a_worker_killed_by_a_vendor_at_any_of_its_calls_loses_nothing_and_doubles_nothing(
    shop_scene: Scene, many_lines: Vendors, name: str, when: str
) -> None:
    for nth in range(1, CALLS[name] + 1):
        worker = shop_scene.worker()
        _emulator(many_lines, name).control.add_fault("kill_client", match={"nth": nth}, pid=worker.pid, when=when)
        operation = _start(shop_scene, nth)
        assert worker.was_killed(), f"call {nth}"

        shop_scene.finish(operation)

        _assert_done_once(shop_scene, operation, so_far=nth)


def test_a_run_whose_workers_die_one_after_the_other_ends_all_the_same(shop_scene: Scene, many_lines: Vendors) -> None:
    operation = _start(shop_scene)
    for point in ("find_account:after_call", "find_subscription:before_call", "find_subscription:after_effect"):
        assert shop_scene.worker(ONHOOK_CRASH_AT=point).was_killed(), point

    shop_scene.finish(operation)

    _assert_done_once(shop_scene, operation, so_far=1)


@pytest.mark.parametrize("step", ["find_account", "find_subscription"])
def test_a_worker_killed_while_it_asks_asks_once(shop_scene: Scene, vendors: Vendors, step: str) -> None:
    if step == "find_account":
        vendors.seed_accounts()
    else:
        vendors.seed_subscriptions()
    worker = shop_scene.worker(ONHOOK_CRASH_AT=f"{step}:question_opened")
    operation = _start(shop_scene)
    assert worker.was_killed()

    shop_scene.finish(operation, answers={"no_account": "without_link", "no_subscription": "without_link"})

    assert (ended(operation), operation.questions.count()) == ("verified", 1)
    assert [tag for tag in tags(operation) if tag.startswith("question")] == ["question:opened", "question:answered"]
    assert len(shop_scene.world.messages()) == 1
    assert list(LicenceDecrease.objects.values_list("reference", "lines")) == [("", 1)]
