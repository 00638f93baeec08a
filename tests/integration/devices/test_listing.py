"""The list of lines, page by page, beside what the rows themselves say."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from onhook import clock
from onhook.devices import listing
from onhook.devices.models import LONG_AGO, Device
from onhook.devices.wanted import Key, Line, Sort, Tab, Use, Wanted
from onhook.tenancy.models import Company
from tests import factories

_SEEN = (None, timedelta(hours=1), timedelta(days=10), timedelta(days=40), timedelta(days=400))


@pytest.fixture
def company(db: None) -> Company:
    """Give a company with lines of every kind, many of them alike, beside another one's."""
    company, other = factories.company(), factories.company(coid=4712, name="Example Roofing")
    now = clock.now()
    rows = []
    for line in range(48):
        seen, is_held, is_deleted = _SEEN[line % 5], line % 4 == 1, line % 3 == 2
        rows.append(
            Device(
                company=other if line % 12 == 11 else company,
                number=factories.number(line),
                worker=("Ada Example", "Grace Example", "")[line % 7 % 3],
                soc_code=factories.DIRECT_SOC,
                last_seen_at=now - seen if seen else None,
                held_at=now if is_held else None,
                hold_reason="Under investigation" if is_held else "",
                # Several of one moment: only the id tells them apart.
                deleted_at=now - timedelta(days=line // 9) if is_deleted else None,
            )
        )
    Device.objects.bulk_create(rows)
    return company


def fits(row: Device, wanted: Wanted) -> bool:
    now = clock.now()
    tab = Tab.DELETED if row.deleted_at else Tab.HELD if row.held_at else Tab.ACTIVE
    use = {
        Use.ANY: True,
        Use.NEVER: row.last_seen_at is None,
        Use.LAST_DAY: row.last_seen_at is not None and row.last_seen_at > now - timedelta(days=1),
        Use.QUIET: row.last_seen_at is not None and row.last_seen_at <= now - timedelta(days=30),
    }[wanted.use]
    return tab is wanted.tab and use and wanted.text.casefold() in row.worker.casefold()


def walk(company: Company, wanted: Wanted, *, most: int) -> list[Line]:
    """Return all rows, page by page, as somebody reads them who presses Next."""
    found: list[Line] = []
    after: Key | None = None
    while True:
        page = listing.page(company=company, wanted=wanted, after=after, most=most)
        assert len(page.rows) <= most
        found += page.rows
        if page.next is None:
            return found
        assert len(page.rows) == most
        after = page.next


WANTED = [
    Wanted(tab=tab, sort=sort, use=use, text=text)
    for tab, sort, use, text in product(Tab, (Sort.NUMBER, Sort.WORKER, Sort.SEEN), Use, ("", "grace"))
]


@pytest.mark.parametrize("most", [1, 4, 50])
def test_the_pages_together_are_the_wanted_rows_each_once_and_in_order(company: Company, most: int) -> None:
    every = list(Device.objects.filter(company=company))
    for wanted in WANTED:
        found = walk(company, wanted, most=most)

        assert sorted(row.pk for row in found) == sorted(row.pk for row in every if fits(row, wanted)), wanted
        if wanted.tab is Tab.DELETED:
            keys = [(row.deleted_at, row.pk) for row in found]
            assert keys == sorted(keys, reverse=True), wanted
        elif wanted.sort is Sort.SEEN:
            times = [(row.last_seen_at or LONG_AGO, row.pk) for row in found]
            assert times == sorted(times, reverse=True), wanted
        else:
            texts = [(getattr(row, wanted.sort.value), row.pk) for row in found]
            assert texts == sorted(texts), wanted


def test_the_counts_are_those_of_the_rows_and_so_are_the_ids(company: Company) -> None:
    every = list(Device.objects.filter(company=company))
    for wanted in WANTED:
        expected = {row.pk for row in every if fits(row, wanted)}

        assert listing.counts(company=company, wanted=wanted)[wanted.tab].lines == len(expected), wanted
        assert set(listing.ids(company=company, wanted=wanted)) == expected, wanted


def test_a_row_says_what_the_device_has(company: Company) -> None:
    for tab in Tab:
        for line in walk(company, Wanted(tab=tab), most=50):
            device = Device.objects.get(pk=line.pk)
            assert line._asdict() == {name: getattr(device, name) for name in Line._fields}
            assert line.is_held is device.is_held


def test_a_key_of_another_order_is_refused(company: Company) -> None:
    with pytest.raises(ValueError, match="yesterday"):
        listing.page(company=company, wanted=Wanted(sort=Sort.SEEN), after=Key("yesterday", 1))


@pytest.fixture
def named(db: None) -> Company:
    company, other = factories.company(), factories.company(coid=4712, name="Example Roofing")
    rows = [
        ("Grace Marsh", "Example Phone 3"),
        ("Grace Field", "Sample Rugged 7"),
        ("Omar Marsh", "Example Tab 2"),
        ("100%_sure \\ 'quoted'", "Example Phone 3"),
        ("Zoë Jørgensen-Łuk", "Téléphone"),
        ("Rene\u0301 Stra\u00dfe", "Example Phone 3"),
    ]
    for line, (worker, model) in enumerate(rows, start=1):
        device = factories.device(company, line=line, worker=worker)
        Device.objects.filter(pk=device.pk).update(model=model)
    factories.device(other, line=50, worker="Grace Marsh")
    return company


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("grace", [1, 2]),
        ("marsh grace", [1]),
        ("Grace   phone", [1]),
        ("grace 7", [2]),
        ("example marsh", [1, 3]),
        ("marsh 0103", [3]),
        ("grace nobody", []),
        ("0102", [2]),
        ("%_ sure", [4]),
        ("100%_sure \\ 'quoted'", [4]),
        ("sure'; SELECT 1 --", []),
        ("%%% ___", []),
        ("zoe", [5]),
        ("ZOË jorgensen", [5]),
        ("luk telephone", [5]),
        ("rené", [6]),
        ("rene strasse", [6]),
        ("a b c d e f g h i j k l", []),
        ("+1 202-555-0101, +1 202-555-0103", [1, 3]),
        ("(202) 555-0101; (202) 555-0150; 202-555-0104", [1, 4]),
        ("+12025550101+12025550102", [1, 2]),
    ],
)
def test_a_text_of_several_words_or_numbers_finds_the_lines(named: Company, text: str, lines: list[int]) -> None:
    found = listing.page(company=named, wanted=Wanted(text=text)).rows

    assert [row.number for row in found] == [factories.number(line) for line in lines]


def test_the_numbers_of_a_list_that_no_line_has_are_told_as_they_are_written(named: Company) -> None:
    Device.objects.filter(number=factories.number(1)).update(deleted_at=clock.now())
    text = "(202) 555-0101; (202) 555-0150; 202-555-0104; 202-555-0199 9; (202) 555-0150"
    matching = listing.search(company=named, text=text)

    assert listing.missing(company=named, text=text, matching=matching) == ["(202) 555-0150", "202-555-0199 9"]
    assert listing.missing(company=named, text="0150", matching=[]) == []
