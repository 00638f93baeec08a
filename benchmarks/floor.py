"""The floor: the same set-based work with plain psycopg and nothing around it, on the same server in the same run."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from benchmarks.world import COID

CHUNK = 500


def delete_lines(url: str, device_ids: list[int]) -> None:
    """Delete the lines in chunks, with a result and a chained audit row each; read them back; commit per chunk."""
    run = uuid4()
    previous = "0" * 64
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS floor_result "
            "(run uuid, device_id bigint, deleted_at timestamptz, verified boolean)"
        )
        connection.execute(
            "CREATE TABLE IF NOT EXISTS floor_audit (id bigserial PRIMARY KEY, run uuid, tag text, at timestamptz, "
            "subject text, before jsonb, after jsonb, previous_hash text, hash text)"
        )
        connection.commit()
        for start in range(0, len(device_ids), CHUNK):
            previous = _chunk(connection, run, device_ids[start : start + CHUNK], previous)
        _read_back(connection, run)


def _chunk(connection: psycopg.Connection, run: object, ids: list[int], previous: str) -> str:
    at = datetime.now(UTC)
    rows = connection.execute(
        "UPDATE devices_device SET deleted_at = %s WHERE id = ANY(%s) AND company_id = %s AND deleted_at IS NULL "
        "RETURNING id, number, soc_code",
        [at, ids, COID],
    ).fetchall()
    links = []
    for device_id, number, soc_code in rows:
        content = {"subject": f"device:{device_id}", "number": number, "soc_code": soc_code, "previous": previous}
        previous_link, previous = previous, hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        links.append(
            (f"device:{device_id}", Jsonb({"number": number}), Jsonb({"at": at.isoformat()}), previous_link, previous)
        )
    connection.execute(
        "INSERT INTO floor_audit (run, tag, at, subject, before, after, previous_hash, hash) "
        "SELECT %s, 'device:deleted', %s, * FROM unnest(%s::text[], %s::jsonb[], %s::jsonb[], %s::text[], %s::text[])",
        [run, at, *map(list, zip(*links, strict=True))],
    )
    connection.execute(
        "INSERT INTO floor_result SELECT %s, unnest(%s::bigint[]), %s, false", [run, [row[0] for row in rows], at]
    )
    connection.commit()
    return previous


def _read_back(connection: psycopg.Connection, run: object) -> None:
    connection.execute(
        "UPDATE floor_result SET verified = true FROM devices_device AS device "
        "WHERE run = %s AND device.id = device_id AND device.deleted_at = floor_result.deleted_at",
        [run],
    )
    connection.commit()
