"""Cancel an operation before its first irreversible step."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.operations import closing
from onhook.operations.models import Notice, Operation
from onhook.operations.vocabulary import Outcome
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import LacksRight, Permission


class UnableToCancel(Exception):
    """The operation was not cancelled; the message is fit to show."""


class MayNotCancel(LacksRight, UnableToCancel):
    """This person has no right to it."""


def cancel(*, company: Company, operation_id: UUID, actor: Actor, reason: str, now: datetime) -> Operation:
    """
    End the operation before anything was deleted; its lines stay as they are. Cancelling twice is cancelling once: who
    was first, and why, stays on record.

    :raises UnableToCancel: no such operation, no right, no reason, over already, or lines were already deleted.
    """
    with transaction.atomic():
        operation = Operation.objects.select_for_update().filter(company=company, pk=operation_id).first()
        if operation is None:
            raise UnableToCancel("There is no such operation in this company. Nothing was changed.")
        if not actor.may(Permission.CANCEL_OPERATION, company_id=company.pk):
            raise MayNotCancel(f"{actor.login} may not cancel operations of this company. Nothing was changed.")
        if not reason.strip():
            raise UnableToCancel("Say why it is cancelled. Nothing was changed.")
        if operation.outcome == Outcome.CANCELLED:
            return operation
        if operation.is_closed:
            raise UnableToCancel(f"The operation is over ({operation.outcome}). Nothing was changed.")
        if Notice.objects.filter(operation=operation, sendings__gt=0).exists():
            raise UnableToCancel("The mail is on its way, or was sent. It cannot be taken back; nothing was changed.")
        if operation.irreversible_at is not None:
            raise UnableToCancel(
                f"Lines were already deleted from {operation.irreversible_at:%Y-%m-%d %H:%M:%S} UTC on. A deletion "
                "cannot be taken back, so the operation goes on to check and report it."
            )
        closing.close(operation=operation, outcome=Outcome.CANCELLED, reason=reason, now=now, actor=actor)
    return operation


def cancelled_by(operation: Operation) -> str:
    """Return the login of whoever cancelled the operation, or nothing when nobody did."""
    events = AuditEvent.objects.filter(operation_id=operation.pk, tag=Tag.OPERATION_CANCELLED.value)
    return events.values_list("actor", flat=True).first() or ""
