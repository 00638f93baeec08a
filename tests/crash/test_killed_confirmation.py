"""kill -9 of the confirming process between its statements: the operation is there whole, or not at all."""

from __future__ import annotations

import pytest

from onhook.audit.models import AuditEvent
from onhook.operations.models import Operation, OperationItem
from tests.crash import points
from tests.crash.conftest import Scene
from tests.integration.operations.looking import ended, tags

pytestmark = pytest.mark.crash


@pytest.mark.parametrize("point", [point for point in points.CONFIRMING if not point.endswith("after_commit")])
def test_a_confirmation_killed_before_its_commit_leaves_nothing_and_can_be_repeated(scene: Scene, point: str) -> None:
    plan = scene.world.plan([scene.world.line(1), scene.world.line(2)])
    assert scene.confirming(plan, ONHOOK_CRASH_AT=point).was_killed()
    plan.refresh_from_db()
    left = (plan.state, Operation.objects.count(), OperationItem.objects.count(), scene.world.work())
    assert left == ("open", 0, 0, 0)
    assert list(AuditEvent.objects.values_list("tag", flat=True)) == ["plan:made"]

    operation = scene.world.confirm(plan)
    scene.finish(operation)

    assert ended(operation) == "verified"
    assert tags(operation).count("plan:confirmed") == 1


def test_a_confirmation_killed_after_its_commit_is_there_once_and_runs(scene: Scene) -> None:
    plan = scene.world.plan([scene.world.line(1)])
    assert scene.confirming(plan, ONHOOK_CRASH_AT="confirm:after_commit").was_killed()

    operation = scene.world.confirm(plan)
    scene.finish(operation)

    assert Operation.objects.get() == operation
    assert ended(operation) == "verified"
    assert tags(operation).count("plan:confirmed") == 1
    assert len(scene.world.messages()) == 1
