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


@pytest.fixture
def with_everyday_names(company: Company) -> Company:
    for line, worker in ((50, "Bill Close"), (51, "Al Bo"), (52, "Will Price"), (53, "Jo"), (54, "Van 1")):
        factories.device(company, line=line, worker=worker)
    factories.user(company, username="bea")
    return company


@pytest.mark.parametrize(
    ("text", "shown", "worker"),
    [
        ("delete Bill Close's phone", "delete [line A] phone", "Bill Close"),
        ("Al Bo quit", "[line A] quit", "Al Bo"),
        ("WILL PRICE has a new phone", "[line A] has a new phone", "Will Price"),
        ("jo left", "[line A] left", "Jo"),
        ("delete van 1", "delete [line A]", "Van 1"),
    ],
)
def test_a_workers_whole_name_is_taken_out_and_found_however_common_or_short_its_words(
    with_everyday_names: Company, text: str, shown: str, worker: str
) -> None:
    meant = with_everyday_names.device_set.get(worker=worker).pk

    masked = masking.mask(text=text, company=with_everyday_names)
    found = lines.find(text=text, company=with_everyday_names)

    assert (masked.text, masked.lines["A"]) == (shown, (meant,))
    assert found.device_ids == (meant,)
    assert not found.is_named


@pytest.mark.parametrize("text", ["why is the bill so high", "close the line", "will it be off by Monday?", "al or bo"])
def test_half_of_a_name_that_is_an_everyday_word_is_nobody(with_everyday_names: Company, text: str) -> None:
    assert masking.mask(text=text, company=with_everyday_names).text == text
    assert lines.find(text=text, company=with_everyday_names).device_ids == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bea Example asked for it", "[withheld] asked for it"),
        ("please tell bea", "please tell [withheld]"),
        ("we are Example Plumbing", "we are [withheld]"),
        ("EXAMPLE PLUMBING'S bill", "[withheld] bill"),
        ("my code is BAKERY2K9X", "my code is [withheld]"),
        ("licence 19AB-2K9X, thanks", "licence [withheld]-[withheld], thanks"),
        ("SOC Ecom2Checkout1515", "SOC [withheld]"),
        ("nr2025550142x is gone", "[line A] is gone"),
        ("where is the 2checkout link", "where is the 2checkout link"),
        ("on the 21st at 5pm", "on the 21st at 5pm"),
    ],
)
def test_names_of_people_and_of_the_company_and_codes_are_withheld(
    with_everyday_names: Company, text: str, shown: str
) -> None:
    assert masking.mask(text=text, company=with_everyday_names).text == shown


def test_an_address_is_taken_out_as_a_whole_also_where_a_name_is_in_it(company: Company) -> None:
    assert masking.mask(text="mail grace.marsh@plumbing.example", company=company).text == "mail [line A]"


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
