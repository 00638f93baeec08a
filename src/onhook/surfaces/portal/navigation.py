"""The portal's side bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onhook.operations import handing_over
from onhook.surfaces.web import addresses
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Permission
from onhook.ui.navigation import Group, Place

# Pages that belong to another one's place.
_UNDER = {
    "device": "devices",
    "deletion": "devices",
    "plan": "devices",
    "plan-confirm": "devices",
    "operation": "operations",
    "case": "contact",
    "billing-now": "billing",
    "billing-link": "billing",
    "person": "people",
    "person-new": "people",
}


def navigation(request: Any) -> Sequence[Group]:
    """Return the places that this person has in the company of the page."""
    user: User = request.user
    company: Company | None = getattr(request, "company", None)
    groups = [_support(request)] if user.is_staff_member else []
    if company is None and not user.is_staff_member:
        company = user.company
    if company is not None:
        groups.append(_administration(request, user, company))
    groups.append(_security(request, user, company))
    groups.append(_help(request, user, company))
    return groups


def _here(request: Any) -> str:
    name = request.resolver_match.view_name if request.resolver_match else ""
    page = name.removeprefix("portal:")
    return _UNDER.get(page, page)


def _support(request: Any) -> Group:
    return Group(
        heading="Support",
        places=[
            Place(word="Console", url=addresses.to("console:search"), icon="headset"),
            Place(
                word="Companies",
                url=addresses.to("portal:companies"),
                icon="building-2",
                is_here=_here(request) == "companies",
            ),
        ],
    )


def _administration(request: Any, user: User, company: Company) -> Group:
    waiting = 0 if user.is_staff_member else handing_over.waiting_count(person=user)
    return Group(
        heading="Administration",
        places=[
            _place(request, company, "devices", "Devices", "smartphone"),
            _place(request, company, "operations", "Operations", "list-checks", count=waiting),
            _place(request, company, "billing", "Billing", "receipt"),
            _place(request, company, "people", "People", "users"),
        ],
    )


def _security(request: Any, user: User, company: Company | None) -> Group:
    places = [
        Place(
            word="Sign-in and security",
            url=addresses.to("mfa_index"),
            icon="shield-check",
            is_here=_here(request).startswith(("mfa_", "account_")),
        )
    ]
    if company is not None and user.may(Permission.VIEW_AUDIT, company_id=company.pk):
        places.append(_place(request, company, "activity", "Activity", "history"))
    return Group(heading="Security", places=places)


def _help(request: Any, user: User, company: Company | None) -> Group:
    here = _here(request).startswith("help:")
    places = [Place(word="Articles", url=addresses.to("help:index"), icon="book-open", is_here=here)]
    if company is not None and not user.is_staff_member:
        places.append(_place(request, company, "contact", "Contact us", "messages-square"))
    return Group(heading="Help", places=places)


def _place(request: Any, company: Company, page: str, word: str, icon: str, *, count: int = 0) -> Place:
    return Place(
        word=word,
        url=addresses.to(f"portal:{page}", company.pk),
        icon=icon,
        is_here=_here(request) == page,
        count=count,
    )
