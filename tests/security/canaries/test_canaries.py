"""No word of another company, whoever asks for whatever: thousands of requests drawn by chance, and leaks are found."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import DjangoDbBlocker

from onhook.assistant.models import CaseMessage, MailState
from onhook.audit import searching
from onhook.devices import listing
from onhook.devices.models import Device
from onhook.devices.wanted import Line
from onhook.surfaces.web import walls as web_walls
from onhook.surfaces.web.walls import Walls
from onhook.tenancy import walls
from onhook.tenancy.models import Company, User
from tests.security.canaries import asking, crawling, filling, places, planting
from tests.security.canaries.asking import Reader
from tests.security.canaries.crawling import Crawl, Leak
from tests.security.canaries.places import Place
from tests.security.canaries.planting import Canaries
from tests.security.walls import people_and_things
from tests.security.walls.cells import CELLS

# Some 2,000 requests in `make test`, some 20,000 in `make test-deep`.
REQUESTS = 300 if os.environ.get("ONHOOK_TEST_DEEP") else 30
PLACES = places.places()
# So many of the requests to an address, by customers and by support, must show or change something.
LEAST = 2
# A person of support is sent from the menu to the list, and no customer's case is theirs; the rules are nobody's.
SHOWS_NOTHING = {
    ("portal:contact", Reader.STAFF),
    ("portal:case", Reader.STAFF),
    ("console:rules", Reader.STAFF),
}
# Nothing is under way in a test that could be hurried.
TAKES_NOTHING = {
    ("portal:contact", Reader.STAFF),
    ("portal:case", Reader.STAFF),
    ("console:operation-check", Reader.STAFF),
    # In this world whoever is asked to confirm a plan made it, and no plan is support's.
    ("portal:plan-decline", Reader.CUSTOMER),
    ("portal:plan-decline", Reader.STAFF),
    ("portal:plan-withdraw", Reader.STAFF),
    ("console:plan-withdraw", Reader.STAFF),
}
# What customers and support are shown for certain, where they may come in: more than the frame around it.
SHOWS = {
    "portal:companies": {"tenancy.Company.name"},
    "portal:devices": {"devices.Device.worker", "devices.Device.model"},
    "portal:device": {"devices.Device.worker"},
    "portal:deletion": {"devices.Device.worker"},
    "portal:plan": {"devices.Device.worker", "tenancy.User.full_name"},
    "portal:operations": {"tenancy.User.full_name"},
    "portal:operation": {"devices.Device.worker"},
    "portal:people": {"tenancy.User.full_name", "tenancy.User.email"},
    "portal:person": {"tenancy.User.full_name"},
    "portal:contact": {"assistant.Message.text", "assistant.Message.links"},
    "portal:case": {"assistant.CaseMessage.text"},
    "portal:activity": {"audit.AuditEvent.actor"},
    "console:search": {"devices.Device.worker", "tenancy.Company.name"},
    "console:questions": {"operations.Question.text"},
    "console:cases": {"assistant.Case.topic"},
    "console:audit": {"audit.AuditEvent.actor"},
    "console:company": {"tenancy.Company.name"},
    "console:people": {"tenancy.User.full_name", "tenancy.User.username"},
    "console:company-audit": {"audit.AuditEvent.actor"},
    "console:devices": {"devices.Device.worker", "devices.Device.soc_code"},
    "console:device": {"devices.Device.worker", "devices.Device.soc_code"},
    "console:deletion": {"devices.Device.worker", "tenancy.User.full_name"},
    "console:plan": {"devices.Device.worker", "tenancy.User.full_name"},
    "console:operations": {"tenancy.User.full_name"},
    "console:operation": {"operations.Question.text"},
    "console:case": {"assistant.Message.text", "assistant.CaseMessage.text"},
}


@pytest.fixture(scope="module")
def canaries(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Canaries]:
    with django_db_blocker.unblock(), crawling.undone():
        yield planting.plant()


@pytest.fixture
def crawl(canaries: Canaries) -> Crawl:
    return Crawl(canaries)


def test_the_crawl_is_large_enough_and_goes_to_every_address() -> None:
    assert len(PLACES) * REQUESTS >= (20_000 if REQUESTS > 30 else 2_000)
    assert {place.name for place in PLACES} == set(people_and_things.routes()) - {"account_reset_password_from_key"}


def test_every_form_of_portal_and_console_is_filled_in() -> None:
    with_a_form = {name for name, cells in CELLS.items() if "POST" in cells and _is_of_a_surface(name)}

    assert set(filling.BODIES) == with_a_form


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_no_answer_holds_a_word_of_another_company(crawl: Crawl, place: Place) -> None:
    crawl.run(place, count=REQUESTS)

    assert sum(crawl.asked.values()) >= REQUESTS
    # An address that shows nothing to anybody would hold no foreign word either.
    for reader in readers(place, "GET", SHOWS_NOTHING):
        assert crawl.shown[reader] >= LEAST, reader
        assert SHOWS.get(place.name, set()) <= crawl.seen[reader], reader
    for reader in readers(place, "POST", TAKES_NOTHING):
        assert crawl.taken[reader] >= LEAST, reader


def readers(place: Place, method: str, without: set[tuple[str, Reader]]) -> list[Reader]:
    """Return who may see something at an address of portal or console, or send it something."""
    may = asking.readers(place, method) if _is_of_a_surface(place.name) else []
    return [reader for reader in may if (place.name, reader) not in without]


def _is_of_a_surface(name: str) -> bool:
    return name.startswith(("portal:", "console:"))


def place_of(name: str) -> Place:
    return next(place for place in PLACES if place.name == name)


def find(crawl: Crawl, name: str) -> str:
    """Crawl one address as `make test` does until a leak is found, and return what was said about it."""
    with pytest.raises(Leak) as found:
        crawl.run(place_of(name), count=30)
    return str(found.value)


def test_a_query_without_its_filters_under_the_owners_role_is_found(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "OF_COMPANY", "true")
    monkeypatch.setattr(walls, "confine", lambda **_: None)

    assert "devices.Device.worker" in find(crawl, "portal:devices")


def without_company(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Drop the filter by company from each query of Django's that one module of the product begins."""
    honest = QuerySet.filter

    def lax(self: QuerySet[Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
        if _who_calls() == module:
            kwargs = {name: value for name, value in kwargs.items() if name not in ("company", "company_id")}
        return honest(self, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "filter", lax)


def _who_calls() -> str:
    frame = sys._getframe(2)
    while frame.f_back and str(frame.f_globals["__name__"]).startswith("django."):
        frame = frame.f_back
    return str(frame.f_globals["__name__"])


# Row security holds customers back even so: it is the answers to support that tell.
@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("onhook.surfaces.portal.devices", "portal:device"),
        ("onhook.surfaces.portal.people", "portal:people"),
        ("onhook.surfaces.portal.people", "portal:person"),
        ("onhook.surfaces.portal.operations", "portal:operations"),
        ("onhook.tenancy.people", "portal:deletion"),
        ("onhook.audit.reading", "portal:activity"),
        ("onhook.exchange.exporting", "portal:devices-export"),
        ("onhook.surfaces.web.plans", "portal:plan"),
        ("onhook.surfaces.web.plans", "console:plan"),
        ("onhook.surfaces.console.devices", "console:device"),
        ("onhook.surfaces.console.companies", "console:people"),
        ("onhook.surfaces.console.operations", "console:operations"),
        ("onhook.surfaces.console.cases", "console:case"),
        ("onhook.tenancy.people", "console:deletion"),
        ("onhook.tenancy.people", "console:billing-link"),
    ],
)
def test_a_dropped_filter_by_company_is_found(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    crawl.canaries.ids  # noqa: B018  # read before the filter is gone
    without_company(monkeypatch, module)

    assert "the product failed" not in find(crawl, name)


@pytest.mark.parametrize("name", ["portal:devices", "console:devices"])
def test_a_list_without_its_filter_is_found_behind_row_security(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(listing, "OF_COMPANY", "true")

    assert "devices.Device.worker" in find(crawl, name)


@pytest.mark.parametrize("name", ["portal:devices", "console:devices"])
def test_picked_lines_of_another_company_are_found(crawl: Crawl, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(listing, "lines", lines_of_anybody)

    assert "devices.Device.worker" in find(crawl, name)


@pytest.mark.parametrize("name", ["portal:deletion", "console:deletion"])
def test_picked_lines_of_another_company_in_the_form_are_found(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(listing, "lines", lines_of_anybody)

    found = find(crawl, name)

    # Of two ways that lead there, the form of the portal meets the list with foreign lines ticked first.
    assert "tells a foreign thing from a missing one" in found or "devices.Device.worker" in found


def lines_of_anybody(*, company: Company, device_ids: Sequence[int]) -> list[Line]:
    columns = ("id", *Line._fields[1:])
    rows = Device.objects.filter(pk__in=device_ids).order_by("number").values_list(*columns)
    return [Line._make(row) for row in rows]


def test_a_search_of_one_companys_trail_over_all_is_found(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = searching._fits
    monkeypatch.setattr(searching, "_fits", lambda wanted: honest(replace(wanted, company_id=None)))

    assert "audit.AuditEvent.actor" in find(crawl, "console:company-audit")


def test_a_refusal_that_tells_a_foreign_company_from_a_missing_one_is_found(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = web_walls._company_for

    def telling(user: User, coid: int | None) -> Any:
        if Company.objects.filter(pk=coid).exists():
            return honest(user, user.company_id if not user.is_staff_member else coid)
        return honest(user, coid)

    monkeypatch.setattr(web_walls, "_company_for", telling)

    assert "tells a foreign thing from a missing one" in find(crawl, "portal:devices")


@pytest.mark.parametrize("where", ["header", "partial"])
def test_a_word_in_a_header_or_in_a_partial_only_is_found(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    word = next(iter(crawl.canaries.planted))
    answer_of = Walls.__call__

    def leaking(self: Walls, request: HttpRequest) -> HttpResponseBase:
        response = answer_of(self, request)
        if where == "header":
            response.headers["X-Last-Seen"] = word
        elif request.headers.get("HX-Request") and not response.streaming:
            response.content += word.encode()  # type: ignore[attr-defined]
        return response

    monkeypatch.setattr(Walls, "__call__", leaking)

    assert crawl.canaries.planted[word] in find(crawl, "portal:devices")


def test_a_customers_own_message_is_not_mailed_to_them_as_a_reply(canaries: Canaries) -> None:
    client = Client(raise_request_exception=False)
    with crawling.undone():
        written = CaseMessage.objects.filter(company=4711, is_from_support=False).earliest("pk")
        client.cookies["session"] = canaries.sessions["1/agent"]

        answer = client.post(
            f"/csu/companies/{written.company_id}/cases/{written.case_id}/act/", {"do": f"mail:{written.pk}"}
        )

        assert answer.status_code == 302
        assert CaseMessage.objects.get(pk=written.pk).mail_state == MailState.NONE.value
