"""What the files look like: the columns of each kind, in the order in which export writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onhook.exchange import cells

Value = str | int | datetime | None


class Kind(StrEnum):
    """What the rows of a file are."""

    COMPANIES = "companies"
    USERS = "users"
    DEVICES = "devices"


@dataclass(frozen=True)
class Column:
    """
    One column of a file: its name, how a cell of it is read, and the type it is staged as.

    A column that is not required may be missing from a file: what is stored then stays as it is.
    """

    name: str
    read: Callable[[str], Value]
    stored_as: str = "text"
    is_required: bool = False


@dataclass(frozen=True)
class Sheet:
    """The columns of one kind; those in `together` stand in a file both or not at all."""

    kind: Kind
    columns: tuple[Column, ...]
    together: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def only(self, names: frozenset[str]) -> tuple[Column, ...]:
        """Return the columns with these names, in the sheet's order."""
        return tuple(column for column in self.columns if column.name in names)


_COID = Column("coid", cells.coid, stored_as="int", is_required=True)


def _moment(name: str) -> Column:
    return Column(name, cells.moment, stored_as="timestamptz")


SHEETS: dict[Kind, Sheet] = {
    Kind.COMPANIES: Sheet(
        kind=Kind.COMPANIES,
        columns=(
            _COID,
            Column("name", cells.needed_line(most=200), is_required=True),
            Column("time_zone", cells.time_zone),
            Column("region", cells.region),
            _moment("suspended_at"),
        ),
    ),
    Kind.USERS: Sheet(
        kind=Kind.USERS,
        columns=(
            _COID,
            Column("username", cells.username, is_required=True),
            Column("full_name", cells.needed_line(most=200), is_required=True),
            Column("email", cells.email),
            Column("role", cells.role, is_required=True),
            _moment("suspended_at"),
        ),
    ),
    Kind.DEVICES: Sheet(
        kind=Kind.DEVICES,
        columns=(
            _COID,
            # Read with the row's region, so by `rows`; here only what every cell is checked for.
            Column("number", cells.number, is_required=True),
            Column("region", cells.region),
            Column("worker", cells.line(most=200)),
            Column("model", cells.line(most=200)),
            Column("soc_code", cells.needed_line(most=100), is_required=True),
            _moment("activated_at"),
            _moment("last_seen_at"),
            _moment("deleted_at"),
            _moment("held_at"),
            Column("hold_reason", cells.paragraph(most=1000)),
        ),
        together=frozenset({"held_at", "hold_reason"}),
    ),
}
