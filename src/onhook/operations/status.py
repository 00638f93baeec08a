"""What people see of an operation: one value with everything on it, for every surface."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count

from onhook.operations import engine
from onhook.operations.models import Notice, Operation, OperationItem, Question, Step
from onhook.operations.vocabulary import StepName
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission


class NoSuchOperation(Exception):
    """There is none, or this person may not see it: both look the same."""


@dataclass(frozen=True)
class Status:
    """An operation with its lines counted by state, its steps, questions and notice."""

    operation: Operation
    lines_by_state: dict[str, int]
    items: list[OperationItem]
    steps: list[Step]
    questions: list[Question]
    notice: Notice | None

    @property
    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if question.is_open]


def status(*, operation_id: UUID, actor: Actor, most_items: int = 20) -> Status:
    """
    Return where the operation is, with at most `most_items` of its lines.

    :raises NoSuchOperation: there is none that this person may see.
    """
    operation = (
        Operation.objects.select_related("company", "plan__requester", "plan__created_by", "confirmed_by")
        .filter(pk=operation_id)
        .first()
    )
    if operation is None or not actor.may(Permission.VIEW_LINES, company_id=operation.company_id):
        raise NoSuchOperation(f"There is no operation {operation_id} that you may see.")
    items = OperationItem.objects.filter(operation=operation)
    steps = list(Step.objects.filter(operation=operation))
    questions = list(Question.objects.filter(operation=operation).select_related("answered_by", "assigned_to"))
    if not actor.sees_platform:
        _hide_from_customers(steps, questions)
    return Status(
        operation=operation,
        lines_by_state=dict(items.values_list("state").annotate(Count("pk")).order_by("state")),
        items=list(items.select_related("device").order_by("position")[:most_items]),
        steps=steps,
        questions=questions,
        notice=Notice.objects.filter(operation=operation).select_related("recipient").first(),
    )


@dataclass(frozen=True)
class Mark:
    """
    How far an operation is, as a short text: while it stays the same, there is nothing new to show.

    `silent_seconds` is the time since something was last heard of it. `is_up_to_a_worker`: no person has to act, and no
    step waits for its next try. `is_under_way`: a step was begun and not ended.
    """

    text: str
    is_closed: bool
    age_seconds: float
    silent_seconds: float
    is_up_to_a_worker: bool
    is_under_way: bool


def mark(*, operation_id: UUID, company: Company) -> Mark | None:
    """Return the mark of the company's operation in one query, for pages that ask every second; None: there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [operation_id, company.pk])
        row = cursor.fetchone()
    return Mark(*row) if row else None


_MARK = """
SELECT md5(concat_ws('|', state, outcome, irreversible_at,
           (SELECT string_agg(concat(state, ' ', lines), ',' ORDER BY state)
            FROM (SELECT state, count(*) AS lines FROM operations_operationitem AS item
                  WHERE item.operation_id = operation.id GROUP BY state) AS counted),
           (SELECT string_agg(concat(name, ' ', state, ' ', tries, ' ', problem, ' ', finished_at), ','
                              ORDER BY position)
            FROM operations_step AS step WHERE step.operation_id = operation.id),
           (SELECT string_agg(concat_ws(' ', id, answered_at, withdrawn_at, assigned_to_id, assigned_note), ','
                              ORDER BY id)
            FROM operations_question AS question WHERE question.operation_id = operation.id),
           (SELECT concat(state, ' ', sendings)
            FROM operations_notice AS notice WHERE notice.operation_id = operation.id))),
       state = 'closed',
       extract(epoch FROM clock_timestamp() - confirmed_at)::float,
       extract(epoch FROM clock_timestamp() - greatest(confirmed_at,
           (SELECT max(greatest(started_at, finished_at))
            FROM operations_step AS step WHERE step.operation_id = operation.id),
           (SELECT max(answered_at) FROM operations_question AS question
            WHERE question.operation_id = operation.id)))::float,
       state = 'running' AND NOT EXISTS (
           SELECT FROM operations_step AS step WHERE step.operation_id = operation.id AND step.state = 'waiting'),
       EXISTS (SELECT FROM operations_step AS step WHERE step.operation_id = operation.id AND step.state = 'running')
FROM operations_operation AS operation WHERE id = %s AND company_id = %s
"""


def somebody_works() -> bool:
    """Whether a worker lives now."""
    return engine.living_workers() > 0


# What these steps saw stands in the operator's own systems: accounts, addresses of records, other copies of links.
_STAFF_EVIDENCE = frozenset({StepName.FIND_ACCOUNT.value, StepName.FIND_SUBSCRIPTION.value})


def _hide_from_customers(steps: list[Step], questions: list[Question]) -> None:
    """Empty, in memory, what only the operator's people may see; how far the run is stays."""
    for step in steps:
        if step.name in _STAFF_EVIDENCE:
            step.evidence = {}
    for question in questions:
        question.evidence, question.choices = {}, []
        question.answer_reason = question.assigned_note = ""
