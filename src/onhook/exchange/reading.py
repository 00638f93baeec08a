"""Read a CSV file as a stream: physical lines in, records with their line numbers out, in constant memory."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from onhook.exchange import cells
from onhook.exchange.sheets import Sheet
from onhook.tenancy.permissions import LacksRight

# No honest line is longer; without a bound one line without an end would fill the memory.
LONGEST_LINE = 100_000
_BYTE_ORDER_MARK = "\ufeff"


class UnableToImport(Exception):
    """The file cannot be imported at all, or not by this person; the message is fit to show. Nothing was imported."""


class MayNotImport(LacksRight, UnableToImport):
    """This person has no right to it."""


@dataclass(frozen=True)
class Record:
    """One row of the file: the physical line it begins on (the header is 1) and its cells, unguarded."""

    line: int
    cells: list[str]


@dataclass
class Lines:
    """The file's lines, checked one by one; its SHA-256 grows with them."""

    stream: Iterable[str] | TextIO
    count: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256, repr=False)

    def __iter__(self) -> Iterator[str]:
        lines = self._bounded()
        while True:
            try:
                line = next(lines)
                self.digest.update(line.encode())
            except StopIteration:
                return
            except UnicodeError:
                raise UnableToImport(
                    f"Line {self.count + 1} or one soon after it is not UTF-8 text. Nothing was imported. "
                    "Save the file as CSV UTF-8."
                ) from None
            self.count += 1
            if len(line) > LONGEST_LINE:
                raise UnableToImport(
                    f"Line {self.count} has more than {LONGEST_LINE} characters. Nothing was imported. "
                    "Is this a CSV file with one row per line?"
                )
            yield line.removeprefix(_BYTE_ORDER_MARK) if self.count == 1 else line

    def _bounded(self) -> Iterator[str]:
        readline = getattr(self.stream, "readline", None)
        if readline is None:
            return iter(self.stream)
        return iter(lambda: readline(LONGEST_LINE + 1), "")


class CsvReader:
    """A file with its header read: the columns it has, then its records."""

    def __init__(self, *, stream: Iterable[str] | TextIO, sheet: Sheet) -> None:
        """
        Read the header.

        :raises UnableToImport: the file is empty, or its header is not one of `sheet`.
        """
        self.lines = Lines(stream)
        self._csv = csv.reader(self.lines, strict=True, skipinitialspace=True)
        header = self._next()
        if header is None:
            raise UnableToImport(
                f"The file is empty. Nothing was imported. Its first line names the columns: {', '.join(sheet.names)}"
            )
        self.columns = read_header(header, sheet=sheet)

    @property
    def sha256(self) -> str:
        """The SHA-256 (hex) of what was read so far, as UTF-8."""
        return self.lines.digest.hexdigest()

    def records(self) -> Iterator[Record]:
        """
        Give the rows after the header; rows without any text are left out.

        :raises UnableToImport: from some line on this is no CSV or no UTF-8.
        """
        while True:
            begins = self.lines.count + 1
            row = self._next()
            if row is None:
                return
            if any(cell and not cell.isspace() for cell in row):
                yield Record(line=begins, cells=[cells.unguard(cell) for cell in row])

    def _next(self) -> list[str] | None:
        begins = self.lines.count + 1
        try:
            return next(self._csv, None)
        except csv.Error as problem:
            raise UnableToImport(
                f"The row that begins on line {begins} is not CSV ({problem}). Nothing was imported. "
                "A text with a comma, a quote or a line break stands in double quotes, a quote in it is doubled."
            ) from None


def read_header(row: list[str], *, sheet: Sheet) -> tuple[str, ...]:
    """
    Return the columns that a header names, in the file's order; upper and lower case do not count.

    :raises UnableToImport: a column is unknown, missing or named twice.
    """
    names = tuple(cell.strip().lower() for cell in row)
    unknown = [name for name in names if name not in sheet.names]
    if unknown:
        listed = ", ".join(repr(cells.shown(name)) for name in unknown[:5])
        hint = " The columns are separated by commas." if len(names) == 1 else ""
        raise UnableToImport(
            f"{sheet.kind.value} have no column {listed}. Nothing was imported.{hint} "
            f"The columns are {', '.join(sheet.names)}"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnableToImport(f"The header names {', '.join(twice)} twice. Nothing was imported.")
    missing = [column.name for column in sheet.columns if column.is_required and column.name not in names]
    if missing:
        raise UnableToImport(
            f"The header lacks {', '.join(missing)}. Nothing was imported. The columns are {', '.join(sheet.names)}"
        )
    if sheet.together and len(sheet.together & set(names)) == 1:
        raise UnableToImport(
            f"The columns {' and '.join(sorted(sheet.together))} belong together: give both or none. "
            "Nothing was imported."
        )
    return names
