"""The device portal's writes: deleting lines, in sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True)
class Line:
    """A line as it was when somebody confirmed its deletion."""

    device_id: int
    number: str
    soc_code: str


def delete_devices(*, company_id: int, lines: Sequence[Line], at: datetime) -> set[int]:
    """
    Delete (cancel) those `lines` that are still what they were: live, of the company, same number and code, no hold.

    :return: the ids of the rows that this call deleted; a line that is not among them was left as it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE devices_device AS device SET deleted_at = %s
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS line(id, number, soc_code)
            WHERE device.id = line.id AND device.company_id = %s AND device.number = line.number
              AND device.soc_code = line.soc_code AND device.deleted_at IS NULL AND device.held_at IS NULL
            RETURNING device.id
            """,
            [
                at,
                [line.device_id for line in lines],
                [line.number for line in lines],
                [line.soc_code for line in lines],
                company_id,
            ],
        )
        return {row[0] for row in cursor.fetchall()}
