"""Make a plan: read, freeze, hash. Nothing of the company's lines is changed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.billing import rules as soc_rules
from onhook.billing.channels import NEEDS_DECISION, Channel, Rules
from onhook.devices.models import Device
from onhook.operations import prechecks, preview
from onhook.operations.models import OperationItem, Plan
from onhook.operations.plan_hash import LineFacts, plan_hash
from onhook.operations.ports import Ports
from onhook.operations.vocabulary import Action, HowChecked, Reason
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import LacksRight, Permission

# Characters; a ticket reference stands in a mail's subject.
MOST_TICKET = 100
MOST_NOTE = 2000


class UnableToPlan(Exception):
    """No plan was made; the message is fit to show."""


class MayNotPlan(LacksRight, UnableToPlan):
    """This person has no right to it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who asked for what, how that was made sure of, and why."""

    requester: User
    how_checked: HowChecked
    reason: Reason
    ticket_reference: str = ""
    note: str = ""


def plan(
    *,
    company: Company,
    device_ids: Sequence[int],
    request: Request,
    actor: Actor,
    now: datetime,
    request_key: str = "",
    ports: Ports | None = None,
) -> Plan:
    """
    Freeze the deletion of these rows of `company`.

    1. The same `request_key` of the same person gives the same plan again.
    2. Read the rows and what stands against deleting them.
    3. Store plan and lines, hashed as a stream, with the audit entry.
    4. Where the shop bills and `ports` are given: ask the billing systems, with a short deadline, outside the
       transaction. What they say is shown beside the plan and is not part of it.

    :raises UnableToPlan: no right, no lines, a line of another company, a check that only support makes, or the key was
        used for another request.
    """
    _check_request(company=company, device_ids=device_ids, request=request, actor=actor, request_key=request_key)
    with transaction.atomic():
        earlier = _earlier(company=company, actor=actor, request_key=request_key)
        if earlier is not None:
            return _same_request(earlier, device_ids=device_ids, request=request)
        lines, rules = _read_lines(company, device_ids)
        findings = prechecks.check(_facts(company=company, lines=lines, request=request, now=now))
        made = _store(
            company=company,
            lines=lines,
            rules=rules,
            findings=findings,
            request=request,
            actor=actor,
            now=now,
            key=request_key,
        )
        entry = trail.Entry(
            tag=Tag.PLAN_MADE,
            subject=f"plan:{made.pk}",
            after={"lines": made.line_count, "reason": made.reason, "ticket": made.ticket_reference},
        )
        trail.record(
            company_id=company.pk,
            actor=actor,
            entries=[entry],
            plan_hash=made.plan_hash,
            on_behalf_of=request.requester.login,
        )
    if ports is not None and made.items.filter(channel=Channel.SHOP.value).exists():
        made.preview = preview.read(company=company, ports=ports)
        made.save(update_fields=["preview"])
    return made


def again(old: Plan, *, device_ids: Sequence[int], actor: Actor, now: datetime, ports: Ports | None = None) -> Plan:
    """
    Plan the request of an old plan anew for these of its lines.

    How it was made sure who asks is support's word and goes along only when support plans again: whoever else does,
    makes a plan that its requester confirms signed in.

    :raises UnableToPlan: as `plan` does.
    """
    request = Request(
        requester=old.requester,
        how_checked=HowChecked(old.how_checked) if _is_of_support(actor) else HowChecked.SIGNED_IN,
        reason=Reason(old.reason),
        ticket_reference=old.ticket_reference,
        note=old.note,
    )
    return plan(company=old.company, device_ids=device_ids, request=request, actor=actor, now=now, ports=ports)


def _is_of_support(actor: Actor) -> bool:
    return actor.user is not None and actor.user.is_staff_member


def _check_request(
    *, company: Company, device_ids: Sequence[int], request: Request, actor: Actor, request_key: str
) -> None:
    if not actor.may(Permission.PLAN_DELETION, company_id=company.pk):
        raise MayNotPlan(f"{actor.login} may not plan deletions for this company. No plan was made.")
    if request.requester.company_id != company.pk:
        raise UnableToPlan("The requester is not a person of this company. No plan was made.")
    if request.how_checked is not HowChecked.SIGNED_IN and not _is_of_support(actor):
        raise UnableToPlan("Only support says how it made sure who asks; a customer signs in. No plan was made.")
    if not device_ids:
        raise UnableToPlan("No line was chosen. No plan was made.")
    for what, text, most in (
        ("ticket reference", request.ticket_reference, MOST_TICKET),
        ("note", request.note, MOST_NOTE),
        ("request key", request_key, MOST_TICKET),
    ):
        _check_text(what, text, most=most)


def _check_text(what: str, text: str, *, most: int) -> None:
    """Refuse what would not fit a page or would look like other lines in a mail."""
    if len(text) > most:
        raise UnableToPlan(f"The {what} is longer than {most} characters. No plan was made.")
    breaks = what == "note"
    if any(not (character.isprintable() or (breaks and character in "\n\t")) for character in text):
        raise UnableToPlan(f"The {what} has line breaks or control characters. No plan was made.")


def _earlier(*, company: Company, actor: Actor, request_key: str) -> Plan | None:
    if not request_key:
        return None
    with connection.cursor() as cursor:
        # Two requests with one key at the same moment: the second waits and then finds the first.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"{company.pk}/{actor.login}/{request_key}"],
        )
    return Plan.objects.filter(company=company, created_by=actor.user, request_key=request_key).first()


def _same_request(earlier: Plan, *, device_ids: Sequence[int], request: Request) -> Plan:
    asked = (
        request.requester.pk,
        request.how_checked.value,
        request.reason.value,
        request.ticket_reference,
        request.note,
    )
    known = (earlier.requester_id, earlier.how_checked, earlier.reason, earlier.ticket_reference, earlier.note)
    lines = sorted(earlier.items.values_list("device_id", flat=True))
    if asked != known or sorted(set(device_ids)) != lines:
        raise UnableToPlan(
            f"This key was already used for another request (plan {earlier.pk}). No plan was made; use a new key."
        )
    return earlier


@dataclass(frozen=True)
class _Line:
    device_id: int
    number: str
    soc_code: str
    channel: Channel
    is_live: bool
    is_held: bool
    is_activated: bool
    last_seen_at: datetime | None

    @property
    def facts(self) -> LineFacts:
        return self.device_id, self.number, self.soc_code, self.channel.value


def _read_lines(company: Company, device_ids: Sequence[int]) -> tuple[list[_Line], Rules]:
    wanted = set(device_ids)
    rules = soc_rules.in_force()
    channels: dict[str, Channel] = {}
    lines = []
    rows = Device.objects.filter(company=company, pk__in=wanted).order_by("pk")
    for pk, number, soc_code, deleted_at, held_at, activated_at, last_seen_at in rows.values_list(
        "pk", "number", "soc_code", "deleted_at", "held_at", "activated_at", "last_seen_at"
    ).iterator(chunk_size=2000):
        channel = channels.setdefault(soc_code, rules.channel_of(soc_code))
        lines.append(
            _Line(
                pk,
                number,
                soc_code,
                channel,
                deleted_at is None,
                held_at is not None,
                activated_at is not None,
                last_seen_at,
            )
        )
    if len(lines) != len(wanted):
        missing = len(wanted) - len(lines)
        raise UnableToPlan(f"{missing} of the chosen lines cannot be found in this company. No plan was made.")
    return lines, rules


def _facts(*, company: Company, lines: list[_Line], request: Request, now: datetime) -> prechecks.Facts:
    by_channel: dict[Channel, int] = {}
    for line in lines:
        by_channel[line.channel] = by_channel.get(line.channel, 0) + 1
    busy = (
        OperationItem.objects.filter(device_id__in=[line.device_id for line in lines], is_open=True)
        .values_list("operation_id", flat=True)
        .distinct()[:3]
    )
    live = Device.objects.filter(company=company).aggregate(live=Count("pk", filter=Q(deleted_at=None)))["live"]
    day_ago = now - timedelta(days=1)
    return prechecks.Facts(
        requester_login=request.requester.login,
        requester_may_ask=request.requester.may_request_for(company_id=company.pk),
        requester_has_mail=bool(request.requester.email),
        live_lines_of_company=live,
        chosen=sum(line.is_live for line in lines),
        already_deleted=[line.device_id for line in lines if not line.is_live],
        held=[line.device_id for line in lines if line.is_held],
        not_activated=[line.device_id for line in lines if line.is_live and not line.is_activated],
        seen_in_the_last_day=[
            line.device_id
            for line in lines
            if line.is_live and line.last_seen_at is not None and line.last_seen_at > day_ago
        ],
        open_operations=[str(pk) for pk in busy],
        lines_by_channel=by_channel,
        soc_codes_to_decide=sorted({line.soc_code for line in lines if line.channel in NEEDS_DECISION}),
        lines_to_decide=[line.device_id for line in lines if line.channel in NEEDS_DECISION],
    )


def _store(
    *,
    company: Company,
    lines: list[_Line],
    rules: Rules,
    findings: list[prechecks.Precheck],
    request: Request,
    actor: Actor,
    now: datetime,
    key: str,
) -> Plan:
    plan_id = uuid.uuid4()
    facts: dict[str, str | int] = {
        "plan": str(plan_id),
        "action": Action.DELETE_DEVICE.value,
        "company": company.pk,
        "requester": request.requester.login,
        "how_checked": request.how_checked.value,
        "ticket_reference": request.ticket_reference,
        "reason": request.reason.value,
        "note": request.note,
        "rules_version": rules.version,
        "line_count": len(lines),
    }
    made = Plan.objects.create(
        id=plan_id,
        company=company,
        line_count=len(lines),
        rules_version=rules.version,
        prechecks=[finding.as_json() for finding in findings],
        created_by=actor.person(),
        surface=actor.surface.value,
        requester=request.requester,
        how_checked=request.how_checked.value,
        ticket_reference=request.ticket_reference,
        reason=request.reason.value,
        note=request.note,
        request_key=key,
        plan_hash=plan_hash(facts=facts, lines=(line.facts for line in lines)),
        created_at=now,
        expires_at=now + timedelta(seconds=settings.PLAN_LIFETIME_SECONDS),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO operations_planitem (plan_id, position, device_id, number, soc_code, channel)
            SELECT %s, line.position, line.device_id, line.number, line.soc_code, line.channel
            FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
                 WITH ORDINALITY AS line(device_id, number, soc_code, channel, position)
            """,
            [plan_id, *map(list, zip(*(line.facts for line in lines), strict=True))],
        )
    return made
