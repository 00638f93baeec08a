"""The floor of the pages: a Django page that lists 50 lines with one query, behind what `startproject` gives."""

from __future__ import annotations

from collections.abc import Callable

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.test import override_settings
from django.urls import path

from benchmarks.world import COID

MIDDLEWARE = [
    "benchmarks.trivial.by_these_addresses",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
_PAGE = Engine().from_string(
    "<!doctype html><html lang=en><head><title>Lines</title></head><body><table>"
    "{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.worker }}</td><td>{{ row.model }}</td>"
    "<td>{{ row.activated_at }}</td></tr>{% endfor %}</table></body></html>"
)


def lines(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """List the first 50 lines of the company."""
    from onhook.devices.models import Device

    rows = Device.objects.filter(company=COID, deleted_at=None).order_by("number", "id")[:50]
    return HttpResponse(_PAGE.render(Context({"rows": rows})))


urlpatterns = [path("lines/", lines)]


def by_these_addresses(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer by the addresses of this module instead of the product's."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__  # type: ignore[attr-defined]  # Django reads it
        return get_response(request)

    return answer


def handler() -> WSGIHandler:
    """Return the application."""
    with override_settings(MIDDLEWARE=MIDDLEWARE):
        return WSGIHandler()
