"""Single cells: the guard against spreadsheets, and what a message may show."""

import csv
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onhook.exchange import cells

# What a spreadsheet may take for the beginning of a formula.
DANGEROUS = tuple("=+-@\t\r＝＋－＠")  # noqa: RUF001  # full-width on purpose
texts = st.one_of(
    st.text(),
    st.text(alphabet="'=+-@ \t\r\nab", max_size=5),
)


@given(texts)
def test_unguard_gives_back_what_was_guarded(text: str) -> None:
    # Blanks at the end, and around a text that needs no guard, do not count.
    kept = text if text[:1] and text[0] in cells.GUARDED else text.strip()

    assert cells.unguard(cells.guard(kept)) == kept


@given(texts)
def test_a_guarded_cell_begins_with_nothing_that_computes(text: str) -> None:
    assert not cells.guard(text).startswith(DANGEROUS)


@given(texts)
def test_a_guarded_cell_survives_csv(text: str) -> None:
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([cells.guard(text), "end"])

    (row,) = csv.reader(StringIO(out.getvalue(), newline=""), strict=True, skipinitialspace=True)

    assert row == [cells.guard(text), "end"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'+12025550101", "+12025550101"),
        ("+12025550101", "+12025550101"),
        ("'t Hooft", "'t Hooft"),
        ("'", "'"),
        ("  Grace ", "Grace"),
        ("' =1+1", " =1+1"),
        ("''+1", "'+1"),
    ],
)
def test_unguard_takes_away_only_a_guard(written: str, meant: str) -> None:
    assert cells.unguard(written) == meant


def test_an_ordinary_name_with_an_apostrophe_is_written_as_it_is() -> None:
    assert cells.guard("'t Hooft") == "'t Hooft"


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1)),  # noqa: DTZ001  # zone comes next
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_a_time_is_read_as_the_same_moment_in_utc(at: datetime, offset: int) -> None:
    moment = at.replace(tzinfo=timezone(timedelta(minutes=offset)))

    read = cells.moment(moment.isoformat())

    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-01-05T09:00:00Z", "2026-01-05 10:00+01:00", "20260105T090000+0000"])
def test_iso_8601_is_read_in_its_usual_forms(text: str) -> None:
    assert cells.moment(text) == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_is_a_time_or_a_bad_cell(text: str) -> None:
    try:
        read = cells.moment(text)
    except cells.BadCell:
        return
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("colour", "colour"),
        ("+1 202 555 0101", "…0101"),
        ("a" * 50, "a" * 40 + "…"),
        ("a\x1b[2Jb", "a?[2Jb"),
        ("", ""),
    ],
)
def test_what_a_message_shows_is_short_plain_and_masked(text: str, shown: str) -> None:
    assert cells.shown(text) == shown


@pytest.mark.parametrize("text", ["us", "US", "gb"])
def test_a_region_is_read_in_any_case(text: str) -> None:
    assert cells.region(text) == text.upper()


def test_an_empty_time_zone_is_utc() -> None:
    assert cells.time_zone("") == "UTC"
