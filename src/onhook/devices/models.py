"""Device: one phone line of a company, live until its Deleted Datetime is set."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now, Reverse

from onhook.devices.folding import Folded
from onhook.tenancy.models import Company

# Stands for "never" in orders by time, so that every row has a key.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# A CASE, not COALESCE: PostgreSQL does not count that as leakproof, so row security would keep it from the index.
SEEN = models.Case(
    models.When(last_seen_at__isnull=True, then=models.Value(LONG_AGO)),
    default=models.F("last_seen_at"),
)


class Device(models.Model):
    """
    A line: number, worker, phone. *Deleted* means the number was cancelled (`deleted_at`, set once).

    A number has at most one live row on the whole platform, and any number of deleted ones.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    number = models.CharField(max_length=16, help_text="E.164, such as +12025550123")
    worker = models.TextField(blank=True, default="")
    model = models.TextField(blank=True, default="")
    soc_code = models.TextField(
        help_text="which subscription the line was sold under; billing rules map it to a channel"
    )
    activated_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True, help_text="a hold keeps the line from being deleted")
    hold_reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(deleted_at=None), name="device_one_live_row_per_number"
            ),
            models.UniqueConstraint(
                fields=["company", "number", "deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="device_deleted_once_at_a_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(number__regex=r"^\+[1-9][0-9]{6,14}$"), name="device_number_e164"
            ),
            models.CheckConstraint(
                condition=models.Q(held_at=None, hold_reason="") | models.Q(held_at__isnull=False),
                name="device_hold_reason_needs_hold",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "id"], name="device_by_company"),
            models.Index(fields=["number"], name="device_by_number"),
            # A whole number is looked for from its end: the country code may be missing, the last digits are not.
            models.Index(OpClass(Reverse("number"), "text_pattern_ops"), name="device_number_ends"),
            GinIndex(OpClass("number", "gin_trgm_ops"), name="device_number_contains"),
            GinIndex(OpClass(Folded("worker"), "gin_trgm_ops"), name="device_worker_contains"),
            GinIndex(OpClass(Folded("model"), "gin_trgm_ops"), name="device_model_contains"),
            # One for each order of the portal's list: a page deep in a million lines costs as much as the first.
            models.Index("company", "number", "id", name="device_list_number", condition=models.Q(deleted_at=None)),
            models.Index("company", "worker", "id", name="device_list_worker", condition=models.Q(deleted_at=None)),
            models.Index(
                "company",
                SEEN.desc(),
                models.F("id").desc(),
                name="device_list_seen",
                condition=models.Q(deleted_at=None),
            ),
            models.Index(
                "company",
                "number",
                "id",
                name="device_list_held",
                condition=models.Q(deleted_at=None, held_at__isnull=False),
            ),
            models.Index(
                fields=["company", "-deleted_at", "-id"],
                name="device_list_deleted",
                condition=models.Q(deleted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"device {self.pk}"

    @property
    def is_live(self) -> bool:
        return self.deleted_at is None

    @property
    def is_held(self) -> bool:
        return self.held_at is not None
