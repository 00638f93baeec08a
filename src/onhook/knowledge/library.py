"""All articles of a folder. What cannot be read safely is refused, and the rest is still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import structlog

from onhook.knowledge import articles
from onhook.knowledge.articles import Article, Reader, Shown
from onhook.knowledge.markers import Refused

log = structlog.get_logger()


@dataclass(frozen=True)
class Library:
    """The published articles by slug, and why the others are not."""

    refused: Mapping[str, str]
    _articles: Mapping[str, Article] = field(repr=False)

    def shelf(self, reader: Reader) -> list[Shown]:
        """Return all that this reader may read, by title."""
        shown = (article.shown_to(reader) for article in self._articles.values())
        return sorted((article for article in shown if article is not None), key=lambda article: article.title)

    def find(self, slug: str, reader: Reader) -> Shown | None:
        """Return one article for this reader; one that is not theirs and one that is not there look the same."""
        article = self._articles.get(slug)
        return article.shown_to(reader) if article else None


@lru_cache(maxsize=8)
def load(folder: Path) -> Library:
    """Read every `*.md` file of the folder, once per process."""
    published: dict[str, Article] = {}
    refused: dict[str, str] = {}
    for file in sorted(folder.glob("*.md")):
        try:
            published[file.stem] = articles.read(file.read_text(encoding="utf-8"), slug=file.stem)
        except (Refused, UnicodeDecodeError) as problem:
            refused[file.stem] = str(problem)
            log.warning("an article is refused and not published", article=file.stem, problem=str(problem))
    return Library(refused, published)
