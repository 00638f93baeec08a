"""Planning: reads only, freezes what was read, and makes the same plan once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.operations import planning
from onhook.operations.models import Plan
from onhook.operations.plan_hash import plan_hash
from onhook.operations.planning import UnableToPlan
from onhook.operations.vocabulary import HowChecked, Reason
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.world import World


def _codes(plan: Plan) -> dict[str, str]:
    return {precheck["code"]: precheck["level"] for precheck in plan.prechecks}


def _ask(world: World, *devices: Device, by: User | None = None, key: str = "", **changes: Any) -> Plan:
    return planning.plan(
        company=world.company,
        device_ids=[device.pk for device in devices],
        request=replace(factories.request(world.admin), **changes),
        actor=factories.actor(by or world.admin),
        now=clock.now(),
        request_key=key,
    )


def test_a_plan_changes_nothing_but_itself_and_the_audit(world: World) -> None:
    devices = [world.line(1), world.line(2)]
    before = list(Device.objects.order_by("pk").values())

    plan = world.plan(devices)

    assert list(Device.objects.order_by("pk").values()) == before
    assert world.work() == 0
    (event,) = AuditEvent.objects.all()
    assert (event.tag, event.subject, event.plan_hash) == ("plan:made", f"plan:{plan.pk}", plan.plan_hash)
    assert event.after == {"lines": 2, "reason": "lost", "ticket": "T-1001"}


def test_a_plan_freezes_number_soc_code_and_channel_of_each_line(world: World) -> None:
    devices = [world.line(1), world.line(2, soc_code=factories.SHOP_SOC), world.line(3, soc_code="MysteryPlan77")]

    plan = world.plan(devices[::-1])

    frozen = plan.items.values_list("position", "device_id", "number", "soc_code", "channel")
    channels = ["direct", "shop", "unknown"]
    assert list(frozen) == [
        (position, device.pk, device.number, device.soc_code, channel)
        for position, (device, channel) in enumerate(zip(devices, channels, strict=True), start=1)
    ]


def test_the_hash_can_be_worked_out_from_what_the_plan_shows(world: World) -> None:
    plan = world.plan([world.line(1), world.line(2)])

    facts: dict[str, str | int] = {
        "plan": str(plan.pk),
        "action": "delete_device",
        "company": 4711,
        "requester": "4711/ada",
        "how_checked": "signed_in",
        "ticket_reference": "T-1001",
        "reason": "lost",
        "note": "",
        "rules_version": 1,
        "line_count": 2,
    }
    lines = list(plan.items.values_list("device_id", "number", "soc_code", "channel"))
    assert plan.plan_hash == plan_hash(facts=facts, lines=lines)


def test_two_plans_for_the_same_have_two_hashes(world: World) -> None:
    device = world.line(1)

    assert world.plan([device]).plan_hash != world.plan([device]).plan_hash


def test_a_company_with_no_active_services_blocks(world: World) -> None:
    device = world.line(1)
    Device.objects.update(deleted_at=clock.now())

    plan = world.plan([device])

    codes = _codes(plan)
    assert (codes["active_services"], codes["already_deleted"]) == ("block", "block")
    assert [block["code"] for block in plan.blocks] == ["active_services", "already_deleted"]


def test_lines_of_another_company_do_not_count_as_active_services(world: World) -> None:
    device = world.line(1)
    Device.objects.update(deleted_at=clock.now())
    factories.device(factories.company(coid=4712, name="Example Roofing"), line=2)

    assert _codes(world.plan([device]))["active_services"] == "block"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_a_requester_who_may_not_ask_blocks(world: World, role: Role) -> None:
    requester = factories.user(world.company, username="vic", role=role)

    plan = _ask(world, world.line(1), by=world.agent, requester=requester)

    assert _codes(plan)["requester"] == "block"


def test_a_line_of_another_open_operation_blocks_and_names_it(world: World) -> None:
    device = world.line(1)
    operation = world.start(device)

    plan = world.plan([device])

    (block,) = plan.blocks
    assert (block["code"], str(operation.pk) in block["message"]) == ("open_operation", True)


def test_what_is_only_odd_warns(world: World) -> None:
    device = world.line(1)
    Device.objects.update(activated_at=None, last_seen_at=clock.now())
    User.objects.update(email="")
    world.admin.refresh_from_db()

    codes = _codes(world.plan([device]))

    warned = {code for code, level in codes.items() if level == "warn"}
    assert warned == {"not_activated", "in_use", "last_lines", "mail_address"}


def test_a_line_seen_longer_than_a_day_ago_is_not_in_use(world: World) -> None:
    device = world.line(1)
    Device.objects.update(last_seen_at=clock.now() - timedelta(days=1, seconds=5))

    assert "in_use" not in _codes(world.plan([device]))


def test_a_plan_expires_after_its_life(world: World, settings: Settings) -> None:
    settings.PLAN_LIFETIME_SECONDS = 60

    plan = world.plan([world.line(1)])

    assert plan.expires_at - plan.created_at == timedelta(seconds=60)


def test_no_line_is_no_plan(world: World) -> None:
    with pytest.raises(UnableToPlan, match="No line was chosen"):
        _ask(world)

    assert not Plan.objects.exists()


def test_a_line_named_twice_is_one_line(world: World) -> None:
    device = world.line(1)

    assert _ask(world, device, device).line_count == 1


def test_the_line_of_another_company_and_a_missing_one_look_the_same(world: World) -> None:
    strange = factories.device(factories.company(coid=4712, name="Example Roofing"), line=50)
    messages = []
    for device in (strange, Device(pk=10**9)):
        with pytest.raises(UnableToPlan) as refusal:
            _ask(world, world.line(1 + len(messages)), device)
        messages.append(str(refusal.value))

    assert messages == ["1 of the chosen lines cannot be found in this company. No plan was made."] * 2
    assert not Plan.objects.exists()


def test_a_requester_of_another_company_is_refused(world: World) -> None:
    stranger = factories.user(factories.company(coid=4712, name="Example Roofing"), username="bob")

    with pytest.raises(UnableToPlan, match="The requester is not a person of this company"):
        _ask(world, world.line(1), by=world.agent, requester=stranger)


@pytest.mark.parametrize("role", [Role.VIEWER])
def test_a_person_without_the_right_may_not_plan(world: World, role: Role) -> None:
    with pytest.raises(UnableToPlan, match="4711/vic may not plan deletions"):
        _ask(world, world.line(1), by=factories.user(world.company, username="vic", role=role))


def test_a_manager_may_plan_and_not_confirm(world: World) -> None:
    manager = factories.user(world.company, username="max", role=Role.MANAGER)

    plan = _ask(world, world.line(1), by=manager)

    assert (plan.created_by, plan.blocks) == (manager, [])


def test_a_person_of_another_company_may_not_plan(world: World) -> None:
    stranger = factories.user(factories.company(coid=4712, name="Example Roofing"), username="bob")

    with pytest.raises(UnableToPlan, match="4712/bob may not plan"):
        _ask(world, world.line(1), by=stranger)


# --- the same request twice -------------------------------------------------------------------------------------------


def test_the_same_request_key_gives_the_same_plan(world: World) -> None:
    devices = [world.line(1), world.line(2)]

    plans = {_ask(world, *devices, key="request-1"), _ask(world, *devices[::-1], key="request-1")}

    assert plans == set(Plan.objects.all())
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"reason": Reason.STOLEN},
        {"how_checked": HowChecked.CALLED_BACK},
        {"ticket_reference": "T-1002"},
        {"note": "another one"},
    ],
)
def test_a_request_key_used_for_another_request_is_refused_and_names_the_plan(
    world: World, change: dict[str, Any]
) -> None:
    device = world.line(1)
    plan = _ask(world, device, by=world.agent, key="request-1")

    with pytest.raises(UnableToPlan, match=f"already used for another request .plan {plan.pk}."):
        _ask(world, device, by=world.agent, key="request-1", **change)

    assert Plan.objects.get() == plan


def test_a_request_key_used_for_other_lines_is_refused(world: World) -> None:
    device, other = world.line(1), world.line(2)
    _ask(world, device, key="request-1")

    with pytest.raises(UnableToPlan, match="already used for another request"):
        _ask(world, device, other, key="request-1")


def test_a_request_key_belongs_to_one_person(world: World) -> None:
    device = world.line(1)

    plans = {_ask(world, device, key="request-1"), _ask(world, device, by=world.agent, key="request-1")}

    assert len(plans) == 2


def test_one_request_that_comes_many_times_at_once_is_one_plan(world: World) -> None:
    device = world.line(1)
    barrier = threading.Barrier(4)

    def ask() -> Plan:
        try:
            barrier.wait(30)
            return _ask(world, device, key="request-1")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        plans = [future.result(30) for future in [pool.submit(ask) for _ in range(4)]]

    assert plans == [Plan.objects.get()] * 4
