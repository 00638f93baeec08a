"""Staff look at a company: every view is in that company's trail, once a minute for each page."""

from __future__ import annotations

from django.core.cache import cache
from django.db import transaction

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.surfaces.web.requests import WebRequest

# The same page again within this time is one look: paging and typing would fill the trail otherwise.
_ONE_LOOK_SECONDS = 60


def record(request: WebRequest) -> None:
    """Write down that this member of staff looks at this page of the company."""
    match = request.resolver_match
    page, kwargs = (match.view_name, match.kwargs) if match else ("", {})
    subject = ":".join(str(value) for name, value in kwargs.items() if name != "coid")
    key = f"visit:{request.user.pk}:{request.company.pk}:{page}:{subject}"
    if not cache.add(key, True, _ONE_LOOK_SECONDS):
        return
    entry = trail.Entry(
        tag=Tag.COMPANY_VIEWED, subject=f"company:{request.company.pk}", after={"page": page, "of": subject}
    )
    with transaction.atomic():
        trail.record(company_id=request.company.pk, actor=request.actor, entries=[entry])
