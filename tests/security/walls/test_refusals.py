"""What people read who are refused, and where they come back to."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from onhook.tenancy.permissions import Role
from tests import factories
from tests.world import World

PAGE = "/companies/4711/devices/?q=Grace"


def back_to(address: str) -> str:
    return parse_qs(urlsplit(address).query)["next"][0]


@pytest.mark.django_db
def test_a_form_sent_after_the_session_ended_comes_to_nothing_says_so_and_is_found_again() -> None:
    client = Client()
    answer = client.post("/companies/4711/deletions/new/?device=1", {"reason": "lost"})

    assert back_to(answer.headers["Location"]) == "/companies/4711/deletions/new/?device=1"
    assert "Nothing was changed. Sign in and send the form once more." in client.get("/sign-in/").content.decode()


@pytest.mark.django_db
def test_forms_sent_one_after_another_without_a_session_say_once_that_nothing_was_taken() -> None:
    client = Client()

    for _ in range(3):
        client.post("/companies/4711/deletions/new/?device=1", {"reason": "lost"})

    assert client.get("/sign-in/").content.decode().count("You were not signed in any more.") == 1
    assert "You were not signed in any more." not in client.get("/sign-in/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "value", "then"),
    [
        ("Referer", f"http://testserver{PAGE}", PAGE),
        ("HX-Current-URL", f"http://testserver{PAGE}", PAGE),
        ("Referer", "http://elsewhere.example/companies/4711/", "/"),
        ("Referer", "", "/"),
        ("Referer", "http://testserver", "/"),
        ("Referer", "http://testserver//elsewhere.example/companies/4711/", "/"),
        ("HX-Current-URL", "http://testserver//elsewhere.example/?q=Grace", "/"),
        ("Referer", "http://testserver/\\elsewhere.example/", "/"),
    ],
)
def test_after_the_sign_in_people_are_on_the_page_they_saw(header: str, value: str, then: str) -> None:
    address = "/companies/4711/plans/6f9619ff-8b86-4011-b42d-00c04fc964ff/confirm/"

    answer = Client().post(address, headers={header: value})

    assert back_to(answer.headers["Location"]) == then


def test_a_fragment_sends_the_whole_page_to_the_sign_in_and_back() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{PAGE}"}

    answer = Client().get("/companies/4711/devices/?q=Grac", headers=headers)

    assert (answer.status_code, back_to(answer.headers["HX-Redirect"])) == (204, PAGE)


def test_an_address_that_only_takes_a_form_says_so(world: World) -> None:
    client = Client()
    client.force_login(world.admin)

    answer = client.get("/companies/4711/devices/export/")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "This address takes a form" in answer.content.decode()


@pytest.mark.parametrize(
    ("coid", "role", "address", "words"),
    [
        (4711, Role.VIEWER, "/companies/4711/deletions/new/?device=1", "An Admin of your company can do it"),
        (1, Role.AUDITOR, "/csu/companies/4711/deletion/?device=1", "A lead can do it"),
    ],
)
def test_whoever_may_not_do_a_thing_reads_who_may(
    world: World, coid: int, role: Role, address: str, words: str
) -> None:
    company = world.company if coid == world.company.pk else world.agent.company
    client = Client()
    client.force_login(factories.user(company, username="vic", role=role))

    answer = client.get(address)

    assert answer.status_code == 403
    assert words in answer.content.decode()
