"""How many live lines a company has, and how many of them the shop bills: what its count is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from onhook.billing import rules as soc_rules
from onhook.billing.channels import Channel
from onhook.devices.models import Device


@dataclass(frozen=True)
class LinesInUse:
    """A company's live lines by who bills them."""

    by_channel: Mapping[Channel, int]

    @property
    def all(self) -> int:
        return sum(self.by_channel.values())

    @property
    def at_shop(self) -> int:
        return self.by_channel.get(Channel.SHOP, 0)


def of_company(company_id: int) -> LinesInUse:
    """Return the company's live lines, counted by the rules in force."""
    rules = soc_rules.in_force()
    live = Device.objects.filter(company_id=company_id, deleted_at=None)
    by_channel: Counter[Channel] = Counter()
    for soc_code, lines in live.values_list("soc_code").annotate(lines=Count("pk")).order_by():
        by_channel[rules.channel_of(soc_code)] += lines
    return LinesInUse(by_channel=by_channel)
