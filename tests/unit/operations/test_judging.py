"""When a line counts as verified: its row has a Deleted Datetime of this run, and no live row has the number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onhook.devices.csu import ReadBack
from onhook.operations.actions.verification import judge

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
END = BEGIN + timedelta(minutes=5)
TICK = timedelta(microseconds=1)


def _judge(deleted_at: datetime | None, live_rows: int = 0) -> str:
    return judge(ReadBack(device_id=1, deleted_at=deleted_at, live_rows=live_rows), window=(BEGIN, END))


@pytest.mark.parametrize("deleted_at", [BEGIN, BEGIN + TICK, END - TICK, END])
def test_judge_verifies_inside_the_window_and_on_its_edges(deleted_at: datetime) -> None:
    assert _judge(deleted_at) == ""


@pytest.mark.parametrize("deleted_at", [BEGIN - TICK, END + TICK])
def test_judge_refuses_a_time_outside_the_run(deleted_at: datetime) -> None:
    assert _judge(deleted_at) == "The Deleted Datetime is outside the time of this run."


def test_judge_refuses_a_row_that_was_not_found() -> None:
    assert judge(None, window=(BEGIN, END)) == "The row was not found."


@pytest.mark.parametrize("live_rows", [0, 1])
def test_judge_refuses_a_blank_deleted_datetime_first(live_rows: int) -> None:
    assert _judge(None, live_rows) == "The Deleted Datetime is blank."


@pytest.mark.parametrize("live_rows", [1, 2])
def test_judge_refuses_a_number_that_is_live(live_rows: int) -> None:
    assert _judge(BEGIN, live_rows) == "A live row of the company carries the number."


@given(
    deleted_at=st.none() | st.datetimes(datetime(2026, 2, 1), datetime(2026, 4, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    live_rows=st.integers(0, 2),
)
def test_judge_verifies_exactly_what_it_promises(deleted_at: datetime | None, live_rows: int) -> None:
    is_proven = deleted_at is not None and BEGIN <= deleted_at <= END and live_rows == 0

    assert (_judge(deleted_at, live_rows) == "") is is_proven
