"""kill -9 of a worker at every boundary of every step: nothing is lost, nothing doubled, the audit is whole."""

from __future__ import annotations

import pytest

from onhook.devices.models import Device
from onhook.operations.models import Notice, Operation, OperationItem
from tests import factories
from tests.crash import points
from tests.crash.conftest import Scene
from tests.integration.operations.looking import tags

pytestmark = pytest.mark.crash

PLAIN_TAGS = [
    "plan:confirmed",
    "operation:authorised",
    "device:deleted",
    "device:deleted",
    "deletion:verified",
    "notice:written",
    "notice:sending",
    "notice:sent",
    "operation:closed",
]
# Between the two the first sending is on record and its end is not, so that it has to be sent once more.
_IN_DOUBT = points.PLAIN[
    points.PLAIN.index("notify_customer:send:before_call") : points.PLAIN.index("notify_customer:send:after_commit")
]
_HANDED_OVER = [point for point in _IN_DOUBT if not point.endswith("before_call")]


def _start(scene: Scene, *lines: Device) -> Operation:
    return scene.world.start(*(lines or (scene.world.line(1), scene.world.line(2))))


@pytest.mark.parametrize("point", points.PLAIN)
def test_a_worker_killed_at_any_point_loses_nothing_and_doubles_nothing(scene: Scene, point: str) -> None:
    worker = scene.worker(ONHOOK_CRASH_AT=point)
    operation = _start(scene)
    assert worker.was_killed()

    scene.finish(operation)

    _assert_done(scene, operation)
    notice, mails = Notice.objects.get(), scene.world.messages()
    is_in_doubt = point in _IN_DOUBT
    assert tags(operation) == [
        tag for tag in PLAIN_TAGS for _ in range(2 if is_in_doubt and tag == "notice:sending" else 1)
    ]
    assert (notice.state, notice.sendings) == ("sent", 2 if is_in_doubt else 1)
    assert [mail["message_id"] for mail in mails] == [notice.message_id] * (2 if point in _HANDED_OVER else 1)


def _assert_done(scene: Scene, operation: Operation) -> None:
    assert operation.outcome == "verified"
    assert not Device.objects.filter(deleted_at=None).exists()
    deleted = dict(Device.objects.values_list("pk", "deleted_at"))
    items = OperationItem.objects.filter(operation=operation)
    assert {item.device_id: item.deleted_at for item in items} == deleted
    assert {(item.state, item.is_open) for item in items} == {("verified", False)}
    assert set(operation.steps.values_list("state", flat=True)) == {"done"}


@pytest.mark.parametrize("point", points.ASKED)
def test_a_worker_killed_while_it_asks_asks_once(scene: Scene, point: str) -> None:
    worker = scene.worker(ONHOOK_CRASH_AT=point)
    operation = _start(scene, scene.world.line(1, soc_code=factories.UNKNOWN_SOC))
    assert worker.was_killed()

    scene.finish(operation, answers={"soc_code": "direct"})

    _assert_done(scene, operation)
    assert operation.questions.count() == 1
    assert tags(operation)[:4] == [
        "plan:confirmed",
        "question:opened",
        "question:answered",
        "operation:authorised",
    ]


@pytest.mark.parametrize("point", points.MISMATCHED)
def test_a_worker_killed_around_a_persons_decision_keeps_it(scene: Scene, point: str) -> None:
    scene.make_numbers_come_back()
    operation = _start(scene, scene.world.line(1))
    worker = scene.worker(ONHOOK_CRASH_AT=point)
    if point.endswith((":after_effect", ":after_checkpoint", ":after_commit")):
        scene.answer_when_asked(operation, "close_silently")
    assert worker.was_killed()

    scene.finish(operation, answers={"verification": "close_silently"})

    assert operation.outcome == "mismatch"
    assert tags(operation) == [
        "plan:confirmed",
        "operation:authorised",
        "device:deleted",
        "deletion:mismatched",
        "question:opened",
        "question:answered",
        "operation:closed",
    ]
    assert scene.world.messages() == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_worker_killed_by_a_mail_server_that_has_nothing_yet_sends_once_more(scene: Scene, command: str) -> None:
    worker = scene.worker()
    scene.world.mailbox.control.add_fault("kill_client", match={"method": command}, pid=worker.pid, when="before")
    operation = _start(scene)
    assert worker.was_killed()

    scene.finish(operation)

    _assert_done(scene, operation)
    notice = Notice.objects.get()
    assert (notice.state, notice.sendings) == ("sent", 2)
    assert [mail["message_id"] for mail in scene.world.messages()] == [notice.message_id]


def test_a_worker_killed_when_the_mail_was_taken_sends_once_more_under_the_same_id(scene: Scene) -> None:
    worker = scene.worker()
    scene.world.mailbox.control.add_fault("kill_client", match={"method": "DATA"}, pid=worker.pid, when="after_effect")
    operation = _start(scene)
    assert worker.was_killed()

    scene.finish(operation)

    notice = Notice.objects.get()
    assert (notice.state, notice.sendings) == ("sent", 2)
    assert [mail["message_id"] for mail in scene.world.messages()] == [notice.message_id] * 2


@pytest.mark.parametrize(
    ("first", "second", "delivered"),
    [
        ("notify_customer:send:before_call", "notify_customer:send:before_call", 0),
        ("notify_customer:send:before_call", "notify_customer:send:after_call", 1),
        ("notify_customer:send:after_call", "notify_customer:send:after_call", 2),
    ],
)
def test_a_mail_is_never_sent_a_third_time_and_its_doubt_is_shown(
    scene: Scene, first: str, second: str, delivered: int
) -> None:
    worker = scene.worker(ONHOOK_CRASH_AT=first)
    operation = _start(scene)
    assert worker.was_killed()
    assert scene.worker(ONHOOK_CRASH_AT=second).was_killed()

    scene.finish(operation)

    notice = Notice.objects.get()
    assert (notice.state, notice.problem) == ("doubtful", "it was sent twice and no answer arrived either time")
    assert [mail["message_id"] for mail in scene.world.messages()] == [notice.message_id] * delivered
    assert operation.outcome == "verified"
    assert tags(operation)[-3:] == ["notice:sending", "notice:doubtful", "operation:closed"]


# Where a process may stand still for long: between two transactions, around the call to the mail server, and in the
# middle of a transaction, which holds the rows of its run.
_STANDS_STILL = [
    "authorise:after_commit",
    "delete_devices:1:after_commit",
    *_IN_DOUBT[:2],
    "authorise:after_effect",
    "delete_devices:1:after_checkpoint",
    "verify_deleted:1:after_effect",
    "close:after_checkpoint",
]


@pytest.mark.parametrize("point", _STANDS_STILL)
def test_a_worker_that_froze_and_lost_its_lease_changes_nothing_when_it_wakes(scene: Scene, point: str) -> None:
    frozen = scene.worker(ONHOOK_CRASH_AT=point, ONHOOK_CRASH_SIGNAL="SIGSTOP", LEASE_SECONDS="1")
    operation = _start(scene)
    scene.wait_until(frozen.is_frozen)
    scene.finish(operation)
    before = tags(operation)

    frozen.wake()
    assert frozen.terminate() == 0

    _assert_done(scene, operation)
    notice = Notice.objects.get()
    is_in_doubt = point in _IN_DOUBT
    assert (tags(operation), before.count("device:deleted"), before.count("notice:sent")) == (before, 2, 1)
    assert (notice.state, notice.sendings) == ("sent", 2 if is_in_doubt else 1)
    assert {mail["message_id"] for mail in scene.world.messages()} == {notice.message_id}
    assert len(scene.world.messages()) <= notice.sendings


def test_a_run_whose_workers_die_one_after_the_other_ends_all_the_same(scene: Scene) -> None:
    operation = _start(scene)
    for point in points.PLAIN:
        if point not in _IN_DOUBT:
            assert scene.worker(ONHOOK_CRASH_AT=point).was_killed()

    scene.finish(operation)

    _assert_done(scene, operation)
    assert tags(operation) == PLAIN_TAGS
    assert len(scene.world.messages()) == 1
