"""
Cut a text into what everybody reads and what only agents read, before anything else happens to it.

A lost or mistyped marker would show the agents' part to customers. So whatever only looks like a marker is refused, and
so is a text for everybody with words that belong to the agents' part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

OPEN, CLOSE = "::: agents", ":::"
# Systems and terms that customers have no use for: where one stands outside the agents' part, a marker was lost.
AGENTS_WORDS = (
    "passwordstate",
    "salesforce",
    "csu",
    "soc code",
    "ecom2checkout",
    "ckswdirect",
    "admin panel",
    "coid 1",
)

_LIKE_A_MARKER = re.compile(r"^[\s>*+\-\d.]*[:\uff1a\ufe55]{2,}|:::", re.MULTILINE)
_FOREIGN_MARKER = re.compile(r"</?\s*support[\s_-]*agents?\b|\bsupportagent\b", re.IGNORECASE)


class Refused(Exception):
    """The article is not published; the message says where and why."""


@dataclass(frozen=True)
class Part:
    """A stretch of Markdown for one kind of reader."""

    text: str
    is_for_agents: bool


def cut(text: str, *, has_agents_part: bool) -> list[Part]:
    """
    Return the parts of `text` in order.

    :param has_agents_part: what the front matter says; the markers have to agree with it.
    :raises Refused: a marker is missing, unbalanced, nested, or not written as it should be.
    """
    parts: list[Part] = []
    lines: list[str] = []
    is_inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line not in (OPEN, CLOSE):
            _refuse_lookalike(line, number)
            lines.append(line)
            continue
        if (line == OPEN) is is_inside:
            problem = "opens an agents' part inside another" if is_inside else "closes an agents' part that is not open"
            raise Refused(f"Line {number} {problem}.")
        parts.append(Part("\n".join(lines), is_inside))
        lines, is_inside = [], not is_inside
    if is_inside:
        raise Refused(f"The last {OPEN!r} is not closed by a line {CLOSE!r}.")
    parts.append(Part("\n".join(lines), is_for_agents=False))
    parts = [part for part in parts if part.text.strip()]
    if has_agents_part is not any(part.is_for_agents for part in parts):
        said, found = ("an", "none") if has_agents_part else ("no", "one")
        raise Refused(f"The front matter says that there is {said} agents' part, the markers show {found}.")
    return parts


def _refuse_lookalike(line: str, number: int) -> None:
    if _LIKE_A_MARKER.search(line) or _FOREIGN_MARKER.search(line):
        raise Refused(f"Line {number} looks like a marker and is none: write {OPEN!r} or {CLOSE!r}, at its very start.")


def refuse_agents_words(text: str) -> None:
    """
    Hold a text for everybody against the words of the agents' part.

    :raises Refused: one of them is in it.
    """
    folded = " ".join(text.casefold().split())
    for word in AGENTS_WORDS:
        if re.search(rf"(?<![a-z0-9]){re.escape(word)}", folded):
            raise Refused(f"{word!r} stands in the part for everybody. Is a marker missing?")
