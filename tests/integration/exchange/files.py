"""Files as tests write them, and one short word to import one."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from django.db import connection

from onhook.exchange.exporting import export_rows
from onhook.exchange.importing import Kind, Report, import_rows
from onhook.tenancy.actor import Actor
from tests import factories

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

COMPANY = {"coid": "4711", "name": "Example Plumbing", "time_zone": "America/New_York", "region": "US"}
PERSON = {
    "coid": "4711",
    "username": "ada",
    "full_name": "Ada Invented",
    "email": "ada@plumbing.example",
    "role": "admin",
}
LINE = {
    "coid": "4711",
    "number": "(202) 555-0101",
    "worker": "Grace",
    "model": "Example Phone 3",
    "soc_code": factories.DIRECT_SOC,
    "activated_at": "2026-01-05T09:00:00+00:00",
}
GOOD: dict[Kind, dict[str, str]] = {Kind.COMPANIES: COMPANY, Kind.USERS: PERSON, Kind.DEVICES: LINE}


def text_of(*rows: dict[str, str]) -> str:
    """Return a CSV file with these rows; its columns are those of all rows."""
    out = StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def put(kind: Kind, actor: Actor, *rows: dict[str, str] | str, **how: Any) -> Report:
    """Import `rows`: dictionaries, or the text of a whole file."""
    (text,) = [row for row in rows if isinstance(row, str)] or [
        text_of(*(row for row in rows if isinstance(row, dict)))
    ]
    options = {"dry_run": False, "keep_going": False, "now": NOW} | how
    return import_rows(kind=kind, stream=StringIO(text, newline=""), actor=actor, **options)


def taken(kind: Kind, actor: Actor, coid: int | None = None) -> str:
    """Return an export."""
    out = StringIO(newline="")
    export_rows(kind=kind, out=out, actor=actor, coid=coid, now=NOW)
    return out.getvalue()


def counts(report: Report) -> tuple[int, int, int, int]:
    """Return added, changed, unchanged and bad."""
    return report.added, report.changed, report.unchanged, report.bad_count


def forget(*, from_coid: int) -> None:
    """Remove the companies from this COID on, with their people and lines."""
    with connection.cursor() as cursor:
        for table, column in (
            ("devices_device", "company_id"),
            ("tenancy_user", "company_id"),
            ("tenancy_company", "coid"),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {column} >= %s", [from_coid])
