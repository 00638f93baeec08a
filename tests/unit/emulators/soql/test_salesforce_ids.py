"""The two forms of a record id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.salesforce import ids

# The last three also stand in vendor or third-party pages; the rest were computed apart from this code.
VECTORS = [
    ("0018d00000AbCdE", "0018d00000AbCdEAAV"),
    ("001000000000001", "001000000000001AAA"),
    ("001D000000IRFma", "001D000000IRFmaIAH"),
    ("01gRO0000016PIA", "01gRO0000016PIAYA2"),
    ("001zZ9aBcD0EfGh", "001zZ9aBcD0EfGhQUK"),
    ("001AAAAAAAAAAAA", "001AAAAAAAAAAAAY55"),
    ("001D000000Iomaz", "001D000000IomazIAB"),
]
FIFTEEN = st.from_regex(r"\A[A-Za-z0-9]{15}\Z")


@pytest.mark.parametrize(("short", "long"), VECTORS)
def test_vectors_hold_in_every_form(short: str, long: str) -> None:
    assert ids.lengthen(short) == long
    assert ids.normalised(short) == long
    assert ids.normalised(long) == long
    assert ids.normalised(long.lower()) == long
    assert ids.normalised(long.upper()) == long


@given(FIFTEEN)
def test_lost_case_is_restored_from_the_suffix(short: str) -> None:
    long = ids.lengthen(short)

    assert ids.normalised(long.swapcase()) == long


def test_suffix_decides_where_case_disagrees() -> None:
    assert ids.normalised("0018d00000AbCdEAAW") == "0018d00000aBCdEAAW"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "001",
        "0018d00000AbCdEAA",
        "0018d00000AbCdEABV",
        "0018d00000AbCdEAAV0",
        "0018d00000AbCd-",
        "0018d00000AbCdé",
        "001000000000001BAA",
        "0018d00000AbCdE\n",
    ],
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert ids.normalised(text) is None
