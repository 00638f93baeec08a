"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

# In a terminal as wide as it is; in a file or pipe wide enough that no table has to break its cells.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
errors = Console(stderr=True, highlight=False)

# A state is always a sign, a word and a colour.
_SIGNS = {
    "done": ("green", "✓"),
    "verified": ("green", "✓"),
    "sent": ("green", "✓"),
    "ok": ("green", "✓"),
    "running": ("blue", "…"),
    "waiting": ("yellow", "?"),
    "warn": ("yellow", "!"),
    "doubtful": ("yellow", "!"),
    "block": ("red", "✗"),
    "mismatch": ("red", "✗"),
    "timed_out": ("red", "✗"),
    "fault": ("red", "✗"),
}


def emit(*, as_json: bool, data: Any, show: Callable[[], None]) -> None:
    """Print `data` as JSON, or call `show`."""
    if as_json:
        sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False, default=_plain) + "\n")
    else:
        show()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def say(text: str = "") -> None:
    """Print a line; what looks like markup in it is printed as it is."""
    console.print(escape(text), soft_wrap=True)


def state(word: str) -> str:
    """Return a state as sign, word and colour."""
    colour, sign = _SIGNS.get(word, ("dim", "·"))
    return f"[{colour}]{sign} {escape(word.replace('_', ' '))}[/{colour}]"


def time(moment: datetime | None) -> str:
    """Return a time in UTC to the second; a dash when there is none."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else "-"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print a table; cells may hold markup made by `state`, anything else must be escaped with `cell`."""
    drawn = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    console.print(drawn)


def cell(value: object) -> str:
    """Return a value as the text of a table cell."""
    return escape("-" if value is None or value == "" else str(value))
