"""Hand a plan to somebody who may confirm it, and plan an old one anew."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from onhook.audit import trail
from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.operations import ending, planning
from onhook.operations.models import OperationItem, Plan, PlanItem
from onhook.operations.planning import UnableToPlan
from onhook.operations.ports import Ports
from onhook.operations.vocabulary import PlanState
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Permission

# Of an item: its line is not what was planned any more; `facts.changed_lines` tells what changed.
_CHANGED = (
    Q(device__deleted_at__isnull=False)
    | Q(device__held_at__isnull=False)
    | ~Q(device__number=F("number"))
    | ~Q(device__soc_code=F("soc_code"))
)


def send(*, plan: Plan, actor: Actor, now: datetime) -> User:
    """
    Record that a plan was sent to its requester, who has it in their list, and return who that is.

    :raises UnableToPlan: they may not confirm, or nobody can (any more), so that it would lie there.
    """
    if not actor.may(Permission.PLAN_DELETION, company_id=plan.company_id):
        raise UnableToPlan(f"{actor.login} may not plan deletions for this company. The plan was not sent.")
    to = plan.requester
    if not to.may_request_for(company_id=plan.company_id):
        raise UnableToPlan(f"{to.login} may not confirm deletions of this company. The plan was not sent.")
    if not can_be_confirmed(plan=plan, now=now):
        raise UnableToPlan("This plan cannot be confirmed any more. Make it again; it was not sent.")
    entry = trail.Entry(tag=Tag.PLAN_SENT, subject=f"plan:{plan.pk}", after={"to": to.login})
    with transaction.atomic():
        trail.record(company_id=plan.company_id, actor=actor, entries=[entry], plan_hash=plan.plan_hash)
    return to


def was_sent(plan: Plan) -> bool:
    """Whether somebody sent this plan to its requester."""
    events = AuditEvent.objects.filter(company_id=plan.company_id, subject=f"plan:{plan.pk}")
    return events.filter(tag=Tag.PLAN_SENT.value).exists()


def proof_of_reading(plan: Plan) -> str:
    """Return what shows that a person read the plan when they type it: last four digits of one line, or the count."""
    return plan.items.get().number[-4:] if plan.line_count == 1 else str(plan.line_count)


def waiting_for(*, person: User, now: datetime) -> QuerySet[Plan]:
    """Return the plans of others that wait for this person's confirmation and can be confirmed, newest first."""
    return _unconfirmed(person.company_id, now).filter(requester=person).exclude(created_by=person)


def waiting_count(*, person: User) -> int:
    """Return how many plans `waiting_for` has for this person now: on every page, so it is asked in written SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM operations_plan AS plan
            WHERE company_id = %s AND requester_id = %s AND created_by_id <> requester_id
              AND state = %s AND expires_at > clock_timestamp() AND line_count > 0
              AND NOT prechecks @> '[{"level": "block"}]'
              AND NOT EXISTS (
                SELECT FROM operations_planitem AS line JOIN devices_device AS device ON device.id = line.device_id
                WHERE line.plan_id = plan.id
                  AND (device.deleted_at IS NOT NULL OR device.held_at IS NOT NULL
                       OR device.number <> line.number OR device.soc_code <> line.soc_code))
            """,
            [person.company_id, person.pk, PlanState.OPEN.value],
        )
        return int(cursor.fetchone()[0])


def made_by(*, person: User, company: Company, now: datetime) -> QuerySet[Plan]:
    """Return the plans for `company` that this person made, that can be and are not confirmed, newest first."""
    return _unconfirmed(company.pk, now).filter(created_by=person)


def of_person(*, person: User, company: Company, now: datetime) -> QuerySet[Plan]:
    """Return the plans for `company` that this person made or may confirm, that can be and are not, newest first."""
    return _unconfirmed(company.pk, now).filter(Q(created_by=person) | Q(requester=person))


def _unconfirmed(coid: int, now: datetime) -> QuerySet[Plan]:
    """Return the plans for which `can_be_confirmed` holds; `waiting_count` says the same in SQL."""
    plans = Plan.objects.filter(company_id=coid, state=PlanState.OPEN.value, expires_at__gt=now, line_count__gt=0)
    changed = PlanItem.objects.filter(_CHANGED, plan=OuterRef("pk"))
    plans = plans.exclude(prechecks__contains=[{"level": "block"}]).exclude(Exists(changed))
    return plans.select_related("created_by", "requester").order_by("-created_at")


def can_be_confirmed(*, plan: Plan, now: datetime) -> bool:
    """Whether the plan is one that its requester finds and can still confirm: in time, its lines as they were."""
    is_open = plan.state == PlanState.OPEN and plan.expires_at > now and not plan.blocks
    return is_open and not plan.items.filter(_CHANGED).exists()


def busy(plan: Plan) -> QuerySet[PlanItem]:
    """Return the items of a plan whose lines an operation is about to delete."""
    return plan.items.filter(_has_operation(plan))


def able(plan: Plan) -> QuerySet[PlanItem]:
    """Return the items of a plan whose lines can go now: live, not on hold, and in no operation."""
    return _still_live(plan).filter(~_has_operation(plan), device__held_at=None)


def _has_operation(plan: Plan) -> Exists:
    return Exists(OperationItem.objects.filter(company=plan.company_id, device=OuterRef("device"), is_open=True))


def _still_live(plan: Plan) -> QuerySet[PlanItem]:
    return plan.items.filter(device__company_id=plan.company_id, device__deleted_at=None)


def renew(*, plan: Plan, actor: Actor, now: datetime, ports: Ports | None = None, is_only_able: bool = False) -> Plan:
    """
    Plan the request of an expired, void or stopped plan again, with the lines that are still live.

    :param is_only_able: only with those that nothing stops now, see `able`.
    :raises UnableToPlan: there is no such line, or a person ended the plan.
    """
    if ending.is_ended(plan):
        raise UnableToPlan(f"{ending.in_words(plan)} No plan was made; tick the lines anew to ask again.")
    items = able(plan) if is_only_able else _still_live(plan)
    device_ids = list(items.values_list("device_id", flat=True))
    return planning.again(plan, device_ids=device_ids, actor=actor, now=now, ports=ports)
