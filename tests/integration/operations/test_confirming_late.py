"""What happens between the look at the facts and the claim on the lines, and what stays claimed until the end."""

import threading
from typing import Any

import pytest
from django.db import connections

from onhook.audit.models import AuditEvent
from onhook.operations.confirming import PlanVoid, UnableToConfirm
from onhook.operations.models import Operation, OperationItem
from tests.integration.operations.conftest import AtPoint
from tests.world import World


def _elsewhere(act: Any) -> None:
    """Do something on a connection of its own, while this thread's transaction is open."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_a_line_deleted_while_a_confirmation_is_under_way_voids_the_plan(world: World, at_point: AtPoint) -> None:
    line = world.line(1)
    first, second = world.plan([line]), world.plan([line])

    def another_operation_from_start_to_end() -> None:
        world.confirm(first)
        world.work()

    at_point("confirm:after_operation", lambda: _elsewhere(another_operation_from_start_to_end))

    with pytest.raises(PlanVoid, match="1 line was already deleted"):
        world.confirm(second)

    assert Operation.objects.count() == 1
    tags = AuditEvent.objects.order_by("sequence").values_list("tag", flat=True)
    assert list(tags).count("plan:confirmed") == 1
    assert list(tags)[-1] == "plan:voided"


def test_a_line_stays_claimed_until_its_operation_is_over(world: World, at_point: AtPoint) -> None:
    line = world.line(1)
    world.start(line)
    claimed: list[bool] = []
    at_point(
        "verify_deleted:1:after_commit",
        lambda: claimed.extend(OperationItem.objects.values_list("is_open", flat=True)),
    )

    world.work()

    assert claimed == [True]
    assert list(OperationItem.objects.values_list("is_open", flat=True)) == [False]


def test_a_wrong_hash_is_refused_also_when_the_plan_was_confirmed_before(world: World) -> None:
    plan = world.plan([world.line(1)])
    world.confirm(plan)

    with pytest.raises(UnableToConfirm, match="the hash differs"):
        world.confirm(plan, plan_hash="0" * 64)
