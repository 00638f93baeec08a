"""Files that cannot be read as what they should be: refused as a whole, with words that help, and nothing stored."""

from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from onhook.devices.models import Device
from onhook.exchange import reading
from onhook.exchange.importing import Kind, UnableToImport, import_rows
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from tests import factories
from tests.integration.exchange.files import LINE, NOW, counts, put, text_of

HEADER = "coid,number,soc_code"
ROW = f"4711,2025550101,{factories.DIRECT_SOC}"

REFUSED = {
    "nothing at all": ("", "The file is empty"),
    "no header": (f"{ROW}\n", "devices have no column '4711'"),
    "an unknown column": (f"{HEADER},colour\n{ROW},red\n", "devices have no column 'colour'"),
    "two unknown columns": (f"{HEADER},colour,shape\n", "devices have no column 'colour', 'shape'"),
    "a missing column": ("coid,worker\n4711,Grace\n", "The header lacks number, soc_code"),
    "a column twice": (f"{HEADER},COID\n{ROW},1\n", "The header names coid twice"),
    "half of a hold": (f"{HEADER},held_at\n{ROW},\n", "held_at and hold_reason belong together"),
    "semicolons": (f"{HEADER.replace(',', ';')}\n", "The columns are separated by commas"),
    "an open quote": (f'{HEADER}\n{ROW}\n4711,"2025550102,x\n', "The row that begins on line 3 is not CSV"),
    "a quote inside": (f'{HEADER}\n4711,"2025550101"1,x\n', "The row that begins on line 2 is not CSV"),
    "UTF-16 taken for UTF-8": (
        HEADER.encode("utf-16-le").decode("utf-8") + "\n",
        "devices have no column 'c?o?i?d?'",
    ),
    "half a character": (f"{HEADER}\n{ROW}\udc80\n", "Line 2 or one soon after it is not UTF-8"),
    "a line without an end": (f"{HEADER}\n{'x' * 100_001}\n", "Line 2 has more than 100000 characters"),
    "a quoted text without an end": (
        f'{HEADER}\n4711,"' + "long\n" * 30_000,
        "The row that begins on line 2 is not CSV (field larger than field limit (131072))",
    ),
}


@pytest.mark.parametrize("name", list(REFUSED))
@pytest.mark.parametrize("keep_going", [True, False])
def test_a_file_is_refused_as_a_whole(name: str, keep_going: bool, lead: Actor, plumbing: Company) -> None:
    text, words = REFUSED[name]

    with pytest.raises(UnableToImport) as refused:
        put(Kind.DEVICES, lead, text, keep_going=keep_going)

    assert words in str(refused.value)
    assert "Nothing was imported" in str(refused.value)
    assert not Device.objects.exists()


def test_a_header_that_is_a_row_does_not_show_its_number(lead: Actor, plumbing: Company) -> None:
    with pytest.raises(UnableToImport) as refused:
        put(Kind.DEVICES, lead, f"2025550101,Grace,{'x' * 99}\n")

    assert "'…0101', 'grace', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'" in str(refused.value)


def _bytes(content: bytes) -> TextIOWrapper:
    return TextIOWrapper(BytesIO(content), encoding="utf-8", newline="")


def test_bytes_that_are_not_utf_8_are_refused(lead: Actor, plumbing: Company) -> None:
    content = f"{HEADER},worker\n{ROW},Ren".encode() + "é\n".encode("latin-1")

    with pytest.raises(UnableToImport, match="not UTF-8 text"):
        import_rows(kind=Kind.DEVICES, stream=_bytes(content), actor=lead, dry_run=False, keep_going=True, now=NOW)

    assert not Device.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADER}\r\n{ROW}\r\n",
        f"{HEADER}\n{ROW}",
        f" COID , Number,SOC_Code\n{ROW}\n",
        f'"coid","number","soc_code"\n4711, "2025550101", {factories.DIRECT_SOC} \n',
        f"{HEADER}\n\n{ROW}\n,,\n\n",
    ],
    ids=["byte order mark and CRLF", "no last line end", "other case", "quotes and blanks", "blank rows"],
)
def test_files_as_programs_write_them_are_read(text: str, lead: Actor, plumbing: Company) -> None:
    report = import_rows(
        kind=Kind.DEVICES, stream=_bytes(text.encode()), actor=lead, dry_run=False, keep_going=False, now=NOW
    )

    assert counts(report) == (1, 0, 0, 0)
    assert list(Device.objects.values_list("number", "soc_code")) == [("+12025550101", factories.DIRECT_SOC)]


def test_lines_need_not_come_from_a_file(lead: Actor, plumbing: Company) -> None:
    report = import_rows(
        kind=Kind.DEVICES, stream=[f"{HEADER}\n", ROW], actor=lead, dry_run=False, keep_going=False, now=NOW
    )

    assert counts(report) == (1, 0, 0, 0)


def test_a_line_without_an_end_is_not_read_whole(lead: Actor, plumbing: Company) -> None:
    endless = StringIO(f"{HEADER}\n" + "x" * 1_000_000)

    with pytest.raises(UnableToImport, match="more than 100000 characters"):
        import_rows(kind=Kind.DEVICES, stream=endless, actor=lead, dry_run=False, keep_going=True, now=NOW)

    assert endless.tell() == len(HEADER) + 1 + reading.LONGEST_LINE + 1


def test_a_fault_while_reading_leaves_nothing(lead: Actor, plumbing: Company) -> None:
    def lines() -> Iterator[str]:
        yield f"{HEADER}\n"
        yield f"{ROW}\n"
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="the disk went away"):
        import_rows(kind=Kind.DEVICES, stream=lines(), actor=lead, dry_run=False, keep_going=True, now=NOW)

    assert not Device.objects.exists()
    assert counts(put(Kind.DEVICES, lead, text_of(LINE))) == (1, 0, 0, 0)
