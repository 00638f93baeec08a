"""Have a step that failed tried at once, instead of at its next time."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.operations import engine
from onhook.operations.models import Operation, Step
from onhook.operations.vocabulary import StepState
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission


class UnableToHurry(Exception):
    """Nothing was changed; the message is fit to show."""


def check_now(*, company: Company, operation_id: UUID, actor: Actor) -> Operation:
    """
    Let the step that waits for its next try be tried now. What was done is not done a second time.

    :raises UnableToHurry: no such operation, no right, or no step waits for its next try.
    """
    with transaction.atomic():
        operation = Operation.objects.select_for_update().filter(company=company, pk=operation_id).first()
        if operation is None or not actor.may(Permission.ANSWER_QUESTION, company_id=company.pk):
            raise UnableToHurry("There is no such operation, or you may not do this. Nothing was changed.")
        if operation.is_closed or not engine.hurry(operation_id=operation.pk, generation=operation.generation):
            raise UnableToHurry("No step waits for its next try: it is under way, or over. Nothing was changed.")
        waiting = Step.objects.filter(operation=operation, state=StepState.WAITING.value).order_by("position").last()
        trail.record(
            company_id=company.pk,
            actor=actor,
            entries=[
                trail.Entry(
                    tag=Tag.OPERATION_HURRIED,
                    subject=f"operation:{operation.pk}",
                    after={"step": waiting.name if waiting else ""},
                )
            ],
            operation_id=operation.pk,
            plan_hash=operation.plan_hash,
        )
    return operation
