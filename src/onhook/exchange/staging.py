"""
The rows of one file in a temporary table: copied in, compared with the stored rows in sets, then applied in sets.

1. `add` copies rows in, batch by batch: nothing of the file stays in Python's memory.
2. `judge` marks the rows that cannot be taken and finds out which of the others are new, different or known.
3. `apply` updates and inserts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from onhook.devices import numbers
from onhook.exchange import cells
from onhook.exchange.copying import copy_rows
from onhook.exchange.sheets import Column, Kind, Sheet, Value
from onhook.exchange.targets import TARGETS, Check


class ChangedMeanwhile(Exception):
    """Somebody else changed the same rows between judging and applying."""


@dataclass(frozen=True)
class Counts:
    """What the good rows of the file are to the stored rows."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class Problem:
    """A staged row that cannot be taken, in words fit to show."""

    line: int
    column: str
    reason: str


class Staging:
    """A file's rows in temporary tables of the open transaction."""

    def __init__(self, *, sheet: Sheet, columns: Sequence[Column]) -> None:
        """Make the tables for rows of `sheet` that have these `columns`."""
        self._kind = sheet.kind
        self._target = TARGETS[sheet.kind]
        types = {column.name: column.stored_as for column in columns}
        if self._kind is Kind.USERS:
            types["login"] = "text"
        if self._kind is Kind.DEVICES:
            types.pop("region", None)
            types.setdefault("activated_at", "timestamptz")
            types.setdefault("deleted_at", "timestamptz")
        self._staged = tuple(types)
        named = {column.name for column in columns}
        self._changing = [name for name in self._staged if name in named - self._target.fixed]
        definitions = ", ".join(f"{name} {type_}" for name, type_ in types.items())
        _run("DROP TABLE IF EXISTS pg_temp.incoming, pg_temp.matched")
        _run(f"CREATE TEMPORARY TABLE incoming (line bigint, {definitions}, problem text, detail text) ON COMMIT DROP")

    def add(self, rows: Iterable[tuple[int, dict[str, Value]]]) -> None:
        """Copy (line, values by column) into the table."""
        copy_rows(
            table="incoming",
            columns=("line", *self._staged),
            rows=((line, *(values.get(name) for name in self._staged)) for line, values in rows),
        )

    def judge(self) -> Counts:
        """Mark what cannot be taken; return what the rest is to the stored rows."""
        if self._kind is Kind.DEVICES:
            _run("CREATE INDEX ON incoming (number)")
        _run("ANALYZE incoming")
        self._mark_repeated()
        self._match()
        for check in self._target.checks:
            _mark(check.problem, check.finds)
        new, changed, total = _one(
            """
            SELECT count(*) FILTER (WHERE matched.line IS NULL), count(*) FILTER (WHERE matched.is_changed), count(*)
            FROM incoming LEFT JOIN matched USING (line) WHERE incoming.problem IS NULL
            """
        )
        return Counts(added=new, changed=changed, unchanged=total - new - changed)

    def problems(self, *, most: int) -> tuple[int, list[Problem]]:
        """Return how many rows were marked, and the first `most` of them."""
        (count,) = _one("SELECT count(*) FROM incoming WHERE problem IS NOT NULL")
        checks = {check.problem: check for check in (*self._target.checks, self._repeated)}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT line, problem, detail, {self._target.shown} FROM incoming "  # noqa: S608  # names of ours
                "WHERE problem IS NOT NULL ORDER BY line LIMIT %s",
                [most],
            )
            found = [
                self._in_words(line, checks[problem], detail, shown)
                for line, problem, detail, shown in cursor.fetchall()
            ]
        return count, found

    def apply(self, counts: Counts) -> None:
        """
        Update the rows that differ, insert the ones that are new.

        :param counts: what `judge` returned.
        :raises ChangedMeanwhile: a row is no longer what `judge` saw; the transaction must be rolled back.
        """
        if counts.changed and self._update() != counts.changed:
            raise ChangedMeanwhile
        if counts.added and self._insert() != counts.added:
            raise ChangedMeanwhile

    @property
    def _repeated(self) -> Check:
        key = ", ".join(self._target.key)
        return Check(
            problem="repeated",
            finds=f"""
                SELECT line, first::text FROM (
                    SELECT incoming.line, min(incoming.line) OVER (PARTITION BY {key}) AS first FROM incoming
                ) AS incoming WHERE line > first
            """,  # noqa: S608  # names of ours
            column=self._target.key_column,
            reason="{shown} stands in line {detail} of the file already",
        )

    def _mark_repeated(self) -> None:
        _mark(self._repeated.problem, self._repeated.finds)

    def _match(self) -> None:
        target = self._target
        stored = ", ".join(f"stored.{name}" for name in self._changing)
        incoming = ", ".join(f"incoming.{name}" for name in self._changing)
        parts = [
            f"SELECT incoming.line, stored.{target.primary_key} AS stored_id, "  # noqa: S608  # names of ours
            f"ROW({stored}) IS DISTINCT FROM ROW({incoming}) AS is_changed "
            f"FROM incoming JOIN {target.table} AS stored ON {match} WHERE incoming.problem IS NULL"
            for match in target.matches
        ]
        _run(f"CREATE TEMPORARY TABLE matched ON COMMIT DROP AS {' UNION ALL '.join(parts)}")
        _run("CREATE INDEX ON matched (line)")
        _run("ANALYZE matched")

    def _update(self) -> int:
        target = self._target
        # Lock in one order: two writers of the same rows then wait in line instead of for each other.
        _run(
            f"SELECT FROM {target.table} WHERE {target.primary_key} IN "  # noqa: S608  # names of ours
            "(SELECT stored_id FROM matched WHERE is_changed) "
            f"ORDER BY {target.primary_key} FOR NO KEY UPDATE"
        )
        changes = ", ".join(f"{name} = incoming.{name}" for name in self._changing)
        return _run(
            f"UPDATE {target.table} AS stored SET {changes} FROM incoming JOIN matched USING (line) "  # noqa: S608
            f"WHERE matched.is_changed AND incoming.problem IS NULL "
            f"AND stored.{target.primary_key} = matched.stored_id AND {target.still}"
        )

    def _insert(self) -> int:
        target = self._target
        filled = target.fallbacks | {name: f"incoming.{name}" for name in self._changing} | target.inserts
        return _run(
            f"INSERT INTO {target.table} ({', '.join(filled)}) SELECT {', '.join(filled.values())} FROM incoming "  # noqa: S608
            "WHERE incoming.problem IS NULL AND NOT EXISTS (SELECT FROM matched WHERE matched.line = incoming.line) "
            "ORDER BY incoming.line"
        )

    def _in_words(self, line: int, check: Check, detail: str, shown: str) -> Problem:
        masks: dict[Kind, Callable[[str], str]] = {
            Kind.COMPANIES: str,
            Kind.USERS: cells.shown,
            Kind.DEVICES: numbers.mask,
        }
        name = masks[self._kind](shown)
        return Problem(line=line, column=check.column, reason=check.reason.format(shown=name, detail=detail))


def _mark(problem: str, finds: str) -> None:
    # A row keeps the first problem that was found.
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE incoming SET problem = %s, detail = found.detail FROM ({finds}) AS found (line, detail) "  # noqa: S608
            "WHERE incoming.line = found.line AND incoming.problem IS NULL",
            [problem],
        )


def _run(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def _one(query: str) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[int, ...] = cursor.fetchone()
    return row
