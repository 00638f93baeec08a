"""Lines that are about to go: an operation that deletes them is under way."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection


def among(device_ids: Sequence[int]) -> frozenset[int]:
    """Return those of the devices that an operation is about to delete."""
    if not device_ids:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT device_id FROM operations_operationitem WHERE device_id = ANY(%s::bigint[]) AND is_open",
            [list(device_ids)],
        )
        return frozenset(device_id for (device_id,) in cursor.fetchall())
