"""Plan, Operation and what belongs to them: the user's view of a run, never the engine's tables."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Upper

from onhook.billing.channels import Channel
from onhook.devices.models import Device
from onhook.operations.vocabulary import (
    Action,
    HowChecked,
    ItemState,
    NoticeState,
    Outcome,
    PlanState,
    QuestionKind,
    Reason,
    State,
    StepName,
    StepState,
)
from onhook.tenancy.models import Company, User


def _one_of(column: str, values: list[str], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{column}__in": values}), name=name)


class Plan(models.Model):
    """A frozen intent: which lines, what changes, who asked and why. Confirming accepts exactly `plan_hash`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    action = models.TextField(default=Action.DELETE_DEVICE.value)
    state = models.TextField(default=PlanState.OPEN.value)
    void_reason = models.TextField(default="")
    line_count = models.PositiveIntegerField()
    rules_version = models.PositiveIntegerField()
    prechecks = models.JSONField(default=list)
    preview = models.JSONField(
        default=dict, help_text="what the billing systems said when it was made; not in the hash"
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    surface = models.TextField()
    requester = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    how_checked = models.TextField()
    ticket_reference = models.TextField(default="")
    reason = models.TextField()
    note = models.TextField(default="")
    request_key = models.TextField(default="")
    plan_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["company", "-created_at"], name="plan_by_company"),
            models.Index(Upper(KT("preview__account__account_number")), name="plan_account_number_any_case"),
            models.Index(Upper("ticket_reference"), name="plan_ticket"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "company"], name="plan_id_company"),
            models.UniqueConstraint(
                fields=["company", "created_by", "request_key"],
                condition=~Q(request_key=""),
                name="plan_request_once",
            ),
            _one_of("action", [value.value for value in Action], "plan_action_known"),
            _one_of("state", [value.value for value in PlanState], "plan_state_known"),
            _one_of("reason", [value.value for value in Reason], "plan_reason_known"),
            _one_of("how_checked", [value.value for value in HowChecked], "plan_how_checked_known"),
            models.CheckConstraint(
                condition=Q(line_count__gte=1) ^ Q(action=Action.SEND_BILLING_LINK.value), name="plan_has_lines"
            ),
        ]

    def __str__(self) -> str:
        return f"plan {self.pk} for {self.line_count} lines"

    @property
    def blocks(self) -> list[dict[str, str]]:
        """The prechecks that keep this plan from being confirmed."""
        return [precheck for precheck in self.prechecks if precheck["level"] == "block"]

    def is_expired(self, *, at: datetime) -> bool:
        return at >= self.expires_at


class PlanItem(models.Model):
    """One line of a plan, as it was when the plan was made. Never changed."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=16)
    soc_code = models.TextField()
    channel = models.TextField()

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="plan_item_position_once"),
            models.UniqueConstraint(fields=["plan", "device"], name="plan_item_device_once"),
            _one_of("channel", [value.value for value in Channel], "plan_item_channel_known"),
        ]

    def __str__(self) -> str:
        return f"line {self.position} of plan {self.plan_id}"


class Operation(models.Model):
    """One confirmed run for one company: what was asked, how far it is, how it ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="operation")
    action = models.TextField(default=Action.DELETE_DEVICE.value)
    state = models.TextField(default=State.RUNNING.value)
    outcome = models.TextField(default="", blank=True)
    outcome_reason = models.TextField(default="", blank=True)
    line_count = models.PositiveIntegerField()
    plan_hash = models.CharField(max_length=64)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    surface = models.TextField()
    confirm_key = models.TextField()
    confirmed_at = models.DateTimeField()
    irreversible_at = models.DateTimeField(
        null=True, help_text="when the first line was deleted; no way back from then on"
    )
    closed_at = models.DateTimeField(null=True)
    generation = models.PositiveIntegerField(
        default=0, help_text="raised when the engine lost the run and it was started again"
    )

    class Meta:
        indexes = [
            models.Index(fields=["company", "-confirmed_at"], name="operation_by_company"),
            models.Index(fields=["state"], condition=~Q(state=State.CLOSED.value), name="operation_not_closed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "company"], name="operation_id_company"),
            models.UniqueConstraint(fields=["company", "confirm_key"], name="operation_confirm_once"),
            _one_of("state", [value.value for value in State], "operation_state_known"),
            _one_of("outcome", ["", *(value.value for value in Outcome)], "operation_outcome_known"),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED.value, closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(state=State.CLOSED.value) & Q(closed_at=None, outcome=""),
                name="operation_closed_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"operation {self.pk}"

    @property
    def is_closed(self) -> bool:
        return self.state == State.CLOSED

    @property
    def is_cancellable(self) -> bool:
        return not self.is_closed and self.irreversible_at is None


class OperationItem(models.Model):
    """One line of an operation and its result. A line has at most one open item on the whole platform."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="items", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    position = models.PositiveIntegerField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="operation_items", db_index=False)
    number = models.CharField(max_length=16)
    soc_code = models.TextField()
    channel = models.TextField()
    state = models.TextField(default=ItemState.PENDING.value)
    problem = models.TextField(default="")
    deleted_at = models.DateTimeField(null=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        ordering = ["operation", "position"]
        indexes = [models.Index(fields=["device", "-id"], name="item_by_device")]
        constraints = [
            models.UniqueConstraint(fields=["operation", "position"], name="item_position_once"),
            models.UniqueConstraint(fields=["device"], condition=Q(is_open=True), name="item_one_open_per_device"),
            _one_of("state", [value.value for value in ItemState], "item_state_known"),
            _one_of("channel", [value.value for value in Channel], "item_channel_known"),
        ]

    def __str__(self) -> str:
        return f"line {self.position} of operation {self.operation_id}"


class Step(models.Model):
    """One step of a run as people see it: how far, how often tried, and what it saw (redacted)."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="steps", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    name = models.TextField()
    position = models.PositiveSmallIntegerField()
    state = models.TextField(default=StepState.RUNNING.value)
    tries = models.PositiveIntegerField(default=0, help_text="tries that did not succeed")
    problem = models.TextField(default="")
    evidence = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["operation", "position"]
        indexes = [
            models.Index(
                Upper(KT("evidence__account_number")),
                name="step_account_number_any_case",
                condition=Q(name=StepName.FIND_ACCOUNT.value),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["operation", "name"], name="step_once"),
            _one_of("name", [value.value for value in StepName], "step_name_known"),
            _one_of("state", [value.value for value in StepState], "step_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of operation {self.operation_id}"


class Question(models.Model):
    """Something a person must decide before the run goes on."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="questions", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    step = models.TextField()
    kind = models.TextField()
    subject = models.TextField(default="")
    round = models.PositiveIntegerField(default=1)
    text = models.TextField()
    choices = models.JSONField()
    evidence = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    answer = models.TextField(default="")
    answer_reason = models.TextField(default="")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    assigned_note = models.TextField(default="", help_text="what whoever handed it over wants the next one to know")

    class Meta:
        ordering = ["opened_at", "id"]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(answered_at=None, withdrawn_at=None), name="question_open")
        ]
        constraints = [
            models.UniqueConstraint(fields=["operation", "kind", "subject", "round"], name="question_once_a_round"),
            _one_of("kind", [value.value for value in QuestionKind], "question_kind_known"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="", answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="question_answer_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.pk}: {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.withdrawn_at is None

    @property
    def event(self) -> str:
        """The engine's event name; its own for each question, since events are kept and the first one wins."""
        return f"question:{self.pk}"


class Notice(models.Model):
    """What we tell the customer at the end of an operation, and what is known of its way."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    operation = models.OneToOneField(Operation, on_delete=models.PROTECT, related_name="notice")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    state = models.TextField(default=NoticeState.READY.value)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_address = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField()
    message_id = models.TextField(unique=True)
    sendings = models.PositiveSmallIntegerField(
        default=0, help_text="times it was handed to the mail server; at most two"
    )
    problem = models.TextField(default="")
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            _one_of("state", [value.value for value in NoticeState], "notice_state_known"),
            models.CheckConstraint(condition=Q(sendings__lte=2), name="notice_sent_at_most_twice"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk} ({self.state})"
