"""What is published of an article, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from onhook.knowledge import articles, library, rendering
from onhook.knowledge.articles import Reader
from onhook.knowledge.markers import Refused
from onhook.operations.vocabulary import QuestionKind, StepName

HELP = Path(__file__).resolve().parents[3] / "help"
SECRET = "Ask Passwordstate for the canary."


def text(body: str, **said: str) -> str:
    front = {
        "title": "A title",
        "summary": "A summary.",
        "audience": "everyone",
        "agents_part": "yes",
        "last_checked": "2026-11-22",
        "comments": "closed",
    } | said
    return "\n".join(["---", *(f"{key}: {value}" for key, value in front.items() if value), "---", body])


def test_only_agents_get_the_agents_part() -> None:
    article = articles.read(text(f"Before.\n\n::: agents\n{SECRET}\n:::\n\nAfter."), slug="one")
    anyone, agent = article.shown_to(Reader.ANYONE), article.shown_to(Reader.AGENT)

    assert anyone is not None
    assert agent is not None
    assert rendering.plain_text(anyone) == "Before. After."
    assert rendering.plain_text(agent) == f"Before. {SECRET} After."
    assert SECRET not in repr(article) + repr(anyone)


def test_an_article_for_agents_does_not_exist_for_others() -> None:
    article = articles.read(text(SECRET, audience="agents", agents_part="no"), slug="one")

    assert article.shown_to(Reader.ANYONE) is None
    assert article.shown_to(Reader.AGENT) is not None


@pytest.mark.parametrize(
    "body",
    [
        f"Before.\n\n{SECRET}\n\nAfter.",
        f"Before.\n::: agents\n{SECRET}",
        f"Before.\n{SECRET}\n:::",
        f"Before.\n::: agents\n{SECRET}\n::: agents\nmore\n:::\n:::",
        f":::\n{SECRET}\n::: agents",
        f"::: agents\nfirst\n:::\n\n{SECRET}",
        f":::agents\n{SECRET}\n:::",
        f"::: Agents\n{SECRET}\n:::",
        f"::: agents \n{SECRET}\n:::",
        f" ::: agents\n{SECRET}\n :::",
        f":: agents\n{SECRET}\n::",
        f":::: agents\n{SECRET}\n::::",
        f"- ::: agents\n  {SECRET}\n  :::",
        f"> ::: agents\n> {SECRET}\n> :::",
        f"\uff1a\uff1a\uff1a agents\n{SECRET}\n\uff1a\uff1a\uff1a",
        f"```\n::: agents\n```\n{SECRET}\n```\n:::\n```",
        f"<supportagent>\n{SECRET}\n</supportagent>",
        f"&lt;supportagent&gt;\n{SECRET}",
    ],
)
def test_an_article_whose_markers_do_not_hold_is_refused(body: str) -> None:
    try:
        article = articles.read(text(body), slug="one")
    except Refused:
        return
    # A marker inside a code fence is a marker all the same: then nothing of the secret is for everybody.
    shown = article.shown_to(Reader.ANYONE)
    assert shown is not None
    assert "canary" not in rendering.plain_text(shown)


def test_the_second_capture_with_its_marker_lost_is_refused() -> None:
    body = "You may need to deactivate a package.\n\n1. Log in to CSU using credentials from Passwordstate."

    for said in ("yes", "no"):
        with pytest.raises(Refused):
            articles.read(text(body, agents_part=said), slug="one")


@pytest.mark.parametrize(
    "said",
    [
        {"title": ""},
        {"audience": "all"},
        {"agents_part": "perhaps"},
        {"last_checked": "yesterday"},
        {"comments": "maybe"},
        {"author": "somebody"},
        {"audience": "agents", "agents_part": "yes"},
        {"agents_part": "no"},
        {"summary": "Where CSU is."},
    ],
)
def test_front_matter_that_does_not_fit_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(Refused):
        articles.read(text(f"Before.\n::: agents\n{SECRET}\n:::", **said), slug="one")


def test_html_and_scripts_are_not_rendered() -> None:
    body = '<script>alert(1)</script>\n\n<b onclick="x">b</b> [go](javascript:alert(1)) ![i](https://a.example/x.png)'
    article = articles.read(text(body, agents_part="no"), slug="one").shown_to(Reader.ANYONE)

    assert article is not None
    drawn = "".join(piece.html for section in rendering.sections(article) for piece in section.pieces)
    for forbidden in ("<script", "<b ", 'href="javascript', "<img"):
        assert forbidden not in drawn


def test_a_refused_article_leaves_the_others_published(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(text("Fine.", agents_part="no"))
    (tmp_path / "bad.md").write_text(text(SECRET))

    found = library.load(tmp_path)

    assert [article.slug for article in found.shelf(Reader.AGENT)] == ["good"]
    assert list(found.refused) == ["bad"]
    assert "canary" not in str(found.refused)


def test_every_article_of_the_project_is_published() -> None:
    found = library.load(HELP)

    assert found.refused == {}
    assert len(found.shelf(Reader.AGENT)) == 5
    assert len(found.shelf(Reader.ANYONE)) == 4


def test_the_article_names_every_step_of_the_run_once_and_no_other() -> None:
    article = library.load(HELP).find("delete-a-phone-number", Reader.AGENT)

    assert article is not None
    assert sorted(rendering.steps_named(article)) == sorted(name.value for name in StepName)


def test_agents_find_every_question_and_what_to_do() -> None:
    article = library.load(HELP).find("questions", Reader.AGENT)

    assert article is not None
    rows = [
        line.split("|")[1].strip(" `") for part in article.parts for line in part.text.splitlines() if "| `" in line
    ]
    assert sorted(rows) == sorted(kind.value for kind in QuestionKind)


@pytest.mark.parametrize(
    "fact",
    [
        "at least one phone number with active services",
        "2Checkout portal",
        "Admin or a Super User",
        "Admin Actions > Delete the Device",
        "Administration > Devices",
    ],
)
def test_customers_read_the_facts_of_the_article(fact: str) -> None:
    article = library.load(HELP).find("delete-a-phone-number", Reader.ANYONE)

    assert article is not None
    assert fact in rendering.plain_text(article)
    assert not article.is_open_for_comments
