"""The main job: a line on the direct channel, planned, confirmed, deleted, verified, told, closed."""

from onhook.audit import verification
from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.operations.models import Notice, Operation, OperationItem, Step
from tests.world import World


def test_a_line_is_deleted_verified_and_told(world: World) -> None:
    lost, kept = world.line(1), world.line(2)
    operation = world.start(lost)

    world.work()

    operation.refresh_from_db()
    assert (operation.state, operation.outcome) == ("closed", "verified")
    assert list(Device.objects.filter(deleted_at=None)) == [kept]
    assert [(step.name, step.state) for step in Step.objects.filter(operation=operation)] == [
        ("authorise", "done"),
        ("delete_devices", "done"),
        ("verify_deleted", "done"),
        ("notify_customer", "done"),
        ("close", "done"),
    ]
    item = OperationItem.objects.get(operation=operation)
    lost.refresh_from_db()
    assert (item.state, item.is_open, item.deleted_at) == ("verified", False, lost.deleted_at)


def test_the_customer_is_told_once_which_line_went_and_when(world: World) -> None:
    lost = world.line(1, worker="Grace")
    operation = world.start(lost)

    world.work()

    (message,) = world.messages()
    lost.refresh_from_db()
    notice = Notice.objects.get(operation=operation)
    assert message["to"] == ["ada@plumbing.example"]
    assert message["message_id"] == notice.message_id
    assert notice.state == "sent"
    assert message["subject"] == "1 phone line removed [T-1001]"
    for part in (message["text"], message["html"]):
        assert "+1 202-555-0101" in part
        assert f"{lost.deleted_at:%Y-%m-%d %H:%M:%S} UTC" in part
        assert "EST" in part or "EDT" in part
        assert "billed directly" in part


def test_every_act_is_in_the_audit_in_order(world: World) -> None:
    operation = world.start(world.line(1))

    world.work()

    events = AuditEvent.objects.filter(operation_id=operation.pk).order_by("sequence")
    assert list(events.values_list("tag", flat=True)) == [
        "plan:confirmed",
        "operation:authorised",
        "device:deleted",
        "deletion:verified",
        "notice:written",
        "notice:sending",
        "notice:sent",
        "operation:closed",
    ]
    assert verification.verify().findings == []


def test_a_rolled_back_confirmation_leaves_no_run(world: World) -> None:
    plan = world.plan([world.line(1)])

    assert world.work() == 0
    assert not Operation.objects.filter(plan=plan).exists()
