"""How a state looks: a word, a tone and an icon, always together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["ok", "warn", "bad", "idle", "info"]

# The icon of a notice when none is named.
TONE_ICONS: dict[str, str] = {
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "octagon-alert",
    "idle": "info",
    "info": "info",
}


@dataclass(frozen=True)
class Look:
    """What a badge shows. `word` is for people, `tone` picks the colours, `icon` is a lucide name."""

    word: str
    tone: Tone
    icon: str
