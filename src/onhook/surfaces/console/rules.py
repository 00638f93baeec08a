"""The SOC rules in force, in order, with a box to try a code."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from onhook.billing import rules as soc_rules
from onhook.billing.channels import NEEDS_DECISION, bill_sentence
from onhook.billing.models import RuleSet
from onhook.surfaces.web.requests import WebRequest

_LONGEST = 100
_VERSIONS_SHOWN = 5


def rules(request: WebRequest) -> HttpResponse:
    """List the rules; with a code, say which rule it meets, its channel, and what a deletion does to the bill."""
    in_force = soc_rules.in_force()
    code = request.GET.get("code", "").strip()[:_LONGEST]
    channel = in_force.channel_of(code)
    context = {
        "rules": in_force,
        "versions": RuleSet.objects.order_by("-version")[:_VERSIONS_SHOWN],
        "code": code,
        "rule": in_force.rule_for(code) if code else None,
        "channel": channel.value,
        "bill_sentence": bill_sentence(channel, lines=1),
        "needs_decision": channel in NEEDS_DECISION,
    }
    return render(request, "console/rules.html", context)
