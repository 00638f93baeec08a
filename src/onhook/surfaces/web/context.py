"""What every template gets: the theme, and the frame of the face that the page belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from onhook.surfaces.web import addresses
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.actor import Surface
from onhook.tenancy.models import Company, User
from onhook.ui.navigation import Group

THEMES = ("system", "light", "dark")
THEME_COOKIE = "theme"

# Each face tells its own places: `navigation(request) -> Sequence[Group]`.
_NAVIGATION = {
    Surface.PORTAL: "onhook.surfaces.portal.navigation",
    Surface.CONSOLE: "onhook.surfaces.console.navigation",
}


@dataclass(frozen=True)
class Frame:
    """Side bar, top bar and banner of one page."""

    face: str
    groups: Sequence[Group]
    home: str
    person: User
    role: str
    company: Company
    is_guest: bool
    leave: str
    security: str
    theme_url: str
    sign_out: str
    search_url: str


def page(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    chosen = request.COOKIES.get(THEME_COOKIE, "system")
    return {
        "theme": chosen if chosen in THEMES else "system",
        "frame": SimpleLazyObject(lambda: _frame(request)),
    }


def _frame(request: Any) -> Frame | None:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return None
    access = getattr(request, "access", None)
    face = access.face if access else Surface.PORTAL
    return Frame(
        face=face.value,
        groups=import_module(_NAVIGATION[face]).navigation(request),
        home=addresses.to("home"),
        person=user,
        role=user.role.replace("_", " ").capitalize(),
        company=company_of(request),
        is_guest=user.is_staff_member and face is Surface.PORTAL and hasattr(request, "company"),
        leave=addresses.to("portal:companies"),
        security=addresses.to("mfa_index"),
        theme_url=addresses.to("theme"),
        sign_out=addresses.to("account_logout"),
        search_url=addresses.to("console:search"),
    )


def company_of(request: WebRequest) -> Company:
    """Return the company that the page is about: the wall's, or the person's own."""
    return getattr(request, "company", None) or request.user.company
