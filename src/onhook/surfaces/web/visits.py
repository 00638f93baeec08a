"""
Staff look at a company: every page that shows it is in that company's trail, once a minute each. So is a page that
comes back with what is wrong about a form; what does not exist, and what leads elsewhere, shows nothing.

What a page asks by itself (the state of a run, a bill) belongs to the look at the page. Whoever asks for it without the
page is written down as well. A list of hits over all companies is no look at one of them.
"""

from __future__ import annotations

from django.core.cache import cache
from django.db import transaction

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.actor import Actor

# The same page again within this time is one look: paging and typing would fill the trail otherwise.
_ONE_LOOK_SECONDS = 60
# As long as a page may stay open and ask by itself; then it is a look of its own.
_OPEN_SECONDS = 3600


def record(request: WebRequest) -> None:
    """Write down that this member of staff looks at this page of the company, or at the page that this is a part of."""
    match = request.resolver_match
    here, kwargs = (match.view_name, match.kwargs) if match else ("", {})
    page = request.access.part_of or here
    subject = ":".join(str(value) for name, value in kwargs.items() if name != "coid")
    _once(request.actor, company_id=request.company.pk, page=page, subject=subject, is_part=page != here)


def record_operation(actor: Actor, *, company_id: int, operation_id: object) -> None:
    """Write down that this member of staff sees an operation beside something else, if not from its own page."""
    _once(actor, company_id=company_id, page="console:operation", subject=str(operation_id), is_part=True)


def _once(actor: Actor, *, company_id: int, page: str, subject: str, is_part: bool) -> None:
    key = f"visit:{actor.login}:{company_id}:{page}:{subject}"
    is_open = f"{key}:open"
    if cache.get(is_open if is_part else key):
        return
    entry = trail.Entry(tag=Tag.COMPANY_VIEWED, subject=f"company:{company_id}", after={"page": page, "of": subject})
    with transaction.atomic():
        trail.record(company_id=company_id, actor=actor, entries=[entry])
    # Only now: a look that could not be written down is none, and the next one is written.
    cache.set(key, True, _ONE_LOOK_SECONDS)
    cache.set(is_open, True, _OPEN_SECONDS)
