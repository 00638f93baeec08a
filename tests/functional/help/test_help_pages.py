"""The help centre over HTTP: who gets what, wherever they ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_htmx.http import HTMX_STOP_POLLING

from onhook.knowledge import library
from onhook.operations.vocabulary import StepName
from onhook.tenancy.models import User
from onhook.tenancy.permissions import CUSTOMER_ROLES
from tests import factories
from tests.world import World

CANARY = "canarywordforagents"
FRONT = "title: {}\nsummary: A summary.\naudience: {}\nagents_part: {}\nlast_checked: 2026-11-22\ncomments: closed"


@pytest.fixture
def shelf(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Put canaries into the agents' part of one article, an article of theirs, and one whose marker is lost."""
    mixed = f"Open text.\n\n::: agents\n## {CANARY}\n\nSecret {CANARY}.\n:::\n\nOpen end."
    pages = {
        "mixed": ("Mixed", "everyone", "yes", mixed),
        "secret": (f"Only {CANARY}", "agents", "no", f"All of {CANARY}."),
        "lost": ("Lost", "everyone", "yes", f"Open text.\n\nSecret {CANARY}.\n:::\n"),
    }
    for slug, (title, audience, part, body) in pages.items():
        (tmp_path / f"{slug}.md").write_text(f"---\n{FRONT.format(title, audience, part)}\n---\n{body}")
    settings.HELP_FOLDER = str(tmp_path)
    library.load.cache_clear()
    yield
    library.load.cache_clear()


PATHS = [
    "",
    "mixed/",
    "secret/",
    "lost/",
    f"?q={CANARY}",
    "?q=secret",
    "?q=open",
    "feed.xml",
    "articles.json",
    "mixed/?operation=00000000-0000-0000-0000-000000000000",
]


def signed_in(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", [None, *sorted(CUSTOMER_ROLES)])
def test_nobody_but_staff_gets_a_word_of_the_agents_part(shelf: None, role: str | None, path: str) -> None:
    user = factories.user(factories.company(), role=role) if role else None  # type: ignore[arg-type]  # a Role is a str

    answer = signed_in(user).get(f"/help/{path}")

    # What was searched for comes back in the search box; the articles are what may not have it.
    body = answer.content.decode().replace(f'value="{CANARY}"', "").replace(f"?q={CANARY}", "")
    assert CANARY not in body
    assert CANARY not in str(answer.headers)
    assert answer.status_code == (404 if path in ("secret/", "lost/") else 200)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["mixed/", "secret/", f"?q={CANARY}", "feed.xml", "articles.json"])
def test_agents_get_their_part(shelf: None, path: str) -> None:
    body = signed_in(factories.agent()).get(f"/help/{path}").content.decode().replace(f'value="{CANARY}"', "")

    assert CANARY in body


@pytest.mark.django_db
def test_agents_are_told_what_is_not_published_and_why(shelf: None) -> None:
    body = signed_in(factories.agent()).get("/help/").content.decode()

    assert "closes an agents&#x27; part that is not open" in body


@pytest.mark.django_db
def test_a_suspended_agent_is_nobody(shelf: None) -> None:
    agent = factories.agent()
    User.objects.filter(pk=agent.pk).update(suspended_at=factories.ACTIVATED)

    assert CANARY not in signed_in(agent).get("/help/mixed/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("lowering the count", "reading-your-bill"),
        ("stolen", "lost-phone"),
        ("deactivate a phone number", "delete-a-phone-number"),
        ("my van was burgled and the phones were stolen", "lost-phone"),
    ],
)
def test_search_finds_by_word_stems_and_by_some_words_where_not_by_all(words: str, slug: str) -> None:
    body = Client().get("/help/", {"q": words}).content.decode()

    assert f"/help/{slug}/" in body


@pytest.mark.django_db
def test_a_search_for_anything_is_answered() -> None:
    for words in ("'", "a & | !", "\x00", "%", "x" * 5000, '"open'):
        assert Client().get("/help/", {"q": words}).status_code == 200


def test_an_agent_sees_the_live_steps_of_the_operation_and_a_customer_does_not(world: World) -> None:
    operation = world.start(world.line())
    world.work()
    address = f"/help/delete-a-phone-number/?operation={operation.pk}"

    theirs = signed_in(world.agent).get(address).content.decode()
    customers = signed_in(world.admin).get(address).content.decode()

    assert "Beside each step stands how far" in theirs
    # A direct line needs neither account nor subscription, and nothing had to be decided.
    assert theirs.count("Not needed") == 3
    assert theirs.split("<main")[1].count('data-tone="ok"') == len(StepName) - 3 + 1
    assert "Beside each step" not in customers
    assert "data-tone" not in customers.split("<main")[1]


def test_an_open_article_is_told_how_far_the_steps_are_until_the_operation_is_closed(world: World) -> None:
    operation = world.start(world.line())
    agent = signed_in(world.agent)
    address = f"/help/delete-a-phone-number/steps/?operation={operation.pk}"

    before = agent.get(address)
    world.work()
    after = agent.get(address)

    assert before.status_code == 200
    assert before.content.decode().count("Not begun") == len(StepName)
    assert "hx-trigger" in before.content.decode()
    assert after.status_code == HTMX_STOP_POLLING
    assert "hx-trigger" not in after.content.decode()
    assert after.content.decode().count("Not needed") == 3


def test_only_agents_are_told_how_far_the_steps_are_and_only_of_what_is_there(world: World) -> None:
    operation = world.start(world.line())
    nowhere = "00000000-0000-0000-0000-000000000000"

    for user, slug, asked in (
        (world.admin, "delete-a-phone-number", operation.pk),
        (world.agent, "delete-a-phone-number", nowhere),
        (world.agent, "no-such-article", operation.pk),
    ):
        assert signed_in(user).get(f"/help/{slug}/steps/?operation={asked}").status_code == 404
    assert signed_in(None).get(f"/help/delete-a-phone-number/steps/?operation={operation.pk}").status_code == 302


def test_the_operations_page_leads_an_agent_to_the_article_with_that_operation(world: World) -> None:
    operation = world.start(world.line())

    page = signed_in(world.agent).get(f"/csu/companies/4711/operations/{operation.pk}/").content.decode()

    assert f"/help/delete-a-phone-number/?operation={operation.pk}" in page


@pytest.mark.django_db
def test_everybody_reads_in_the_frame_that_they_know() -> None:
    customer, agent = factories.user(factories.company()), factories.agent()

    faces = [
        re.findall(r'data-face="(\w+)"', signed_in(user).get("/help/roles/").content.decode())
        for user in (None, customer, agent)
    ]

    assert faces == [[], ["portal"], ["console"]]
