"""AuditEvent and the head of each company's chain. The database itself refuses to change or delete events."""

from __future__ import annotations

from django.db import models

from onhook.tenancy.models import Company


class AuditEvent(models.Model):
    """One act. Names are kept as text, so that the row still reads when people and lines are long gone."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    sequence = models.BigIntegerField()
    tag = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()
    on_behalf_of = models.TextField(default="")
    surface = models.TextField()
    os_user = models.TextField(default="")
    subject = models.TextField()
    operation_id = models.UUIDField(null=True)
    plan_hash = models.CharField(max_length=64, default="")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "sequence"], name="audit_sequence_once")]
        indexes = [
            models.Index(fields=["operation_id", "id"], name="audit_by_operation"),
            models.Index(fields=["subject", "id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.company_id}#{self.sequence} {self.tag} {self.subject}"


class AuditHead(models.Model):
    """The last link of a company's chain; its row lock puts writers in order."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT, primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.company_id}#{self.sequence}"
