"""
Put a file of real data into the records: streaming, checked row by row, all or nothing unless asked otherwise.

- A company is known by its COID, a person by their login, a live line by its number, a deleted line by COID, number and
  Deleted Datetime. Importing the same file again changes nothing.
- A column that the file does not have leaves what is stored as it is; an empty cell empties it.
- An import never deletes a line and never brings one back.
- The first people come in without a person: as long as there is no user at all, the system itself, from the command
  line, may import companies and users. From then on it takes somebody with the right to import, at the operator;
  so a file of users is refused after which there would be no such person.
- Each file that is applied leaves one entry in the operator's audit chain, so the operator (COID 1) must be among the
  companies or in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TextIO

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg import errors

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.exchange import permits, rows
from onhook.exchange.reading import CsvReader, MayNotImport, Record, UnableToImport
from onhook.exchange.sheets import SHEETS, Column, Kind, Value
from onhook.exchange.staging import ChangedMeanwhile, Counts, Staging
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import OPERATOR_COID

__all__ = ["BadRow", "Kind", "Report", "UnableToImport", "import_rows"]

BATCH_ROWS = 1000
# The report lists so many bad rows; it counts all of them.
LISTED_BAD_ROWS = 1000
# Imports line up behind this advisory lock while they compare and apply.
_LOCK = 7_361_204

_CHANGED_MEANWHILE = (
    "Somebody else changed the same records at the same time. Nothing was imported. Run the import again."
)

_TAGS = {
    Kind.COMPANIES: Tag.COMPANIES_IMPORTED,
    Kind.USERS: Tag.USERS_IMPORTED,
    Kind.DEVICES: Tag.DEVICES_IMPORTED,
}


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken: the physical line it begins on (the header is 1), the column, and why, fit to show."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    What a file held, compared with the records.

    The counts say what its good rows are; they were stored if, and only if, `is_applied`. `bad` lists the first
    `LISTED_BAD_ROWS`, `bad_count` counts all.
    """

    kind: Kind
    read: int
    added: int
    changed: int
    unchanged: int
    bad: list[BadRow]
    bad_count: int
    is_applied: bool
    is_dry_run: bool


@dataclass
class _BadRows:
    """The bad rows so far: all counted, the first ones kept."""

    count: int = 0
    first: list[BadRow] = field(default_factory=list)

    def add(self, row: BadRow) -> None:
        self.count += 1
        if len(self.first) < LISTED_BAD_ROWS:
            self.first.append(row)


def _say_nothing(rows_read: int) -> None:
    pass


def import_rows(
    *,
    kind: Kind,
    stream: Iterable[str] | TextIO,
    actor: Actor,
    dry_run: bool,
    keep_going: bool,
    now: datetime,
    on_progress: Callable[[int], None] = _say_nothing,
) -> Report:
    """
    Import the CSV file `stream` (text lines, best opened with `newline=""`), in one transaction.

    1. Read and check the rows, and stage them in batches.
    2. Compare them with the records in sets.
    3. Apply them with one audit entry: all of them, or, with `keep_going`, the good ones. A dry run does all that too
       and rolls back.

    :param on_progress: called after each batch with the rows read so far.
    :raises UnableToImport: no right, no such columns, not UTF-8, not CSV, no operator; nothing was imported.
    """
    if not permits.may_import(kind=kind, actor=actor):
        raise MayNotImport(permits.refusal(kind=kind, actor=actor))
    try:
        with transaction.atomic(durable=True):
            report = _import(
                kind=kind,
                stream=stream,
                actor=actor,
                dry_run=dry_run,
                keep_going=keep_going,
                now=now,
                on_progress=on_progress,
            )
            if not report.is_applied:
                transaction.set_rollback(True)
    except (ChangedMeanwhile, IntegrityError) as problem:
        raise UnableToImport(_CHANGED_MEANWHILE) from problem
    except OperationalError as problem:
        if isinstance(problem.__cause__, errors.DeadlockDetected):
            raise UnableToImport(_CHANGED_MEANWHILE) from problem
        raise
    return report


def _import(
    *,
    kind: Kind,
    stream: Iterable[str] | TextIO,
    actor: Actor,
    dry_run: bool,
    keep_going: bool,
    now: datetime,
    on_progress: Callable[[int], None],
) -> Report:
    sheet = SHEETS[kind]
    reader = CsvReader(stream=stream, sheet=sheet)
    staging = Staging(sheet=sheet, columns=sheet.only(frozenset(reader.columns)))
    bad = _BadRows()
    read = _stage(reader, staging=staging, kind=kind, bad=bad, now=now, on_progress=on_progress)
    _line_up()
    if not permits.may_import(kind=kind, actor=actor):
        raise MayNotImport(permits.refusal(kind=kind, actor=actor))
    counts = staging.judge()
    refused, problems = staging.problems(most=LISTED_BAD_ROWS)
    listed = sorted(
        [*bad.first, *(BadRow(problem.line, problem.column, problem.reason) for problem in problems)],
        key=lambda row: row.line,
    )
    report = Report(
        kind=kind,
        read=read,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        bad=listed[:LISTED_BAD_ROWS],
        bad_count=bad.count + refused,
        is_applied=not dry_run and (keep_going or not bad.count + refused),
        is_dry_run=dry_run,
    )
    if keep_going or not report.bad_count:
        _apply(staging, counts, report=report, actor=actor, keep_going=keep_going, sha256=reader.sha256)
    return report


def _line_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _stage(
    reader: CsvReader,
    *,
    staging: Staging,
    kind: Kind,
    bad: _BadRows,
    now: datetime,
    on_progress: Callable[[int], None],
) -> int:
    sheet = SHEETS[kind]
    columns = sheet.only(frozenset(reader.columns))
    companies = rows.KnownCompanies()
    read = 0
    for batch in _batches(reader.records()):
        read += len(batch)
        staging.add(
            _good(batch, kind=kind, names=reader.columns, columns=columns, companies=companies, bad=bad, now=now)
        )
        on_progress(read)
    return read


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(records, BATCH_ROWS)):
        yield batch


def _good(
    batch: list[Record],
    *,
    kind: Kind,
    names: tuple[str, ...],
    columns: tuple[Column, ...],
    companies: rows.KnownCompanies,
    bad: _BadRows,
    now: datetime,
) -> list[tuple[int, dict[str, Value]]]:
    whole = []
    for record in batch:
        if len(record.cells) == len(names):
            whole.append((record.line, dict(zip(names, record.cells, strict=True))))
        else:
            reason = f"the row has {len(record.cells)} cells, the header has {len(names)}"
            bad.add(BadRow(record.line, "", reason))
    if kind is not Kind.COMPANIES:
        companies.look_up(coid for _, texts in whole if (coid := rows.coid_in(texts)) is not None)
    good = []
    for line, texts in whole:
        try:
            good.append((line, rows.read(kind=kind, columns=columns, texts=texts, companies=companies, now=now)))
        except rows.BadRecord as problem:
            bad.add(BadRow(line, problem.column, problem.reason))
    return good


def _apply(staging: Staging, counts: Counts, *, report: Report, actor: Actor, keep_going: bool, sha256: str) -> None:
    staging.apply(counts)
    if not Company.objects.filter(coid=OPERATOR_COID).exists():
        raise UnableToImport(
            f"There is no operator company (COID {OPERATOR_COID}) yet, on whose audit trail the import is recorded. "
            "Nothing was imported. Put a row for COID 1 into the companies file."
        )
    if report.kind is Kind.USERS and not permits.has_importer():
        raise UnableToImport(
            "After this import nobody could import anything any more. Nothing was imported. "
            f"Keep or add a lead of the operator (COID {OPERATOR_COID}) who is not suspended."
        )
    after = {
        "read": report.read,
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "bad": report.bad_count,
        "keep_going": keep_going,
        "sha256": sha256,
    }
    entry = trail.Entry(tag=_TAGS[report.kind], subject=f"file:{sha256}", after=after)
    trail.record(company_id=OPERATOR_COID, actor=actor, entries=[entry])
