"""An article out of its file: front matter, parts, and what a reader gets of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from onhook.knowledge import markers
from onhook.knowledge.markers import Part, Refused

_FENCE = "---"
_KEYS = ("title", "summary", "audience", "agents_part", "last_checked", "comments")


class Reader(StrEnum):
    """Who reads: anybody, signed in or not, or the operator's staff."""

    ANYONE = "anyone"
    AGENT = "agent"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An article as one kind of reader gets it. Whatever shows, searches or hands out articles starts from this."""

    slug: str
    title: str
    summary: str
    last_checked: date
    is_open_for_comments: bool
    is_for_agents: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Article:
    """A checked article. Its text leaves it only through `shown_to`."""

    slug: str
    title: str
    summary: str
    is_for_agents: bool
    last_checked: date
    is_open_for_comments: bool
    _parts: tuple[Part, ...] = field(repr=False)

    def shown_to(self, reader: Reader) -> Shown | None:
        """Return what this reader may read; None where the whole article is not for them."""
        is_agent = reader is Reader.AGENT
        if self.is_for_agents and not is_agent:
            return None
        return Shown(
            slug=self.slug,
            title=self.title,
            summary=self.summary,
            last_checked=self.last_checked,
            is_open_for_comments=self.is_open_for_comments,
            is_for_agents=self.is_for_agents,
            parts=tuple(part for part in self._parts if is_agent or not part.is_for_agents),
        )


def read(text: str, *, slug: str) -> Article:
    """
    Return the article of a file's text.

    :raises Refused: front matter or markers are not as they should be; nothing of it may be published.
    """
    said, body = _front_matter(text)
    is_for_agents = _choice(said, "audience", {"everyone": False, "agents": True})
    has_agents_part = _choice(said, "agents_part", {"yes": True, "no": False})
    if is_for_agents and has_agents_part:
        raise Refused("An article for agents has no agents' part: all of it is theirs.")
    parts = markers.cut(body, has_agents_part=has_agents_part)
    if not is_for_agents:
        open_text = "\n".join(
            [said["title"], said["summary"], *(part.text for part in parts if not part.is_for_agents)]
        )
        markers.refuse_agents_words(open_text)
    try:
        last_checked = date.fromisoformat(said["last_checked"])
    except ValueError:
        raise Refused("`last_checked` is not a date such as 2026-11-22.") from None
    return Article(
        slug=slug,
        title=said["title"],
        summary=said["summary"],
        is_for_agents=is_for_agents,
        last_checked=last_checked,
        is_open_for_comments=_choice(said, "comments", {"open": True, "closed": False}),
        _parts=tuple(parts),
    )


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    lines = text.splitlines()
    if not lines or lines[0] != _FENCE or _FENCE not in lines[1:]:
        raise Refused(f"The file does not begin with front matter between two lines {_FENCE!r}.")
    end = lines.index(_FENCE, 1)
    said: dict[str, str] = {}
    for line in lines[1:end]:
        key, colon, value = line.partition(":")
        if not colon or key not in _KEYS or key in said or not value.strip():
            raise Refused(
                f"The front matter's line {line!r} is not one of {', '.join(_KEYS)}, each once, with a value."
            )
        said[key] = value.strip()
    if missing := [key for key in _KEYS if key not in said]:
        raise Refused(f"The front matter lacks {', '.join(missing)}.")
    return said, "\n".join(lines[end + 1 :])


def _choice(said: dict[str, str], key: str, allowed: dict[str, bool]) -> bool:
    if said[key] not in allowed:
        raise Refused(f"`{key}` is {said[key]!r}; it is one of {', '.join(allowed)}.")
    return allowed[said[key]]
