"""The shared addresses: home, theme, health, and the pages of faults."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from onhook.surfaces.web.context import THEME_COOKIE, THEMES
from onhook.tenancy.models import User

_YEAR_SECONDS = 365 * 86400


def home(request: HttpRequest) -> HttpResponseBase:
    """Send each person to where their work begins."""
    if not isinstance(request.user, User):
        return redirect("account_login")
    if request.user.is_staff_member:
        return redirect("console:search")
    return redirect("portal:devices", request.user.company_id)


def theme(request: HttpRequest) -> HttpResponseBase:
    """Keep the choice of System, Light or Dark in a cookie, and go back."""
    then = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(then, allowed_hosts=None):
        then = reverse("home")
    response = HttpResponseRedirect(then)
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=_YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def healthy(_request: HttpRequest) -> HttpResponse:
    """Say whether pages can be served: the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return render(request, "web/error.html", _ERRORS[400], status=HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    user = getattr(request, "user", None)
    who = "A lead" if isinstance(user, User) and user.is_staff_member else "An Admin of your company"
    words = _ERRORS[403] | {"text": f"{_ERRORS[403]['text']} {who} can do it, or change your role."}
    return render(request, "web/error.html", words, status=HTTPStatus.FORBIDDEN)


def not_allowed(request: HttpRequest, methods: Collection[str]) -> HttpResponse:
    """Say that an address takes other methods; mostly, that somebody opened what only takes a form."""
    answer = render(request, "web/error.html", _ERRORS[405], status=HTTPStatus.METHOD_NOT_ALLOWED)
    answer.headers["Allow"] = ", ".join(sorted(methods))
    return answer


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    return render(request, "web/error.html", _ERRORS[404], status=HTTPStatus.NOT_FOUND)


def fault(request: HttpRequest) -> HttpResponse:
    """A fault of ours: no frame, no database, only words."""
    return render(request, "web/error.html", _ERRORS[500], status=HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # for the developer, not shown
    return render(request, "web/error.html", _ERRORS["csrf"], status=HTTPStatus.FORBIDDEN)


_ERRORS: dict[int | str, dict[str, str]] = {
    400: {
        "title": "This request cannot be read",
        "text": "Nothing was changed. Go back, reload the page, and try once more.",
        "icon_name": "unplug",
    },
    403: {
        "title": "You may not do this",
        "text": "Your role does not include it. Nothing was changed.",
        "icon_name": "shield-x",
    },
    404: {
        "title": "There is nothing here that you may see",
        "text": "The address may be mistyped, or what it named is gone, or is not for you. Nothing was changed. "
        "Begin at the start and look for it there.",
        "icon_name": "search-x",
    },
    405: {
        "title": "This address takes a form",
        "text": "It shows nothing by itself. Nothing was changed. Go back to the page that the form is on.",
        "icon_name": "file-input",
    },
    500: {
        "title": "Something went wrong on our side",
        "text": "We do not know how far this request came, but what was confirmed before goes on by itself. Look at "
        "the device or the operation before you try again.",
        "icon_name": "cloud-alert",
    },
    "csrf": {
        "title": "The form was too old",
        "text": "Nothing was changed. Go back, reload the page, and send the form once more.",
        "icon_name": "timer-reset",
    },
}
