"""The wall around every address: who may come in, for which company, and what they see of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from onhook.surfaces.access import READS, Access, Audience
from onhook.surfaces.web import sessions, views, visits
from onhook.surfaces.web.access import all_routes
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy import walls
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import OPERATOR_COID

log = structlog.get_logger()

_FOR_STAFF = frozenset({Audience.STAFF, Audience.COMPANY_FOR_STAFF})
_OF_COMPANY = frozenset({Audience.COMPANY, Audience.COMPANY_FOR_STAFF})
# Besides what went well: the same page with what is wrong about a form that was sent. Nothing else shows a company.
_PAGES_WITH_A_PROBLEM = frozenset({HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})


class Walls:
    """
    The middleware that decides, in this order, for each address.

    1. No row, no entry. A method that the row does not name is refused.
    2. Nobody signed in: to the sign-in, and back afterwards.
    3. The company of the path: the person's own, or, for staff, one that exists; else 404, whatever is behind it.
    4. The permission of the row.
    5. A customer's request goes behind row security until its answer is complete.
    6. A page of a company that staff get is written down as a look before it leaves; what shows nothing is no look.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response = self._get_response(request)
        finally:
            confined_to = request.__dict__.pop("_confined_to", None)
            if confined_to is not None:
                walls.release()
        # A file is whole before it is sent, and on record as taken out; whatever else is streamed may still read the
        # database.
        is_file = isinstance(response, FileResponse)
        if confined_to is not None and isinstance(response, StreamingHttpResponse) and not is_file:
            response.streaming_content = _stream(cast("Iterable[bytes]", response.streaming_content), confined_to)
        if request.__dict__.pop("_is_of_staff", False) and not is_file and _shows_the_company(response):
            visits.record(cast("WebRequest", request))
        # Also for nobody: the page behind a link in a mail is as private as one behind the sign-in.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        row = all_routes().get(name)
        if row is None:
            log.error("an address has no row in the access table and is refused", route=name)
            raise PermissionDenied
        if request.method not in row.methods:
            return views.not_allowed(request, row.methods)
        request.__dict__["access"] = row
        if row.audience is Audience.ANYONE:
            return None
        if not isinstance(request.user, User):
            return _to_sign_in(request, row)
        allowed = cast("WebRequest", request)
        allowed.actor = Actor(user=request.user, surface=row.face)
        self._admit(allowed, row, kwargs.get("coid"))
        return None

    def _admit(self, request: WebRequest, row: Access, coid: int | None) -> None:
        user = request.user
        if row.audience in _FOR_STAFF and not user.is_staff_member:
            raise Http404
        if row.audience in _OF_COMPANY:
            request.company = _company_for(user, coid)
        asked_for = request.company.pk if row.audience in _OF_COMPANY else OPERATOR_COID
        if row.permission is not None and not user.may(row.permission, company_id=asked_for):
            raise PermissionDenied
        if row.audience not in _OF_COMPANY:
            return
        if user.is_staff_member:
            request.__dict__["_is_of_staff"] = True
            return
        request.__dict__["_confined_to"] = user.company_id
        walls.confine(company_id=user.company_id)


def _shows_the_company(response: HttpResponseBase) -> bool:
    """Whether this is a page of a company, or a part of one, whatever was sent to get it."""
    return HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES or (
        response.status_code in _PAGES_WITH_A_PROBLEM
    )


def _company_for(user: User, coid: int | None) -> Company:
    """Return the company of the session for a customer, the named one for staff; anything else does not exist."""
    if not user.is_staff_member:
        if coid != user.company_id:
            raise Http404
        return user.company
    company = Company.objects.filter(pk=coid).first() if coid else None
    if company is None:
        raise Http404
    return company


def _to_sign_in(request: HttpRequest, row: Access) -> HttpResponseBase:
    """Lead to the sign-in, and afterwards to where the person was; what they sent meanwhile is refused in words."""
    if request.method not in READS:
        sessions.say_that_nothing_was_taken(request)
    there = redirect_to_login(_where_they_were(request, row), reverse("account_login"))
    if request.headers.get("HX-Request") == "true":
        # A fragment cannot hold a sign-in page: the whole page goes there.
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = there.url
        return answer
    return there


def _where_they_were(request: HttpRequest, row: Access) -> str:
    """Return the path of the page that somebody saw; of a fragment, or what only takes a form, the one it stood on."""
    is_fragment = request.headers.get("HX-Request") == "true"
    if "GET" in row.methods and not is_fragment:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        return "/"
    seen = urlsplit(page)
    path = f"{seen.path}?{seen.query}" if seen.query else seen.path
    # Without its host, a path that begins with two slashes is the address of another host.
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"


def _stream(parts: Iterable[bytes], company_id: int) -> Iterator[bytes]:
    """Hand the parts on, each made behind the wall: they are made after the request itself is over."""
    iterator = iter(parts)
    while True:
        with walls.confined(company_id=company_id):
            part = next(iterator, None)
        if part is None:
            return
        yield part
