"""What is published of an article, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from onhook.knowledge import articles, library, markers, rendering
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


CUSTOMERS_FACTS = (
    "deactivating a phone number",
    "the package on it can be taken off",
    "at least one phone number with active services",
    "You bought it in the 2Checkout portal",
    "adjust the billing in the 2Checkout portal yourself, with the link to update your subscription",
    "You should have it in a mail already",
    "As an Admin or Super User",
    "Contact us and choose Admin Actions > Delete the Device in the AI menu",
    "the number is cancelled",
    "Sign in to the StreetSmart web portal and open Administration > Devices",
    "The number is not in the list any more",
)
AGENTS_FACTS = (
    "credentials of all the systems here are in Passwordstate",
    "Sign in to CSU, and search for the device or the phone number",
    "where the subscription of this number was bought",
    "Ecom2Checkout1515 or similar",
    "link to update the billing, once the number is removed from the StreetSmart web portal",
    "CKSWDirectAdv1515 or similar",
    "company by its name in the Xora Salesforce",
    "switch to Salesforce Classic",
    "copy its Account Number",
    "upgrade link may be kept in Salesforce too. Compare it with the one of the 2Checkout panel before it goes",
    "Search for that account number in the 2Checkout Admin Panel, and copy the upgrade link",
    "lower the number of licences in the 2Checkout portal by as many as numbers were removed: by 1 for 1 number",
    "web portal's staff side (COID 1) under the name alwin",
    "search for the customer's company, click on it and choose View Devices",
    "click on the device and choose Delete Device",
    "search in CSU for the deleted number. Its Deleted Datetime has to match the time when you removed the number",
    "must not be blank",
    "Tell the customer that the request is complete",
    "With a 2Checkout SOC code the mail carries the link",
)


@pytest.mark.parametrize("fact", CUSTOMERS_FACTS)
def test_everybody_reads_the_facts_of_the_article(fact: str) -> None:
    article = library.load(HELP).find("delete-a-phone-number", Reader.ANYONE)

    assert article is not None
    assert fact in rendering.plain_text(article)
    assert not article.is_open_for_comments


@pytest.mark.parametrize("fact", AGENTS_FACTS)
def test_agents_alone_read_the_facts_of_their_part(fact: str) -> None:
    shelf = library.load(HELP)
    agents, everybodys = (shelf.find("delete-a-phone-number", reader) for reader in (Reader.AGENT, Reader.ANYONE))

    assert agents is not None
    assert everybodys is not None
    assert fact in rendering.plain_text(agents)
    assert fact not in rendering.plain_text(everybodys)


PARTED = [file for file in sorted(HELP.glob("*.md")) if "agents_part: yes" in file.read_text(encoding="utf-8")]


@pytest.mark.parametrize("file", PARTED, ids=lambda file: file.stem)
def test_an_article_of_the_project_whose_markers_are_spoilt_is_refused(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    places = [at for at, line in enumerate(lines) if line in (markers.OPEN, markers.CLOSE)]
    swapped = {markers.OPEN: markers.CLOSE, markers.CLOSE: markers.OPEN}
    spoilt = [[swapped.get(line, line) for line in lines]]
    for at in places:
        marker = lines[at]
        cut_short = [marker[:keep] for keep in range(len(marker))]
        longer = [marker + extra for extra in (" ", ".", ":", "s")]
        instead = [[], [marker, marker], [f"  {marker}"], *([text] for text in cut_short + longer)]
        spoilt += [lines[:at] + new + lines[at + 1 :] for new in instead]

    for text in spoilt:
        with pytest.raises(Refused):
            articles.read("\n".join(text), slug=file.stem)
