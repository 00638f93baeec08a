"""Confirm a plan: a permitted person accepts exactly its hash, and the run starts in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.billing import rules as soc_rules
from onhook.operations import auditing, crash_points, ending, engine, facts, planning
from onhook.operations.models import Operation, OperationItem, Plan
from onhook.operations.planning import UnableToPlan
from onhook.operations.vocabulary import HowChecked, PlanState
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import LacksRight, Permission


class UnableToConfirm(Exception):
    """The plan was not confirmed; the message is fit to show."""


class MayNotConfirm(LacksRight, UnableToConfirm):
    """This person has no right to it."""


class PlanVoid(UnableToConfirm):
    """Facts changed since the plan was made. `replacement` is a new plan of the same request, if there can be one."""

    def __init__(self, message: str, *, replacement: Plan | None) -> None:
        super().__init__(message)
        self.replacement = replacement


class _Stale(Exception):
    """The plan no longer says what is so."""

    def __init__(self, changes: Sequence[facts.Change], reason: str) -> None:
        super().__init__()
        self.changes = changes
        self.reason = reason


class AlreadyConfirmed(UnableToConfirm):
    """Somebody confirmed this plan before, with another key; `operation` is what it became."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(
            f"This plan was already confirmed: operation {operation.pk}. Nothing was started a second time."
        )
        self.operation = operation


def confirm(
    *, company: Company, plan_id: UUID, plan_hash: str, actor: Actor, now: datetime, confirm_key: str = ""
) -> Operation:
    """
    Accept exactly the plan behind `plan_hash` and start its operation.

    1. Lock the plan; the same `confirm_key` gives the same operation again.
    2. Check right, hash, time and blocks.
    3. Claim the lines, and compare what was frozen with the rows as they are now.
    4. Operation, lines, audit and the engine's task commit together, or nothing does.

    :param confirm_key: names this request; by default this person's confirmation of this plan.
    :raises UnableToConfirm: in every other case, with the reason; `PlanVoid` and `AlreadyConfirmed` say more.
    """
    key = confirm_key or f"{plan_id}:{actor.login}"
    with transaction.atomic():
        frozen = _locked_plan(company=company, plan_id=plan_id, actor=actor)
        known = Operation.objects.filter(company=company, confirm_key=key).first()
        if known is not None:
            return _same_confirmation(known, frozen, plan_hash=plan_hash)
        _check(frozen, plan_hash=plan_hash, actor=actor, now=now)
        begun = _begin_or_void(frozen, actor=actor, key=key, now=now)
    if isinstance(begun, _Stale):
        raise PlanVoid(
            f"Nothing was started: since the plan was made, {begun.reason}. The plan is void.",
            replacement=_replacement(frozen, begun.changes, actor=actor, now=now),
        )
    crash_points.reached("confirm:after_commit")
    return begun


def _begin_or_void(frozen: Plan, *, actor: Actor, key: str, now: datetime) -> Operation | _Stale:
    """Start the operation; of a plan that says what is not so, undo that and make it void under the same lock."""
    try:
        with transaction.atomic():
            return _begin(frozen, actor=actor, key=key, now=now)
    except _Stale as stale:
        _void(frozen, actor=actor, reason=stale.reason)
        return stale


def _locked_plan(*, company: Company, plan_id: UUID, actor: Actor) -> Plan:
    frozen = (
        Plan.objects.select_for_update(of=("self",))
        .filter(company=company, pk=plan_id)
        .select_related("requester", "created_by")
        .first()
    )
    if frozen is None:
        raise UnableToConfirm("There is no such plan in this company. Nothing was started.")
    if not actor.may(Permission.CONFIRM_DELETION, company_id=company.pk):
        raise MayNotConfirm(
            f"{actor.login} may not confirm deletions for this company. Nothing was started; "
            "send the plan to somebody who may."
        )
    return frozen


def _same_confirmation(known: Operation, frozen: Plan, *, plan_hash: str) -> Operation:
    if known.plan_id != frozen.pk:
        raise _other_plan(known)
    _check_hash(frozen, plan_hash)
    return known


def _other_plan(known: Operation) -> UnableToConfirm:
    return UnableToConfirm(
        f"This key already confirmed another plan (operation {known.pk}). Nothing was started; use a new key."
    )


def _check_hash(frozen: Plan, plan_hash: str) -> None:
    if not plan_hash or frozen.plan_hash != plan_hash:
        raise UnableToConfirm("Another plan was shown than the one to confirm: the hash differs. Nothing was started.")


def waits_for_requester(plan: Plan, *, person: User | None) -> bool:
    """
    Whether `person` may not confirm in the requester's stead. "Signed in themselves" is true of a requester who planned
    or confirms while signed in; while only somebody else says that they ask, nobody but the requester confirms.
    """
    return (
        plan.how_checked == HowChecked.SIGNED_IN
        and plan.requester_id != plan.created_by_id
        and (person is None or plan.requester_id != person.pk)
    )


def _check(frozen: Plan, *, plan_hash: str, actor: Actor, now: datetime) -> None:
    if frozen.state == PlanState.CONFIRMED:
        raise AlreadyConfirmed(frozen.operation)
    if frozen.state == PlanState.VOID:
        raise UnableToConfirm(f"This plan is void: {frozen.void_reason}. Nothing was started; make a new one.")
    if ending.is_ended(frozen):
        raise UnableToConfirm(f"{ending.in_words(frozen)} Nothing was started; make a new one.")
    _check_hash(frozen, plan_hash)
    if frozen.is_expired(at=now):
        raise UnableToConfirm(
            f"The plan expired at {frozen.expires_at:%Y-%m-%d %H:%M} UTC. Nothing was started; make a new one."
        )
    if frozen.blocks:
        raise UnableToConfirm("The plan cannot be confirmed: " + " ".join(block["message"] for block in frozen.blocks))
    if waits_for_requester(frozen, person=actor.user):
        raise UnableToConfirm(
            f"{frozen.requester.full_name} has not asked for this themselves yet. Nothing was started; they confirm "
            "it, or make a new plan that says who asks and how you made sure of it."
        )


def _begin(frozen: Plan, *, actor: Actor, key: str, now: datetime) -> Operation:
    operation = _claim(frozen, actor=actor, key=key, now=now)
    # Only now: no other operation can touch these lines any more, and what one did before is committed.
    _check_facts(frozen)
    crash_points.reached("confirm:after_items")
    Plan.objects.filter(pk=frozen.pk).update(state=PlanState.CONFIRMED.value)
    crash_points.reached("confirm:after_plan")
    entry = trail.Entry(
        tag=Tag.PLAN_CONFIRMED,
        subject=f"plan:{frozen.pk}",
        before={"state": PlanState.OPEN.value},
        after={
            "state": PlanState.CONFIRMED.value,
            "lines": frozen.line_count,
            "how_checked": frozen.how_checked,
        },
    )
    auditing.record(operation, entry, actor=actor, on_behalf_of=frozen.requester.login)
    crash_points.reached("confirm:after_audit")
    engine.spawn(operation_id=operation.pk)
    crash_points.reached("confirm:after_spawn")
    return operation


def _claim(frozen: Plan, *, actor: Actor, key: str, now: datetime) -> Operation:
    """
    Add the operation and its lines, which the database lets one open operation have.

    :raises UnableToConfirm: another one was first, with its name.
    """
    try:
        # The savepoint keeps the transaction usable, so that the message can say who was first.
        with transaction.atomic():
            operation = _add_operation(frozen, actor=actor, key=key, now=now)
            crash_points.reached("confirm:after_operation")
            _add_items(operation)
    except IntegrityError:
        _check_facts(frozen)
        raise _who_was_first(frozen, key) from None
    return operation


def _add_operation(frozen: Plan, *, actor: Actor, key: str, now: datetime) -> Operation:
    return Operation.objects.create(
        id=uuid4(),
        company_id=frozen.company_id,
        plan=frozen,
        action=frozen.action,
        line_count=frozen.line_count,
        plan_hash=frozen.plan_hash,
        confirmed_by=actor.person(),
        surface=actor.surface.value,
        confirm_key=key,
        confirmed_at=now,
    )


def _add_items(operation: Operation) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO operations_operationitem
                (operation_id, company_id, position, device_id, number, soc_code, channel, state, problem, is_open)
            SELECT %s, %s, position, device_id, number, soc_code, channel, 'pending', '', true
            FROM operations_planitem WHERE plan_id = %s ORDER BY position
            """,
            [operation.pk, operation.company_id, operation.plan_id],
        )


def _check_facts(frozen: Plan) -> None:
    """
    Compare what was frozen with what is so now.

    :raises _Stale: something changed.
    """
    changes = facts.changed_lines(plan_id=frozen.pk)
    if not changes and soc_rules.version_in_force() != frozen.rules_version:
        lines = frozen.items.values_list("device_id", "soc_code", "channel")
        changes = facts.changed_channels(lines=lines, rules=soc_rules.in_force())
    reasons = [facts.in_words(changes)] if changes else []
    if not frozen.requester.may_request_for(company_id=frozen.company_id):
        reasons.append("the requester is no longer an Admin or Super User of the company")
    if reasons:
        raise _Stale(changes, ", ".join(reasons))


def _who_was_first(frozen: Plan, key: str) -> UnableToConfirm:
    # The same plan would have waited for our lock, so this key came with another one at the same moment.
    same_key = Operation.objects.filter(company_id=frozen.company_id, confirm_key=key).first()
    if same_key is not None:
        return _other_plan(same_key)
    wanted = frozen.items.values("device_id")
    same_line = OperationItem.objects.filter(device_id__in=wanted, is_open=True).first()
    if same_line is None:
        # Another operation had a line and ended between two of our statements.
        return UnableToConfirm("A line changed at this very moment. Nothing was started; try again.")
    return UnableToConfirm(
        f"Operation {same_line.operation_id} already has lines of this plan. Nothing was started; "
        "wait for it to end, or cancel it."
    )


def _void(frozen: Plan, *, actor: Actor, reason: str) -> None:
    Plan.objects.filter(pk=frozen.pk).update(state=PlanState.VOID.value, void_reason=reason)
    entry = trail.Entry(tag=Tag.PLAN_VOIDED, subject=f"plan:{frozen.pk}", after={"reason": reason})
    trail.record(company_id=frozen.company_id, actor=actor, entries=[entry], plan_hash=frozen.plan_hash)


def _replacement(frozen: Plan, changes: Sequence[facts.Change], *, actor: Actor, now: datetime) -> Plan | None:
    """Plan the same request anew: changed lines that are still live here come along as they are now."""
    gone = {change.device_id for change in changes}
    still_here = [
        pk
        for pk, deleted_at in frozen.items.filter(device__company_id=frozen.company_id).values_list(
            "device_id", "device__deleted_at"
        )
        if pk not in gone or deleted_at is None
    ]
    try:
        return planning.again(frozen, device_ids=still_here, actor=actor, now=now)
    except UnableToPlan:
        return None
