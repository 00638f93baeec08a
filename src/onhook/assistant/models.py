"""Conversations with the menu, and the cases that people of support take over."""

from __future__ import annotations

import uuid
from enum import StrEnum

from django.db import models
from django.db.models import Q

from onhook.devices.models import Device
from onhook.operations.models import Plan
from onhook.tenancy.models import Company, User


class Speaker(StrEnum):
    PERSON = "person"
    ASSISTANT = "assistant"


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class MailState(StrEnum):
    """A reply's mail; the reply can be read in the portal in any case. `none`: the customer wrote it."""

    NONE = "none"
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    NO_ADDRESS = "no_address"


def _one_of(column: str, values: type[StrEnum], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{column}__in": [value.value for value in values]}), name=name)


class Conversation(models.Model):
    """What one person and the menu said; a person has one at a time. `line_ids` are candidates, `device` is chosen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    node = models.TextField()
    line_ids = models.JSONField(default=list)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "company"], name="conversation_id_company"),
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="conversation_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class Message(models.Model):
    """One thing said. `choices` are the buttons under it, `links` lead to pages of the product."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    position = models.PositiveIntegerField()
    speaker = models.TextField()
    text = models.TextField()
    choices = models.JSONField(default=list)
    links = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ["conversation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position"], name="message_position_once"),
            _one_of("speaker", Speaker, "message_speaker_known"),
        ]

    def __str__(self) -> str:
        return f"message {self.position} of conversation {self.conversation_id}"


class Case(models.Model):
    """A conversation that a person of support takes over, with all that was said."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    conversation = models.OneToOneField(Conversation, on_delete=models.PROTECT, related_name="case")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    topic = models.TextField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.TextField(default=CaseState.OPEN.value)
    waits_for_us = models.BooleanField(default=True)
    assigned_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "changed_at"], name="case_queue")]
        constraints = [
            models.UniqueConstraint(fields=["id", "company"], name="case_id_company"),
            _one_of("state", CaseState, "case_state_known"),
            models.CheckConstraint(
                condition=Q(state=CaseState.CLOSED.value, closed_at__isnull=False)
                | Q(state=CaseState.OPEN.value, closed_at=None),
                name="case_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == CaseState.OPEN


class CaseMessage(models.Model):
    """A reply of support, or what the customer wrote after the hand-over. The author's name is kept as text."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author_name = models.TextField()
    is_from_support = models.BooleanField()
    text = models.TextField()
    at = models.DateTimeField()
    mail_state = models.TextField(default=MailState.NONE.value)
    mail_problem = models.TextField(default="")

    class Meta:
        ordering = ["case", "id"]
        constraints = [_one_of("mail_state", MailState, "case_message_mail_state_known")]

    def __str__(self) -> str:
        return f"message {self.pk} of case {self.case_id}"
