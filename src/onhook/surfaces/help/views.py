"""The help centre's pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HTMX_STOP_POLLING

from onhook.knowledge import library, rendering, searching
from onhook.knowledge.articles import Reader, Shown
from onhook.knowledge.library import Library
from onhook.operations import status as statuses
from onhook.operations.models import Step
from onhook.operations.status import Status
from onhook.surfaces.web import visits, words
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import User
from onhook.ui.navigation import Crumb
from onhook.ui.states import Look

_NOT_YET = Look("Not begun", "idle", "circle-dashed")
_LEFT_OUT = Look("Not needed", "idle", "circle-slash")
_POLL_SECONDS = 2


@dataclass(frozen=True)
class _Piece:
    html: str
    step: str
    look: Look | None


@dataclass(frozen=True)
class _Section:
    is_for_agents: bool
    pieces: list[_Piece]


def _reader(request: HttpRequest) -> Reader:
    user = request.user
    is_agent = isinstance(user, User) and user.is_staff_member and user.is_active
    return Reader.AGENT if is_agent else Reader.ANYONE


def _library() -> Library:
    return library.load(Path(settings.HELP_FOLDER))


def _frame(request: HttpRequest) -> str:
    """Return the frame that the reader is used to: the portal's, the console's for agents, or one for nobody."""
    if _reader(request) is Reader.ANYONE:
        return "ui/portal.html" if isinstance(request.user, User) else "help/nobody.html"
    worn = cast("WebRequest", request)
    worn.actor = _actor(worn)
    worn.access = replace(worn.access, face=Surface.CONSOLE)
    return "ui/console.html"


def _actor(request: HttpRequest) -> Actor:
    assert isinstance(request.user, User)
    return Actor(user=request.user, surface=Surface.CONSOLE)


def index(request: HttpRequest) -> HttpResponse:
    """List the articles, or those that fit what was searched for."""
    shelf = _library().shelf(_reader(request))
    text = request.GET.get("q", "").strip()[: searching.MOST_LETTERS]
    context = {
        "frame_template": _frame(request),
        "text": text,
        "hits": searching.search(shelf, text=text) if text else [],
        "shelf": shelf,
        "is_agent": _reader(request) is Reader.AGENT,
        "refused": _library().refused if _reader(request) is Reader.AGENT else {},
    }
    return render(request, "help/index.html", context)


def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article; to an agent who comes from an operation, with the state of each step beside the text."""
    found = _find(request, slug)
    seen = _operation(request)
    shelf = _library().shelf(_reader(request))
    context = {
        "frame_template": _frame(request),
        "crumbs": [Crumb(word="Help", url=reverse("help:index")), Crumb(word=found.title)],
        "article": found,
        "sections": [
            _Section(
                section.is_for_agents,
                [_Piece(piece.html, piece.step, _look(piece.step, seen)) for piece in section.pieces],
            )
            for section in rendering.sections(found)
        ],
        "others": [other for other in shelf if other.slug != slug],
        "seen": seen,
        "every": _POLL_SECONDS,
    }
    return render(request, "help/article.html", context)


def steps(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the open article's own question: how far the steps are by now; 286 ends it."""
    found, seen = _find(request, slug), _operation(request)
    if seen is None:
        raise Http404
    looks = [(name, _look(name, seen)) for name in rendering.steps_named(found)]
    context = {"article": found, "seen": seen, "looks": looks, "every": _POLL_SECONDS}
    status = HTMX_STOP_POLLING if seen.operation.is_closed else 200
    return render(request, "help/parts/steps.html", context, status=status)


def _find(request: HttpRequest, slug: str) -> Shown:
    found = _library().find(slug, _reader(request))
    if found is None:
        raise Http404
    return found


def _operation(request: HttpRequest) -> Status | None:
    """Return the operation that an agent came from; from anybody else the address is read without it."""
    if _reader(request) is not Reader.AGENT:
        return None
    try:
        seen = statuses.status(operation_id=UUID(request.GET.get("operation", "")), actor=_actor(request))
    except (ValueError, statuses.NoSuchOperation):
        return None
    visits.record_operation(_actor(request), company_id=seen.operation.company_id, operation_id=seen.operation.pk)
    return seen


def _look(step: str, seen: Status | None) -> Look | None:
    if not step or seen is None:
        return None
    row: Step | None = next((row for row in seen.steps if row.name == step), None)
    if row is not None:
        return words.STEPS[row.state]
    return _LEFT_OUT if seen.operation.is_closed else _NOT_YET


def feed(request: HttpRequest) -> HttpResponse:
    """Give the articles as an Atom feed."""
    shelf = sorted(_library().shelf(_reader(request)), key=lambda article: article.last_checked, reverse=True)
    entries = [(article, rendering.plain_text(article)) for article in shelf]
    context = {"entries": entries, "base": request.build_absolute_uri("/help/")}
    return render(request, "help/feed.xml", context, content_type="application/atom+xml")


def as_json(request: HttpRequest) -> JsonResponse:
    """Give the articles to programs: the same parts as on the pages."""
    shelf = _library().shelf(_reader(request))
    return JsonResponse(
        {
            "articles": [
                {
                    "slug": article.slug,
                    "title": article.title,
                    "summary": article.summary,
                    "last_checked": article.last_checked.isoformat(),
                    "text": rendering.plain_text(article),
                }
                for article in shelf
            ]
        }
    )
