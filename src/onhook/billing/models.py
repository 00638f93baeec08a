"""RuleSet and SocRule: the versions of the mapping from SOC code to billing channel."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from onhook.billing.channels import Channel, FactKind, Match
from onhook.tenancy.models import Company


class RuleSet(models.Model):
    """One published version of the rules. The highest version is in force; older ones stay for the record."""

    version = models.PositiveIntegerField(primary_key=True)
    note = models.TextField(blank=True, default="")
    published_by = models.TextField(
        help_text="login of the person, or 'onhook' for the rules that come with the product"
    )
    published_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"SOC rules version {self.version}"


class SocRule(models.Model):
    """One line of a version: the first rule whose pattern fits decides."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="rules")
    position = models.PositiveIntegerField()
    match = models.TextField(choices=[(match.value, match.value) for match in Match])
    pattern = models.TextField()
    channel = models.TextField(choices=[(channel.value, channel.value) for channel in Channel])
    meaning = models.TextField(help_text="the code in words, for people")

    class Meta:
        ordering = ["rule_set", "position"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "position"], name="soc_rule_position_once"),
            models.CheckConstraint(condition=~models.Q(pattern=""), name="soc_rule_has_pattern"),
            models.CheckConstraint(condition=~models.Q(channel=Channel.UNKNOWN.value), name="soc_rule_decides"),
        ]

    def __str__(self) -> str:
        return f"{self.match} {self.pattern} -> {self.channel}"


class CompanyFact(models.Model):
    """What a person once decided about a company, so that the same question does not return."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    kind = models.TextField(choices=[(kind.value, kind.value) for kind in FactKind])
    value = models.TextField()
    decided_by = models.TextField(help_text="login of the person who answered")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "kind"], name="company_fact_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.company_id}"


class SubscriptionReading(models.Model):
    """The newest count of paid lines that the shop told of a subscription."""

    reference = models.TextField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    quantity = models.PositiveIntegerField()
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.reference}: {self.quantity}"


class LicenceDecrease(models.Model):
    """Lines that an operation deleted and that the customer is to lower at the shop; `seen` of them were."""

    operation_id = models.UUIDField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    reference = models.TextField(help_text="the subscription")
    lines = models.PositiveIntegerField()
    seen = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["reference", "told_at"], name="decrease_by_subscription")]
        constraints = [
            models.CheckConstraint(condition=models.Q(lines__gte=1), name="decrease_has_lines"),
            models.CheckConstraint(condition=models.Q(seen__lte=models.F("lines")), name="decrease_seen_at_most_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.lines} lines of {self.reference}"
