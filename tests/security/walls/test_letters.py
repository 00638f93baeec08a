"""Mails about a sign-in: where their links lead, and that a link works once."""

from __future__ import annotations

import re
import time

import pytest
from django.core.cache import cache
from django.test import Client

from tests import factories
from tests.world import World

NEW_PASSWORD = "another horse battery staple"


@pytest.fixture(autouse=True)
def _no_tries_yet(world: World) -> None:
    cache.clear()


def asked_for(world: World, **settings: str) -> str:
    """Ask for a new password, and return the link out of the mail."""
    with world.receiving_mail(**settings):
        Client().post("/password/reset/", {"coid": "4711", "username": "ada"})
        for _ in range(200):
            if messages := world.messages():
                break
            # The mail is handed over beside the request, so it may come a moment later.
            time.sleep(0.05)
    link = re.search(r"https?://\S+", messages[-1]["text"])
    assert link
    return link.group()


def choose(client: Client, link: str) -> int:
    page = client.get(re.sub(r"https?://[^/]+", "", link), follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}).status_code


def test_a_link_sets_the_password_once(world: World) -> None:
    link = asked_for(world)

    assert choose(Client(), link) == 302
    world.admin.refresh_from_db()
    assert world.admin.check_password(NEW_PASSWORD)
    again = Client().get(re.sub(r"https?://[^/]+", "", link), follow=True)
    assert "This link no longer works" in again.content.decode()


def test_a_link_leads_to_the_address_that_people_use(world: World) -> None:
    assert asked_for(world, WEB_URL="https://phones.example/").startswith("https://phones.example/password/reset/")


def test_a_link_of_one_person_is_none_for_another(world: World) -> None:
    other = factories.user(world.company, username="ben")
    link = asked_for(world)
    uid = re.search(r"/reset/([0-9a-z]+)-", link)
    assert uid
    forged = link.replace(f"/reset/{uid.group(1)}-", f"/reset/{other.pk}-")

    page = Client().get(re.sub(r"https?://[^/]+", "", forged), follow=True)

    assert "This link no longer works" in page.content.decode()
