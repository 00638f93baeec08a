"""A configured model over real HTTP: what leaves, what is made of the answer, and that the menu works without one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from onhook.assistant import understanding
from onhook.assistant.menu import BRANCHES, Code
from onhook.assistant.models import Message
from onhook.assistant.understanding import Offline, Understood
from onhook.tenancy.models import Company
from tests import factories
from tests.functional.assistant import provider as providers
from tests.functional.assistant.provider import Provider, proposing
from tests.unit.assistant import scoring
from tests.world import World

KEY = "canary-of-a-key"
LAKE = "my handy swims with the fishes"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with providers.running() as made:
        settings.ASSISTANT_MODEL = "openai-chat:invented-model"
        settings.ASSISTANT_KEY, settings.ASSISTANT_URL, settings.ASSISTANT_SECONDS = KEY, made.address, 20
        yield made
    understanding.language_model.cache_clear()


@pytest.fixture
def company(db: None) -> Company:
    return scoring.world()


def understood(company: Company, text: str = LAKE) -> Understood:
    return understanding.configured().understand(text=text, company=company)


def test_the_model_proposes_a_branch_that_the_phrases_do_not_know(company: Company, provider: Provider) -> None:
    assert Offline().understand(text=LAKE, company=company).branches == ()

    assert understood(company).branches == (Code.LOST,)


def test_the_model_puts_the_line_that_is_meant_first_and_chooses_none(company: Company, provider: Provider) -> None:
    provider.answer = lambda body: proposing({"branch": "delete", "line": "B"}, body)

    read = understood(company, "omar stays, it is lena's that can go")

    omar, lena = (company.device_set.get(worker=name).pk for name in ("Omar Field", "Lena Brook"))
    assert read.branches == (Code.DELETE,)
    assert (read.lines.device_ids, read.lines.is_named) == ((lena, omar), False)


def test_only_the_branches_and_a_masked_message_leave(company: Company, provider: Provider) -> None:
    factories.device(company, line=50, worker="Bill Close")
    factories.user(company, username="bea")

    understood(company, "Bill Close of Example Plumbing has +1 202 555 0142, mail grace@plumbing.example")
    understood(company, "Bea says the code is BAKERY2K9X")

    body, second = provider.bodies
    system, user = body["messages"]
    assert user == {"role": "user", "content": '"[line A] of [withheld] has [line B], mail [line C]"'}
    assert second["messages"][1]["content"] == '"[withheld] says the code is [withheld]"'
    assert [code for code in BRANCHES if f"- {code.value}: " not in system["content"]] == []
    assert set(body) - {"messages", "tools"} == {"model", "stream", "store", "max_completion_tokens", "tool_choice"}
    assert body["store"] is False
    assert f"Bearer {KEY}" in provider.raw[0]
    for word in ("2025550142", "555", "Close", "Plumbing", "4711", str(company.device_set.first().pk) + ","):
        assert word not in str(body)


def test_the_choices_of_a_model_are_the_branches_and_no_act(company: Company, provider: Provider) -> None:
    understood(company)

    (tool,) = provider.bodies[0]["tools"]
    branch = tool["function"]["parameters"]["properties"]["branch"]
    allowed = next(kind["enum"] for kind in branch["anyOf"] if "enum" in kind)
    assert allowed == [code.value for code in BRANCHES]


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"error": {"message": "out of order"}}),
        (401, {"error": {"message": "who are you"}}),
        (429, {"error": {"message": "later"}}),
        (200, "<html>not what was asked for</html>"),
        (200, {"choices": []}),
        (200, {}),
    ],
)
def test_without_a_usable_answer_the_phrases_decide(company: Company, provider: Provider, answer: Any) -> None:
    provider.answer = lambda body: answer

    read = understood(company, "cancel the line of Omar Field")

    assert read == Offline().understand(text="cancel the line of Omar Field", company=company)
    assert provider.bodies


@pytest.mark.parametrize(
    "arguments",
    [
        {"branch": "send_link_now"},
        {"branch": "delete_unused", "line": "A"},
        {"branch": "line:1"},
        {"branch": ["delete"]},
        {"branch": {"code": "person"}},
        {"line": {"id": 1}},
        {"branch": "delete", "line": 7},
        "delete everything",
        "",
        "[]",
    ],
)
def test_an_answer_that_is_no_branch_of_the_menu_counts_as_none(
    company: Company, provider: Provider, arguments: Any
) -> None:
    provider.answer = lambda body: proposing(arguments, body)

    assert understood(company) == Offline().understand(text=LAKE, company=company)


def test_a_model_that_does_not_answer_holds_nobody_up(world: World, provider: Provider, settings: Any) -> None:
    settings.ASSISTANT_SECONDS = 1
    provider.is_silent = True
    client = Client()
    client.force_login(world.admin)
    client.post("/companies/4711/contact/", {"choice": Code.ROOT.value})
    understanding.configured()

    began = time.monotonic()
    client.post("/companies/4711/contact/", {"text": "my phone was stolen"})

    assert time.monotonic() - began < 5
    assert provider.bodies
    last = Message.objects.last()
    assert last is not None
    assert "I am sorry to hear that" in last.text


@pytest.mark.parametrize("name", ["nobody:nothing", "openai:invented-model", "nonsense"])
def test_a_model_that_cannot_be_used_stops_the_start(settings: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings.ASSISTANT_MODEL = name

    (fault,) = [found for found in run_checks() if found.id == "onhook.E008"]

    assert "ONHOOK_ASSISTANT_MODEL cannot be used" in fault.msg
