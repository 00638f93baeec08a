"""Compare frozen lines with the rows as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

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


def changed_lines(*, plan_id: UUID) -> list[Change]:
    """Return what changed about the lines that the plan froze."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT line.device_id,
                   CASE WHEN device.company_id IS DISTINCT FROM plan.company_id THEN 'MOVED'
                        WHEN device.deleted_at IS NOT NULL THEN 'DELETED'
                        WHEN device.number <> line.number THEN 'NUMBER'
                        WHEN device.soc_code <> line.soc_code THEN 'SOC_CODE'
                        WHEN device.held_at IS NOT NULL THEN 'HELD' END AS kind
            FROM operations_plan AS plan
            JOIN operations_planitem AS line ON line.plan_id = plan.id
            -- Behind a customer's wall a row that moved to another company is not there at all.
            LEFT JOIN devices_device AS device ON device.id = line.device_id
            WHERE plan.id = %s
              AND (device.company_id IS DISTINCT FROM plan.company_id OR device.deleted_at IS NOT NULL
                   OR device.number <> line.number OR device.soc_code <> line.soc_code OR device.held_at IS NOT NULL)
            ORDER BY line.device_id
            """,
            [plan_id],
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
