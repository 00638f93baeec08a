"""Search articles with PostgreSQL's full text. It gets only what the reader may read, so it cannot find the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from onhook.knowledge import rendering
from onhook.knowledge.articles import Shown

# The articles are few and come out of files: they are searched as they are, so that no index can lag or leak.
_SEARCH = """
    SELECT slug, ts_headline('english', body, wanted, 'MaxWords=24, MinWords=12, StartSel="", StopSel=""')
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS article(slug, title, body),
         websearch_to_tsquery('english', %s) AS wanted,
         LATERAL (SELECT setweight(to_tsvector('english', title), 'A') || to_tsvector('english', body) AS words) AS read
    WHERE words @@ wanted
    ORDER BY ts_rank_cd(words, wanted) DESC, title
"""
MOST_LETTERS = 200


@dataclass(frozen=True)
class Hit:
    """An article that fits, with the words around the place."""

    article: Shown
    excerpt: str


def search(shelf: Sequence[Shown], *, text: str) -> list[Hit]:
    """Return the articles of this shelf that fit `text`, best first."""
    wanted = text.replace("\0", " ").strip()[:MOST_LETTERS]
    if not wanted or not shelf:
        return []
    by_slug = {article.slug: article for article in shelf}
    bodies = [rendering.plain_text(article) for article in shelf]
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, [list(by_slug), [article.title for article in shelf], bodies, wanted])
        return [Hit(by_slug[slug], excerpt) for slug, excerpt in cursor.fetchall()]
