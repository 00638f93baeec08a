"""Made-up numbers: each once, in a country's writing, and nobody's."""

import re
from itertools import islice

import phonenumbers
import pytest

from onhook.devices import numbers
from onhook.exchange.fiction import FictionNumbers

CAPACITY = {"GB": 16_000, "IE": 100_000, "AU": 80_000, "FR": 60_000}
UNASSIGNABLE = re.compile(r"\+1[2-9]9[0-9][2-9][0-9]{6}")


def _taken(region: str, count: int) -> list[str]:
    fiction = FictionNumbers()
    return [fiction.take(region) for _ in range(count)]


@pytest.mark.parametrize("region", ["US", *CAPACITY])
def test_numbers_of_a_region_are_that_countrys(region: str) -> None:
    code = phonenumbers.country_code_for_region(region)

    assert all(number.startswith(f"+{code}") for number in _taken(region, 1000))


@pytest.mark.parametrize("region", ["US", *CAPACITY, "DE"])
def test_numbers_pass_the_import(region: str) -> None:
    for number in _taken(region, 3000)[::97]:
        assert numbers.parse(number) == number


def test_american_numbers_are_the_reserved_hundreds() -> None:
    assert all(re.fullmatch(r"\+1[2-9][0-8][0-9]55501[0-9]{2}", number) for number in _taken("US", 60_000))


@pytest.mark.parametrize(("region", "capacity"), list(CAPACITY.items()))
def test_numbers_beyond_a_countrys_are_nobodys(region: str, capacity: int) -> None:
    taken = _taken(region, capacity + 2)

    assert UNASSIGNABLE.fullmatch(taken[capacity - 1]) is None
    assert [UNASSIGNABLE.fullmatch(number) is not None for number in taken[capacity:]] == [True, True]


def test_no_number_comes_twice() -> None:
    fiction = FictionNumbers()
    regions = ["US", "GB", "IE", "AU", "FR", "DE"]

    taken = [fiction.take(regions[count % len(regions)]) for count in range(300_000)]

    assert len(set(taken)) == len(taken)


def test_the_numbers_of_documents_and_demo_are_left_out() -> None:
    assert not any(number.startswith("+1202") for number in islice(_taken("US", 70_000), 70_000))
    assert not any(number.startswith("+447700") for number in _taken("GB", 16_000))
