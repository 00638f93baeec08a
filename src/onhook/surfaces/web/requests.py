"""The request as views get it: who acts, for which company, and what the wall decided."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from onhook.surfaces.access import Access
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User


class WebRequest(HttpRequest):
    """
    A request that the wall let through.

    `actor` acts (signed-in addresses only). `company` is set for the audience `company`: a customer's is the session's,
    whatever the path says; staff's is the one that the path names.
    """

    htmx: HtmxDetails
    user: User
    actor: Actor
    company: Company
    access: Access
