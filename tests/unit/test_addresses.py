"""What somebody types into an address: read, or not there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from onhook.surfaces.web import addresses


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("9" * 18, 10**18 - 1)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert addresses.whole(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.0", "٣", "²", "9" * 19, "1 ", "x"])
def test_anything_else_is_no_number(text: str) -> None:
    assert addresses.whole(text) is None


def test_a_stamp_is_read_back() -> None:
    at = datetime(2026, 11, 22, 3, 41, 7, 25, tzinfo=UTC)

    assert addresses.moment(addresses.stamp(at)) == at


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-22", "2026-11-22T03:41:07"])
def test_a_time_without_its_zone_is_none(text: str) -> None:
    assert addresses.moment(text) is None


def test_what_is_empty_is_left_out() -> None:
    assert addresses.with_query("/here/", {"a": "", "b": "x y"}) == "/here/?b=x+y"
    assert addresses.with_query("/here/", {"a": ""}) == "/here/"
