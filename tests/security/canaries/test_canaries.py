"""No word of another company, whoever asks for whatever: thousands of requests drawn by chance, and leaks are found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pytest_django import DjangoDbBlocker

from onhook.devices import listing
from onhook.surfaces.web import walls as web_walls
from onhook.surfaces.web.walls import Walls
from onhook.tenancy import walls
from onhook.tenancy.models import Company, User
from tests.security.canaries import crawling, planting
from tests.security.canaries.crawling import Crawl, Leak, Place
from tests.security.canaries.planting import COIDS, Canaries
from tests.security.walls import people_and_things

# Some 2,000 requests in `make test`, some 20,000 in `make test-deep`.
REQUESTS = 300 if os.environ.get("ONHOOK_TEST_DEEP") else 30
PLACES = crawling.places()
ADMINS = [f"{coid}/admin" for coid in COIDS]


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


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_no_answer_holds_a_word_of_another_company(crawl: Crawl, place: Place) -> None:
    crawl.run(place, count=REQUESTS)

    assert sum(crawl.asked.values()) >= REQUESTS


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("portal:devices", {"devices.Device.worker", "devices.Device.model", "tenancy.Company.name"}),
        ("portal:people", {"tenancy.User.full_name", "tenancy.User.email"}),
        ("portal:activity", {"audit.AuditEvent.actor"}),
        ("portal:contact", {"assistant.Message.text", "assistant.Message.links"}),
    ],
)
def test_people_see_the_words_of_their_own_company(crawl: Crawl, name: str, seen: set[str]) -> None:
    crawl.run(place_of(name), count=100, by=ADMINS)

    assert seen <= crawl.seen_by_customers
    assert crawl.about_another


def test_staff_see_the_words_of_every_company(crawl: Crawl) -> None:
    crawl.run(place_of("console:devices"), count=100, by=["1/agent", "1/lead", "1/auditor"])

    assert {"devices.Device.worker", "devices.Device.soc_code", "tenancy.Company.name"} <= crawl.seen_by_staff


def place_of(name: str) -> Place:
    return next(place for place in PLACES if place.name == name)


def find(crawl: Crawl, name: str) -> str:
    """Crawl one address until a leak is found, and return what was said about it."""
    with pytest.raises(Leak) as found:
        crawl.run(place_of(name), count=100, by=ADMINS)
    return str(found.value)


def test_a_query_without_its_filters_under_the_owners_role_is_found(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "OF_COMPANY", "true")
    monkeypatch.setattr(walls, "confine", lambda **_: None)

    assert "devices.Device.worker" in find(crawl, "portal:devices")


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
