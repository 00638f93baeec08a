"""What a model is shown of a message, and what it may do with the lines in it."""

from __future__ import annotations

import re

import pytest

from onhook.assistant import lines, masking
from onhook.assistant.lines import Found
from onhook.tenancy.models import Company
from tests import factories
from tests.unit.assistant import scoring, utterances

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return scoring.world()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("delete (202) 555-0142, thanks", "delete [line A], thanks"),
        ("Grace Marsh left the company", "[line A] left the company"),
        ("grace's phone, not omar's", "[line A] phone, not [line B]"),
        ("remove jonas reeed please", "remove [line A] please"),
        ("omar lost it, his number ends in 0143", "[line A] lost it, his number ends in [line B]"),
        ("two oh two five five five oh one four two is gone", "[line A] is gone"),
        ("write to grace@plumbing.example", "write to [line A]"),
        ("a stranger: +44 7700 900123", "a stranger: [line A]"),
        ("why am I still charged for 12 lines?", "why am I still charged for 12 lines?"),
        ("", ""),
    ],
)
def test_numbers_names_and_addresses_are_taken_out(company: Company, text: str, shown: str) -> None:
    assert masking.mask(text=text, company=company).text == shown


def test_a_letter_stands_for_rows_of_the_company_only(company: Company) -> None:
    own = {row.worker: row.pk for row in company.device_set.all()}

    masked = masking.mask(text="Grace or Lena Brook, not Pia Other with +12025550177", company=company)

    assert masked.text == "[line A] or [line B], not Pia Other with [line C]"
    assert masked.lines == {
        "A": tuple(sorted([own["Grace Marsh"], own["Grace Stone"]])),
        "B": (own["Lena Brook"],),
        "C": (),
    }


def test_no_utterance_leaves_with_a_number_or_a_workers_name(company: Company) -> None:
    names = {word for name in scoring.WORKERS.values() for word in name.casefold().split()}

    for utterance in utterances.all_utterances():
        left = masking.mask(text=utterance.text, company=company).text

        assert not re.search(r"\d{3}", left), left
        assert not names & set(re.findall(r"[a-z]+", left.casefold())), left


def test_the_proposed_line_comes_first_and_none_comes_in() -> None:
    found = Found((1, 2, 3), is_named=False, says_number=True, is_more=True)

    assert found.with_first((3, 9)) == Found((3, 1, 2), is_named=False, says_number=True, is_more=True)
    assert found.with_first(()) == found


def test_a_wall_of_numbers_is_looked_up_within_bounds_and_names_no_line(
    company: Company, django_assert_max_num_queries: object
) -> None:
    text = " and ".join(["2025550142", *["2025550199"] * 60])

    with django_assert_max_num_queries(3 * lines.MOST_RUNS):  # type: ignore[operator]  # pytest-django's own fixture
        found = lines.find(text=text, company=company)
        masking.mask(text=text, company=company)

    assert not found.is_named


def test_more_mentions_than_letters_are_told_apart(company: Company) -> None:
    masked = masking.mask(text=" and ".join(f"202555{number}" for number in range(1000, 1030)), company=company)

    assert masked.text.startswith("[line A] and ")
    assert masked.text.endswith(" and [line DD]")
    assert len(masked.lines) == 30


def test_a_company_without_lines_is_masked_too() -> None:
    masked = masking.mask(text="delete 2025550142", company=factories.company())

    assert (masked.text, masked.lines) == ("delete [line A]", {"A": ()})
