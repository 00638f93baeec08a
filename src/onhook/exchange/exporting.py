"""
Write the records as the files that import takes: importing an export again changes nothing.

The audit entry is committed before the first row leaves: rows that went out cannot be rolled back, and a reader who
is slow or goes away must neither hold the company's audit chain nor get rows that no entry tells of.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO

from django.db import transaction
from django.db.models import Model, QuerySet

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.devices.models import Device
from onhook.exchange import cells
from onhook.exchange.sheets import SHEETS, Kind, Value
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import OPERATOR_COID, LacksRight, Permission

_ROWS_AT_ONCE = 2000


class UnableToExport(Exception):
    """The records cannot be exported, or not to this person; the message is fit to show. Nothing was written."""


class MayNotExport(LacksRight, UnableToExport):
    """This person has no right to it."""


def export_rows(*, kind: Kind, out: TextIO, actor: Actor, coid: int | None, now: datetime) -> int:
    """
    Write the rows of one kind to `out` as CSV, with a header, and return how many there were.

    1. Record who takes what, and commit that.
    2. Stream the rows from one snapshot of the records, in constant memory.

    :param coid: the rows of this company only; None, all companies' rows, is for staff.
    :param now: when the export was asked for; stands in the audit entry.
    :raises UnableToExport: the actor may not, or there is no such company.
    """
    whose = OPERATOR_COID if coid is None else coid
    _check_right(actor, coid=coid)
    with transaction.atomic(durable=True):
        if not Company.objects.filter(coid=whose).exists():
            raise UnableToExport(f"There is no company with COID {whose}. Nothing was exported.")
        after = {
            "kind": kind.value,
            "coid": coid,
            "rows": _records(kind, coid=coid).count(),
            "asked_at": now.astimezone(UTC).isoformat(),
        }
        entry = trail.Entry(tag=Tag.DATA_EXPORTED, subject=f"company:{whose}", after=after)
        trail.record(company_id=whose, actor=actor, entries=[entry])
    with transaction.atomic():
        return _write(kind, coid=coid, out=out)


def _check_right(actor: Actor, *, coid: int | None) -> None:
    if actor.user is None:
        raise MayNotExport("Only a person may export data: name one with --as. Nothing was exported.")
    if actor.may(Permission.EXPORT_DATA, company_id=OPERATOR_COID if coid is None else coid):
        return
    if not actor.user.is_staff_member and coid != actor.user.company_id:
        raise MayNotExport(
            f"{actor.login} may export the data of COID {actor.user.company_id} at most: name that company. "
            "Nothing was exported."
        )
    raise MayNotExport(f"{actor.login} has no right to export data. Nothing was exported.")


def _write(kind: Kind, *, coid: int | None, out: TextIO) -> int:
    # With the line ends of RFC 4180 the writer also quotes a text that holds a single carriage return.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(SHEETS[kind].names)
    rows = 0
    for values in _values(kind, coid=coid):
        writer.writerow([_cell(value) for value in values])
        rows += 1
    return rows


def _cell(value: Value) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "" if value is None else cells.guard(str(value))


def _records(kind: Kind, *, coid: int | None) -> QuerySet[Model]:
    records: dict[Kind, QuerySet[Model]] = {
        Kind.COMPANIES: Company.objects.order_by("coid"),
        Kind.USERS: User.objects.order_by("company_id", "username"),
        Kind.DEVICES: Device.objects.order_by("company_id", "id"),
    }
    return records[kind] if coid is None else records[kind].filter(**{_company_field(kind): coid})


def _company_field(kind: Kind) -> str:
    return "coid" if kind is Kind.COMPANIES else "company_id"


def _values(kind: Kind, *, coid: int | None) -> Iterator[tuple[Value, ...]]:
    """Give the values of each row in the order of the sheet's columns."""
    names = list(SHEETS[kind].names)
    # A line's number is stored whole, so its column for a region stays empty.
    blank = names.index("region") if kind is Kind.DEVICES else None
    if blank is not None:
        del names[blank]
    fields = [_company_field(kind) if name == "coid" else name for name in names]
    for values in _records(kind, coid=coid).values_list(*fields).iterator(chunk_size=_ROWS_AT_ONCE):
        yield values if blank is None else (*values[:blank], None, *values[blank:])
