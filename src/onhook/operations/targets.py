"""From what a person typed to the rows it may mean. Nothing is chosen here: several rows are listed."""

from __future__ import annotations

from onhook.devices import csu
from onhook.devices.models import Device
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission


class NotPermitted(Exception):
    """This person may not look there; the message is fit to show."""


def find(*, text: str, actor: Actor, most: int, company: Company | None = None) -> list[Device]:
    """
    Return at most `most` rows that `text` may mean: of `company`, or, for staff only, of the whole platform.

    :raises NotPermitted: a customer asks beyond their company.
    """
    if company is not None:
        if not actor.may(Permission.VIEW_LINES, company_id=company.pk):
            raise NotPermitted(f"{actor.login} may not see the lines of this company.")
        return csu.find(text=text, most=most, company_id=company.pk, regions=frozenset({company.region} - {""}))
    if not actor.sees_platform:
        raise NotPermitted(f"{actor.login} may only search their own company: name its COID.")
    if text.strip().startswith("+"):
        return csu.find(text=text, most=most)
    regions = frozenset(Company.objects.exclude(region="").values_list("region", flat=True).distinct())
    return csu.find(text=text, most=most, regions=regions)
