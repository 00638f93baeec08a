"""Search articles with PostgreSQL's full text. It gets only what the reader may read, so it cannot find the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from onhook.knowledge import rendering
from onhook.knowledge.articles import Shown

# The articles are few and come out of files: they are searched as they are, so that no index can lag or leak. Whoever
# asks in a whole sentence finds by any of its words what all of them together do not find.
_SEARCH = """
    WITH asked AS (
        SELECT websearch_to_tsquery('english', %(wanted)s) AS every_word,
               replace(plainto_tsquery('english', %(wanted)s)::text, '&', '|')::tsquery AS any_word
    ), article AS (
        SELECT slug, title, body, setweight(to_tsvector('english', title), 'A') || to_tsvector('english', body) AS words
        FROM unnest(%(slugs)s::text[], %(titles)s::text[], %(bodies)s::text[]) AS given(slug, title, body)
    ), hit AS (
        SELECT article.*, every_word AS wanted, 1 AS how FROM article, asked WHERE words @@ every_word
        UNION ALL
        SELECT article.*, any_word, 2 FROM article, asked WHERE words @@ any_word
    )
    SELECT slug, ts_headline('english', body, wanted, 'MaxWords=24, MinWords=12, StartSel="", StopSel=""')
    FROM hit
    WHERE how = (SELECT min(how) FROM hit)
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
        titles = [article.title for article in shelf]
        cursor.execute(_SEARCH, {"wanted": wanted, "slugs": list(by_slug), "titles": titles, "bodies": bodies})
        return [Hit(by_slug[slug], excerpt) for slug, excerpt in cursor.fetchall()]
