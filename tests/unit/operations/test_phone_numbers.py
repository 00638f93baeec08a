"""Phone numbers: one E.164 for every written form, never a guessed region, and masks that hide."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onhook.devices import numbers
from onhook.devices.numbers import NotANumber

# The form that the database accepts, too.
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
REGIONS = ["", "US", "GB", "DE", "FR", "JP"]


@pytest.mark.parametrize(
    "text",
    [
        "+12025550123",
        "+1 202 555 0123",
        "+1 (202) 555-0123",
        " +1.202.555.0123 ",
    ],
)
def test_number_with_its_country_code_needs_no_region(text: str) -> None:
    assert numbers.parse(text) == "+12025550123"


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("(202) 555-0123", "US", "+12025550123"),
        ("1-202-555-0123", "US", "+12025550123"),
        ("07700 900123", "GB", "+447700900123"),
        ("00 44 7700 900123", "DE", "+447700900123"),
        ("+44 7700 900123", "US", "+447700900123"),
    ],
)
def test_number_is_read_in_the_region_that_was_stated(text: str, region: str, number: str) -> None:
    assert numbers.parse(text, region=region) == number


@pytest.mark.parametrize("text", ["2025550123", "(202) 555-0123", "07700 900123", "0012025550123", "1 202 555 0123"])
def test_number_without_country_code_and_region_is_never_guessed(text: str) -> None:
    with pytest.raises(NotANumber, match="has no country code and the company has no region on record"):
        numbers.parse(text)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("", "US"),
        ("+", ""),
        ("+1", ""),
        ("hello", "US"),
        ("12", "US"),
        ("+999 1234567", ""),
        ("+1 202 555 0123 ext. 7", ""),
        ("+12025550123456789", ""),
        ("2025550123", "XX"),
        ("+1 202 555 0123, +1 202 555 0124", ""),
    ],
)
def test_number_that_is_none_is_refused(text: str, region: str) -> None:
    with pytest.raises(NotANumber):
        numbers.parse(text, region=region)


@given(text=st.text("+0123456789 ()-./", max_size=24), region=st.sampled_from(REGIONS))
@example(text="+49 123456789012345", region="")
@example(text="+49123456789012345", region="")
def test_number_is_always_one_that_the_database_takes(text: str, region: str) -> None:
    try:
        found = numbers.parse(text, region=region)
    except NotANumber:
        return

    assert E164.fullmatch(found)
    assert numbers.parse(found) == found


@given(text=st.text(max_size=30))
def test_number_without_a_plus_is_never_read_without_a_region(text: str) -> None:
    try:
        numbers.parse(text)
    except NotANumber:
        return

    assert text.strip().startswith("+")


def test_readings_list_every_meaning_and_choose_none() -> None:
    found = numbers.readings("07700 900123", regions=frozenset({"GB", "FR", "DE"}))

    assert "+447700900123" in found
    assert len(found) > 1


def test_readings_without_regions_are_empty_for_a_national_number() -> None:
    assert numbers.readings("07700 900123", regions=frozenset()) == frozenset()


def test_readings_of_an_international_number_are_one_whatever_the_regions() -> None:
    assert numbers.readings("+44 7700 900123", regions=frozenset({"US", "DE"})) == {"+447700900123"}


@pytest.mark.parametrize(
    ("number", "masked"),
    [("+12025550123", "…0123"), ("+1 202 555 0123", "…0123"), ("not a number", "not a number"), ("", "")],
)
def test_mask_shows_the_last_four_digits(number: str, masked: str) -> None:
    assert numbers.mask(number) == masked


@given(digits=st.text("0123456789", min_size=8, max_size=15))
def test_mask_never_shows_more_than_four_digits(digits: str) -> None:
    assert sum(character.isdigit() for character in numbers.mask(f"+{digits}")) == 4


def test_refusals_do_not_show_the_whole_number() -> None:
    with pytest.raises(NotANumber) as refusal:
        numbers.parse("2025550123")

    assert "2025550123" not in str(refusal.value)
    assert "0123" in str(refusal.value)


def test_display_is_the_international_form() -> None:
    assert numbers.display("+12025550123") == "+1 202-555-0123"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("+12025550101+12025550102", ["+12025550101", "+12025550102"]),
        ("(202) 555-0101; (202) 555-0102", ["(202) 555-0101", "(202) 555-0102"]),
        ("2025550101 2025550102", ["2025550101", "2025550102"]),
        ("+44 2079460000", []),
        ("+1 202 555 0101", []),
        ("555-0101, 17", []),
        ("Marsh, Grace", []),
        ("T-2025550101 T-2025550102", []),
        ("+12025550101", []),
        ("", []),
    ],
)
def test_a_list_of_numbers_is_taken_apart_and_one_number_is_not(text: str, parts: list[str]) -> None:
    assert numbers.apart(text) == parts
