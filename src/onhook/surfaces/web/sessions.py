"""How long a session lasts: it ends when nobody uses it, and after a day's work whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from onhook.surfaces.web.access import all_routes

_BEGAN, _USED = "began_at", "used_at"
# Writing the time at every request would cost one write each; a minute more or less does not matter.
_WRITE_SECONDS = 60
_WAS_TOLD = "_was_told_of_its_end"
_NOTHING = "Nothing was changed."


class SessionLimits:
    """The middleware that ends a session at its idle or absolute limit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if not request.user.is_authenticated:
            return
        now, session = time.time(), request.session
        began, used = session.get(_BEGAN), session.get(_USED)
        if began is None or used is None:
            session[_BEGAN], session[_USED] = now, now
        elif now - began > settings.SESSION_MOST_SECONDS or now - used > settings.SESSION_IDLE_SECONDS:
            logout(request)
            _tell_once(request, f"You were signed out because the session was too old. {_NOTHING}")
            request.__dict__[_WAS_TOLD] = True
        elif now - used > _WRITE_SECONDS and not _is_poll(request):
            session[_USED] = now


def say_that_nothing_was_taken(request: HttpRequest) -> None:
    """Tell whoever sent a form without being signed in (any more) that it came to nothing; once."""
    if _WAS_TOLD not in request.__dict__:
        _tell_once(request, f"You were not signed in any more. {_NOTHING} Sign in and send the form once more.")


def _tell_once(request: HttpRequest, words: str) -> None:
    """Leave a message for the next page, unless it waits there already: an open page may send several requests."""
    if Message(messages.INFO, words) not in messages.get_messages(request):
        messages.info(request, words)


def _is_poll(request: HttpRequest) -> bool:
    row = all_routes().get(request.resolver_match.view_name if request.resolver_match else "")
    return row is not None and row.is_poll
