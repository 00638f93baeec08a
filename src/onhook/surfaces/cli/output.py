"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

# In a terminal as wide as it is; in a file or pipe this wide, and tables as wide as they need.
_PIPE_COLUMNS = 160
# Prose in a table is not squeezed below this; narrower than that, rows become blocks.
_LEAST_PROSE = 24
_GAP = 2
_NOTHING = ("", "-")
_UNREADABLE = "\ufffd"

console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_COLUMNS)
errors = Console(stderr=True, highlight=False)

# A state is always a sign, a word and a colour.
_SIGNS = {
    "done": ("green", "✓"),
    "verified": ("green", "✓"),
    "sent": ("green", "✓"),
    "ok": ("green", "✓"),
    "running": ("blue", "…"),
    "waiting": ("yellow", "?"),
    "warn": ("yellow", "!"),
    "doubtful": ("yellow", "!"),
    "block": ("red", "✗"),
    "mismatch": ("red", "✗"),
    "timed_out": ("red", "✗"),
    "fault": ("red", "✗"),
}


def emit(*, as_json: bool, data: Any, show: Callable[[], None]) -> None:
    """Print `data` as JSON, or call `show`."""
    if as_json:
        sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False, default=_plain) + "\n")
    else:
        show()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def say(text: str = "") -> None:
    """Print a line; what looks like markup in it is printed as it is. A terminal breaks it between words."""
    console.print(plain(text), soft_wrap=not console.is_terminal)


def command(text: str) -> None:
    """Print a command to be typed, on a line of its own that is never broken, so that it can be copied."""
    console.print(f"  {plain(text)}", style="bold", soft_wrap=True)


def state(word: str) -> str:
    """Return a state as sign, word and colour."""
    colour, sign = _SIGNS.get(word, ("dim", "·"))
    return f"[{colour}]{sign} {plain(word.replace('_', ' '))}[/{colour}]"


def time(moment: datetime | None) -> str:
    """Return a time in UTC to the second; a dash when there is none."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else "-"


@dataclass(frozen=True)
class Column:
    """
    A column of a table. Its cells stay whole: numbers, times and codes are never broken.

    `prose` may break between words, and is left out where it says nothing. `is_optional` goes first where the terminal
    is too narrow.
    """

    name: str
    is_prose: bool = False
    is_optional: bool = False


def prose(name: str) -> Column:
    return Column(name, is_prose=True)


def table(columns: Sequence[str | Column], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """
    Print a table; cells may hold markup made by `state`, anything else must be escaped with `cell`.

    Where the terminal is too narrow for it, each row becomes a block with one line per column.
    """
    sheet = _Sheet([column if isinstance(column, Column) else Column(column) for column in columns], rows)
    sheet = sheet.without(lambda column, cells: column.is_prose and all(cell in _NOTHING for cell in cells))
    if title:
        heading(title)
    narrower = sheet.without(lambda column, _: column.is_optional)
    if not _fits(sheet) and _fits(narrower):
        sheet = narrower
    if not _fits(sheet):
        for number, row in enumerate(sheet.rows):
            if number:
                console.print()
            facts(list(zip([column.name for column in sheet.columns], row, strict=True)))
        return
    drawn = Table(header_style="bold", box=None, pad_edge=False)
    for column in sheet.columns:
        drawn.add_column(column.name, no_wrap=not column.is_prose, overflow="fold")
    for row in sheet.rows:
        drawn.add_row(*row)
    draw(drawn, least=sheet.least)


def _fits(sheet: _Sheet) -> bool:
    return not console.is_terminal or sheet.least <= console.width


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Print names and values one below the other; cells as in `table`, and what there is nothing of is left out."""
    drawn = Table.grid(padding=(0, _GAP))
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in pairs:
        if value not in _NOTHING:
            drawn.add_row(f"[bold]{plain(name)}[/bold]", value)
    draw(drawn)


def heading(text: str) -> None:
    """Print what the lines below are about."""
    console.print(f"[bold]{plain(text)}[/bold]", soft_wrap=not console.is_terminal)


@dataclass(frozen=True)
class _Sheet:
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]

    @property
    def least(self) -> int:
        """How wide it is when no cell but prose is broken."""
        widths = [
            min(width, _LEAST_PROSE) if column.is_prose else width
            for column, width in zip(self.columns, self._widths(), strict=True)
        ]
        return sum(widths) + _GAP * (len(widths) - 1)

    def _widths(self) -> list[int]:
        plain = [[Text.from_markup(text).plain for text in row] for row in self.rows]
        return [
            max(cell_len(text) for text in (column.name, *(row[number] for row in plain)))
            for number, column in enumerate(self.columns)
        ]

    def without(self, is_left_out: Callable[[Column, Sequence[str]], bool]) -> _Sheet:
        kept = [
            number
            for number, column in enumerate(self.columns)
            if not is_left_out(column, [row[number] for row in self.rows])
        ]
        return _Sheet(
            [self.columns[number] for number in kept], [[row[number] for number in kept] for row in self.rows]
        )


def draw(drawn: Table, *, least: int = 0) -> None:
    """Print a table or grid; in files and pipes at least `least` wide, and without blanks at the ends of lines."""
    if console.is_terminal:
        console.print(drawn)
        return
    with console.capture() as captured:
        console.print(drawn, width=max(console.width, least))
    for line in captured.get().splitlines():
        console.out(line.rstrip(), highlight=False)


def cell(value: object) -> str:
    """Return a value as the text of a table cell."""
    return plain("-" if value is None or value == "" else str(value))


def plain(text: str) -> str:
    """Return the text so that it is printed as it is: nothing in it counts as markup, or steers the terminal."""
    return escape(printable(text))


def printable(text: str) -> str:
    """Return the text with all that would steer a terminal, or turn the direction of writing, marked as unreadable."""
    return "".join(_UNREADABLE if _steers(letter) else letter for letter in text)


def _steers(letter: str) -> bool:
    return letter != "\n" and unicodedata.category(letter) in {"Cc", "Cf", "Cs"}
