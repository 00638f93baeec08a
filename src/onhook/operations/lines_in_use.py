"""How many live lines a company has, and how many of them the shop bills: what its count is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from onhook.billing import rules as soc_rules
from onhook.billing.channels import Channel
from onhook.devices.models import Device


@dataclass(frozen=True)
class LinesInUse:
    """All live lines, and those of them that the shop bills."""

    all: int
    at_shop: int


def of_company(company_id: int) -> LinesInUse:
    """Return the company's live lines, counted by the rules in force."""
    rules = soc_rules.in_force()
    live = Device.objects.filter(company_id=company_id, deleted_at=None)
    counts = live.values_list("soc_code").annotate(lines=Count("pk")).order_by()
    at_shop = sum(lines for soc_code, lines in counts if rules.channel_of(soc_code) is Channel.SHOP)
    return LinesInUse(all=sum(lines for _, lines in counts), at_shop=at_shop)
