"""Read the rules in force, and publish new versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.billing.channels import Channel, Match, Rule, Rules
from onhook.billing.models import RuleSet, SocRule
from onhook.tenancy.actor import Actor
from onhook.tenancy.permissions import OPERATOR_COID, LacksRight, Permission


class UnableToPublish(Exception):
    """The rules were not published; the message says why."""


class MayNotPublish(LacksRight, UnableToPublish):
    """This person has no right to it."""


def in_force() -> Rules:
    """Return the highest version of the rules."""
    newest = RuleSet.objects.order_by("-version").values("version")[:1]
    rules = list(SocRule.objects.filter(rule_set=newest).order_by("position"))
    return Rules(version=rules[0].rule_set_id if rules else 0, rules=tuple(map(_as_value, rules)))


def version_in_force() -> int:
    """Return the number of the highest version, 0 when there is none."""
    return RuleSet.objects.aggregate(highest=Max("version"))["highest"] or 0


def publish(*, actor: Actor, rules: Sequence[Rule], note: str, now: datetime) -> Rules:
    """
    Put a new version of the rules in force, in the order given. What was confirmed before is checked anew.

    :raises UnableToPublish: no right, no rules, or a rule that decides nothing.
    """
    if not actor.may(Permission.PUBLISH_RULES, company_id=OPERATOR_COID):
        raise MayNotPublish("Only a lead of the operator publishes SOC rules. Nothing was changed.")
    if not rules or any(rule.channel is Channel.UNKNOWN or not rule.pattern for rule in rules):
        raise UnableToPublish("Every rule needs a pattern and a channel other than 'unknown'. Nothing was changed.")
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two people publishing at once must not both become version N + 1.
            cursor.execute("LOCK TABLE billing_ruleset IN SHARE ROW EXCLUSIVE MODE")
        version = version_in_force() + 1
        rule_set = RuleSet.objects.create(version=version, note=note, published_by=actor.login, published_at=now)
        SocRule.objects.bulk_create(
            SocRule(
                rule_set=rule_set,
                position=position,
                match=rule.match.value,
                pattern=rule.pattern,
                channel=rule.channel.value,
                meaning=rule.meaning,
            )
            for position, rule in enumerate(rules, start=1)
        )
        entry = trail.Entry(
            tag=Tag.RULES_PUBLISHED, subject=f"rules:{version}", after={"rules": len(rules), "note": note}
        )
        trail.record(company_id=OPERATOR_COID, actor=actor, entries=[entry])
    return in_force()


def _as_value(rule: SocRule) -> Rule:
    return Rule(match=Match(rule.match), pattern=rule.pattern, channel=Channel(rule.channel), meaning=rule.meaning)
