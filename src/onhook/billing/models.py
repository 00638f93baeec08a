"""RuleSet and SocRule: the versions of the mapping from SOC code to billing channel."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from onhook.billing.channels import Channel, Match


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
