"""From Markdown to HTML that is safe to show, and to plain text. Steps of a run are marked `{step:name}`."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin

from onhook.knowledge.articles import Shown
from onhook.knowledge.markers import Part

_STEP = re.compile(r"\{step:([a-z_]+)\}")
_TAGS = {"p", "h2", "h3", "ul", "ol", "li", "strong", "em", "code", "pre", "a", "blockquote", "hr", "br"} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
_ATTRIBUTES = {"a": {"href", "title"}, "h2": {"id"}, "h3": {"id"}, "ol": {"start"}}


@dataclass(frozen=True)
class Piece:
    """HTML up to a place where the state of `step` belongs; the last piece has no step."""

    html: str
    step: str


@dataclass(frozen=True)
class Section:
    """A rendered part."""

    is_for_agents: bool
    pieces: tuple[Piece, ...]


def sections(article: Shown) -> list[Section]:
    """Return the parts that this reader gets, rendered."""
    return [Section(part.is_for_agents, _pieces(_rendered(part))) for part in article.parts]


def plain_text(article: Shown) -> str:
    """Return the words alone, for search and feeds."""
    words = (nh3.clean(_STEP.sub("", _rendered(part)), tags=set()) for part in article.parts)
    return " ".join(html.unescape(" ".join(words)).split())


def steps_named(article: Shown) -> list[str]:
    """Return the steps that the article names, in order."""
    return [name for part in article.parts for name in _STEP.findall(part.text)]


@lru_cache(maxsize=512)
def _rendered(part: Part) -> str:
    drawn = _markdown().render(part.text)
    return nh3.clean(drawn, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"https", "mailto"}, link_rel=None)


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").use(anchors_plugin, max_level=3)


def _pieces(drawn: str) -> tuple[Piece, ...]:
    parts = _STEP.split(drawn)
    return tuple(Piece(text, step) for text, step in zip(parts[::2], [*parts[1::2], ""], strict=True))
