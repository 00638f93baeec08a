"""Compare frozen lines with the rows as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

from onhook.billing.channels import Rules


class ChangeKind(StrEnum):
    """What no longer fits."""

    MOVED = "moved to another company"
    DELETED = "already deleted"
    NUMBER = "got another number"
    SOC_CODE = "got another SOC code"
    HELD = "put on hold"
    CHANNEL = "got another billing channel"


@dataclass(frozen=True)
class Change:
    """One line that is not what it was."""

    device_id: int
    kind: ChangeKind


def changed_lines(*, company_id: int, lines: Iterable[tuple[int, str, str]]) -> list[Change]:
    """Return what changed about the lines (device id, E.164 number, SOC code) that were frozen for `company_id`."""
    ids, numbers, soc_codes = (list(column) for column in zip(*lines, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT line.id,
                   CASE WHEN device.company_id IS DISTINCT FROM %s THEN 'MOVED'
                        WHEN device.deleted_at IS NOT NULL THEN 'DELETED'
                        WHEN device.number <> line.number THEN 'NUMBER'
                        WHEN device.soc_code <> line.soc_code THEN 'SOC_CODE'
                        WHEN device.held_at IS NOT NULL THEN 'HELD' END AS kind
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS line(id, number, soc_code)
            LEFT JOIN devices_device AS device ON device.id = line.id
            WHERE device.company_id IS DISTINCT FROM %s OR device.deleted_at IS NOT NULL OR device.number <> line.number
               OR device.soc_code <> line.soc_code OR device.held_at IS NOT NULL
            ORDER BY line.id
            """,
            [company_id, ids, numbers, soc_codes, company_id],
        )
        return [Change(device_id, ChangeKind[kind]) for device_id, kind in cursor.fetchall()]


def changed_channels(*, lines: Iterable[tuple[int, str, str]], rules: Rules) -> list[Change]:
    """Return which lines (device id, SOC code, frozen channel) `rules` give to another channel."""
    return [
        Change(device_id, ChangeKind.CHANNEL)
        for device_id, soc_code, channel in lines
        if rules.channel_of(soc_code) != channel
    ]


def in_words(changes: Sequence[Change]) -> str:
    """Return the changes as one phrase, such as `1 line was put on hold`."""
    counts = Counter(change.kind for change in changes)
    return ", ".join(
        f"{count} line{' was' if count == 1 else 's were'} {kind.value}"
        if not kind.value.startswith("got")
        else f"{count} line{'' if count == 1 else 's'} {kind.value}"
        for kind, count in sorted(counts.items())
    )
