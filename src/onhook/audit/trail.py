"""Add events to the trail, in the transaction of the act they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from onhook.audit import chain
from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.tenancy.actor import Actor

_COLUMNS = (*chain.FIELDS, "hash")
_TYPES = {
    "company_id": "int",
    "sequence": "bigint",
    "at": "timestamptz",
    "operation_id": "uuid",
    "before": "jsonb",
    "after": "jsonb",
}
# One statement for the rows and the head: they cannot come apart, and it is one round trip.
_INSERT = f"""
    WITH added AS (
        INSERT INTO {AuditEvent._meta.db_table} ({", ".join(_COLUMNS)})
        SELECT * FROM unnest({", ".join(f"%s::{_TYPES.get(column, 'text')}[]" for column in _COLUMNS)})
    )
    UPDATE audit_audithead SET sequence = %s, hash = %s WHERE company_id = %s
"""  # noqa: S608, SLF001  # names of our own columns only


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One act to record. `subject` names the thing as `kind:id`; `before` and `after` hold JSON values, no secrets."""

    tag: Tag
    subject: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def record(
    *,
    company_id: int,
    actor: Actor,
    entries: Sequence[Entry],
    operation_id: UUID | None = None,
    plan_hash: str = "",
    on_behalf_of: str = "",
) -> None:
    """
    Append `entries` to the company's chain, in order.

    1. Lock the head of the chain, so that two writers of one company line up.
    2. Link each entry to the one before it.
    3. Insert all rows and move the head.

    Must run inside the transaction of the act itself: no audit, no act.

    :raises TransactionManagementError: there is no open transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An audit entry belongs into the transaction of its act.")
    if not entries:
        return
    sequence, previous, at = _lock_head(company_id)
    rows: list[dict[str, Any]] = []
    for entry in entries:
        sequence += 1
        row: dict[str, Any] = {
            "company_id": company_id,
            "sequence": sequence,
            "tag": entry.tag.value,
            "at": at,
            "actor": actor.login,
            "on_behalf_of": on_behalf_of,
            "surface": actor.surface.value,
            "os_user": actor.os_user,
            "subject": entry.subject,
            "operation_id": operation_id,
            "plan_hash": plan_hash,
            "before": entry.before,
            "after": entry.after,
            "previous_hash": previous,
        }
        row["hash"] = previous = chain.link_hash(row)
        rows.append(row)
    _append(company_id, rows)


def _lock_head(company_id: int) -> tuple[int, str, datetime]:
    """Lock the chain's head, made when it is new; return where the chain stands, and the time, read under the lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audit_audithead AS head (company_id, sequence, hash) VALUES (%s, 0, %s)
            ON CONFLICT (company_id) DO UPDATE SET sequence = head.sequence
            RETURNING sequence, hash, clock_timestamp()
            """,
            [company_id, chain.FIRST_HASH],
        )
        sequence, previous, at = cursor.fetchone()
    return sequence, previous, at


def _append(company_id: int, rows: list[dict[str, Any]]) -> None:
    columns = [
        [Jsonb(row[column]) if column in ("before", "after") else row[column] for row in rows] for column in _COLUMNS
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*columns, rows[-1]["sequence"], rows[-1]["hash"], company_id])
