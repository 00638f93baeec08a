"""What a face's side bar shows: groups of places, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """
    One link of the side bar. `count` is shown beside it unless it is zero; `key` names it for live parts of a page that
    bring a new one.
    """

    word: str
    url: str
    icon: str
    is_here: bool = False
    count: int = 0
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Links under one heading; no heading for the first ones."""

    places: Sequence[Place]
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """One step of the way to a page; the page itself has no address."""

    word: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab: a link with its count, which may be words such as `10,000+`."""

    word: str
    url: str
    count: str = ""
    is_here: bool = False
    tone: str = ""
