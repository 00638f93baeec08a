"""The console's side bar, and the tabs of a company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onhook.assistant import cases
from onhook.operations import questions
from onhook.surfaces.web import addresses
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import OPERATOR_COID, Permission
from onhook.ui.navigation import Crumb, Group, Place, Tab

_TABS = (
    ("company", "Overview"),
    ("devices", "Devices"),
    ("operations", "Operations"),
    ("people", "People"),
    ("company-audit", "Audit"),
)
# How live parts of a page name the count of the questions.
QUESTIONS = "questions"
# Pages that belong to another one's place in the side bar; those of a company belong to the search.
_UNDER = {
    "questions": "questions",
    "cases": "cases",
    "case": "cases",
    "audit": "audit",
    "company-audit": "audit",
    "rules": "rules",
    "help:index": "articles",
    "help:article": "articles",
}


def navigation(request: Any) -> Sequence[Group]:
    """Return the places of support, with how many questions wait."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    here = _UNDER.get(name.removeprefix("console:"), "search")
    actor = getattr(request, "actor", None)
    places = [
        Place(word="Find a line", url=addresses.to("console:search"), icon="search", is_here=here == "search"),
        Place(
            word="Questions",
            url=addresses.to("console:questions"),
            icon="inbox",
            is_here=here == "questions",
            count=waiting_questions(actor) if actor else 0,
            key=QUESTIONS,
        ),
        Place(
            word="Cases",
            url=addresses.to("console:cases"),
            icon="messages-square",
            is_here=here == "cases",
            count=cases.waiting_count(actor=actor) if actor else 0,
        ),
        Place(word="SOC rules", url=addresses.to("console:rules"), icon="split", is_here=here == "rules"),
    ]
    if request.user.may(Permission.VIEW_AUDIT, company_id=OPERATOR_COID):
        places.append(
            Place(word="Audit search", url=addresses.to("console:audit"), icon="scroll-text", is_here=here == "audit")
        )
    places.append(Place(word="Articles", url=addresses.to("help:index"), icon="book-open", is_here=here == "articles"))
    portal = Place(word="Companies", url=addresses.to("portal:companies"), icon="building-2")
    return [Group(places=places), Group(heading="Customer portal", places=[portal])]


def waiting_questions(actor: Actor) -> int:
    """Return how many questions wait, as the side bar says."""
    return questions.waiting_count(actor=actor)


def tabs(request: WebRequest, here: str) -> list[Tab]:
    """Return the pages of the request's company as tabs."""
    return [
        Tab(word=word, url=addresses.to(f"console:{name}", request.company.pk), is_here=name == here)
        for name, word in _TABS
        if name != "company-audit" or request.actor.may(Permission.VIEW_AUDIT, company_id=request.company.pk)
    ]


def way(company: Company, *more: Crumb) -> list[Crumb]:
    """Return the crumbs from the search over the company to a page of it."""
    own = Crumb(word=company.name, url=addresses.to("console:company", company.pk) if more else "")
    return [Crumb(word="Find a line", url=addresses.to("console:search")), own, *more]
