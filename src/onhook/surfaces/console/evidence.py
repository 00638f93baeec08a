"""What a step or a question saw, as rows for people: labels, values, times, and links with the part that differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from onhook.billing.channels import Channel
from onhook.operations import evidence_order
from onhook.surfaces.console import words
from onhook.surfaces.web import words as shared

# A pair of links that a question compares: they are shown one under the other.
_COMPARED = ("shop_link", "salesforce_link")


@dataclass(frozen=True)
class Part:
    """A piece of a value; `is_other` where it differs from the value it is compared with."""

    text: str
    is_other: bool = False


@dataclass(frozen=True)
class Row:
    """One fact. `link` is set where it may be followed: addresses of our own systems only."""

    label: str
    parts: tuple[Part, ...]
    link: str = ""
    is_code: bool = False


def rows(seen: Mapping[str, Any]) -> list[Row]:
    """Return what was seen in the order in which it is told, the compared links first; what is empty is left out."""
    seen = evidence_order.in_order(seen)
    told = [_compared(seen, key) for key in _COMPARED if all(seen.get(one) for one in _COMPARED)]
    kept = {key: value for key, value in seen.items() if not (told and key in _COMPARED)}
    for key, value in kept.items():
        told += _rows_of(key, value)
    return told


def _rows_of(key: str, value: Any) -> list[Row]:
    if value in ("", None, [], {}):
        return []
    if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
        return [
            Row(f"{label(key).rstrip('s')} {number}", (Part(_in_words(one)),)) for number, one in enumerate(value, 1)
        ]
    text = text_of(value)
    is_link = key in ("classic", "lightning") and text.startswith(("https://", "http://"))
    return [Row(label(key), (Part(text),), link=text if is_link else "", is_code=text.startswith("http"))]


def label(key: str) -> str:
    """Return what a key is called."""
    # A key of ours is small letters; a SOC code as a key stays as it is written.
    return words.EVIDENCE.get(key) or (key.replace("_", " ").capitalize() if key.islower() else key)


def text_of(value: Any) -> str:
    """Return a value as one line."""
    if isinstance(value, Mapping):
        return _in_words(value)
    if isinstance(value, list):
        return "; ".join(text_of(one) for one in value)
    if value in set(Channel):
        return shared.CHANNELS[value]
    text = str(value)
    if "T" not in text:
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M:%S} UTC"


def _in_words(value: Mapping[str, Any]) -> str:
    said = [(label(key), text_of(one)) for key, one in value.items() if one not in ("", None) and not _is_address(one)]
    return ", ".join(f"{name} {text}" for name, text in said)


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _compared(seen: Mapping[str, Any], key: str) -> Row:
    own, other = str(seen[key]), str(next(seen[one] for one in _COMPARED if one != key))
    return Row(label(key), differing(own, other), is_code=True)


def differing(own: str, other: str) -> tuple[Part, ...]:
    """Return `own` in up to three parts: what both begin with, what differs, what both end with."""
    start = _same(own, other)
    most = min(len(own), len(other)) - start
    end = min(_same(own[::-1], other[::-1]), most)
    stop = len(own) - end
    parts = (Part(own[:start]), Part(own[start:stop], is_other=True), Part(own[stop:]))
    return tuple(part for part in parts if part.text)


def _same(own: str, other: str) -> int:
    """Return how many letters both begin with."""
    pairs = enumerate(zip(own, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(own), len(other)))
