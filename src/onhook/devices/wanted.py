"""What somebody wants to see of a company's lines, and what they are shown: the words of the list and its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from onhook.devices.csu import LEAST_LETTERS

_MOST_DIGITS = 18  # of a 64-bit integer


class UnreadableKey(ValueError):
    """What should say where a page begins says nothing that this order knows."""


class Tab(StrEnum):
    """Which lines: live ones without a hold, live ones with one, deleted ones."""

    ACTIVE = "active"
    HELD = "held"
    DELETED = "deleted"


class Use(StrEnum):
    """When the phone was last seen."""

    ANY = ""
    LAST_DAY = "day"
    QUIET = "quiet"
    NEVER = "never"


class Sort(StrEnum):
    NUMBER = "number"
    WORKER = "worker"
    SEEN = "seen"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants to see. `text` is a number in any form, part of one, a worker, a model or a device id."""

    tab: Tab = Tab.ACTIVE
    text: str = ""
    use: Use = Use.ANY
    sort: Sort = Sort.NUMBER

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.use)

    @property
    def is_too_short(self) -> bool:
        """A text of one or two letters fits too much for any index to help."""
        return bool(self.text) and len(self.text) < LEAST_LETTERS


@dataclass(frozen=True)
class Key:
    """Where a page begins: after the row with this value of the order and this id. `str` writes it, `read` reads it."""

    value: str
    device_id: int

    def __str__(self) -> str:
        return f"{self.device_id}:{self.value}"

    @classmethod
    def read(cls, text: str) -> Key:
        """
        Return the key that a text writes.

        :raises UnreadableKey: the text is none.
        """
        device_id, _, value = text.partition(":")
        is_id = device_id.isascii() and device_id.isdecimal() and len(device_id) <= _MOST_DIGITS
        if not is_id or "\0" in value:
            raise UnreadableKey(text)
        return cls(value, int(device_id))


class Line(NamedTuple):
    """One row of the list: what `Device` has under these names. Times are UTC."""

    pk: int
    number: str
    worker: str
    model: str
    soc_code: str
    hold_reason: str
    held_at: datetime | None
    activated_at: datetime | None
    last_seen_at: datetime | None
    deleted_at: datetime | None

    @property
    def is_held(self) -> bool:
        return self.held_at is not None


@dataclass(frozen=True)
class Page:
    """Some rows, and the key of the next page when there is one."""

    rows: Sequence[Line]
    next: Key | None


@dataclass(frozen=True)
class Counted:
    """How many lines; `is_more` when counting stopped there."""

    lines: int
    is_more: bool = False

    def __str__(self) -> str:
        return f"{self.lines:,}+" if self.is_more else f"{self.lines:,}"
