"""The console's words: every stored value has one, and links show the part that differs."""

from __future__ import annotations

import pytest

from onhook.audit.vocabulary import Tag
from onhook.billing.channels import FactKind
from onhook.operations.vocabulary import Outcome, QuestionKind, StepName
from onhook.surfaces.console import evidence, words
from onhook.surfaces.console.templatetags import csu
from onhook.tenancy.actor import Surface


def test_every_stored_value_has_a_word() -> None:
    assert set(words.QUESTION_KINDS) == {kind.value for kind in QuestionKind}
    assert set(words.STEP_DOES) == {name.value for name in StepName}
    assert [csu.surface_word(surface) for surface in Surface if csu.surface_word(surface) == surface.value] == []
    assert [kind for kind in FactKind if csu.fact_word(kind) == kind.value] == []
    assert {value for value, _ in words.tag_words()} == {tag.value for tag in Tag}
    assert all(words.is_safe(kind) for kind in QuestionKind)


def test_every_end_has_a_title() -> None:
    from onhook.operations.models import Operation

    titles = [csu.outcome_title(Operation(outcome=outcome.value)) for outcome in Outcome]

    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("own", "other", "shown"),
    [
        ("https://a.example/x?L=ONE", "https://a.example/x?L=TWO", "https://a.example/x?L=[ONE]"),
        ("https://a.example/x", "https://b.example/x", "https://[a].example/x"),
        ("same", "same", "same"),
        ("short", "shorter", "short"),
        ("shorter", "short", "short[er]"),
        ("aaa", "aa", "aa[a]"),
        ("abc", "xyz", "[abc]"),
    ],
)
def test_the_part_that_differs_is_marked(own: str, other: str, shown: str) -> None:
    parts = evidence.differing(own, other)

    assert "".join(f"[{part.text}]" if part.is_other else part.text for part in parts) == shown
    assert "".join(part.text for part in parts) == own


def test_compared_links_come_first_and_empty_facts_are_left_out() -> None:
    rows = evidence.rows(
        {
            "differences": ["LICENSE: A at the shop, B in Salesforce"],
            "shop_link": "https://shop.example/?L=A",
            "salesforce_link": "https://shop.example/?L=B",
            "note": "",
            "at": "2026-11-22T03:41:07+00:00",
            "channels": {"CKSWDirectAdv1515": "direct"},
        }
    )

    told = [(row.label, "".join(part.text for part in row.parts)) for row in rows]

    assert told == [
        ("The shop's link", "https://shop.example/?L=A"),
        ("Salesforce's copy", "https://shop.example/?L=B"),
        ("Read at", "22 Nov 2026, 03:41:07 UTC"),
        ("Differences", "LICENSE: A at the shop, B in Salesforce"),
        ("Channels", "CKSWDirectAdv1515 Billed directly"),
    ]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", " https://crm.example"])
def test_only_addresses_of_the_web_are_followed(address: str) -> None:
    row = evidence.rows({"lightning": address})[0]

    assert row.link == ""
    assert not csu.is_web(address)
