"""The index of words, and the articles it finds. The one place that knows a database's own search.

On SQLite the index is FTS5 (https://sqlite.org/fts5.html) with the place of an article as its row
number, so that it walks the hits newest first and stops after a page. Versions that are no longer
the newest stay in the index, which cannot forget without being told their text, and are left out
by the shelf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, column, insert, select, table, text

from bot.ports import Candidates, SearchQuery
from bot.store.columns import AnyRow
from bot.store.places import page, read_cursor, second_of
from bot.store.schema import articles, matched_places, shelf
from bot.store.words import Clauses, Phrase, clauses_of

FIRST, END = -(2**62), 2**62
"""No article stands before or behind these places."""

_words = table("article_words", column("rowid"), column("words"))

# CROSS JOIN has SQLite look at the tables in this order: the index first, which is in the order of
# time already (https://sqlite.org/lang_select.html, "Special handling of CROSS JOIN").
_BY_WORDS = text("""
    SELECT shelf.place, articles.document
    FROM article_words CROSS JOIN shelf CROSS JOIN articles
    WHERE article_words MATCH :words
    AND article_words.rowid >= :first AND article_words.rowid < :end
    AND shelf.place = article_words.rowid AND shelf.newest
    AND articles.article_id = shelf.article_id AND articles.version = shelf.version
    ORDER BY article_words.rowid DESC LIMIT :limit
""").columns(document=articles.c.document.type)
_BY_WORDS_AND_RULE = text("""
    SELECT shelf.place, articles.document
    FROM article_words CROSS JOIN matched_places CROSS JOIN shelf CROSS JOIN articles
    WHERE article_words MATCH :words
    AND article_words.rowid >= :first AND article_words.rowid < :end
    AND matched_places.rule = :rule AND matched_places.place = article_words.rowid
    AND shelf.place = article_words.rowid AND shelf.newest
    AND articles.article_id = shelf.article_id AND articles.version = shelf.version
    ORDER BY article_words.rowid DESC LIMIT :limit
""").columns(document=articles.c.document.type)

# The index knows its words in order. Each step leaps over all occurrences of a word to the next
# one: no word holds a space, and so the first that is not before "word " is another word.
_BEGINNING = text("""
    WITH RECURSIVE found(word) AS (
        SELECT (SELECT term FROM article_vocabulary WHERE term >= :first AND term < :end LIMIT 1)
        UNION ALL
        SELECT (
            SELECT term FROM article_vocabulary
            WHERE term >= found.word || ' ' AND term < :end LIMIT 1
        ) FROM found WHERE found.word IS NOT NULL
    )
    SELECT word FROM found WHERE word IS NOT NULL LIMIT :limit
""")
MOST_WORDS = 1000
"""As many words are looked for in place of a beginning; above that FTS5 does it in its own way."""


@dataclass(frozen=True, slots=True)
class _Window:
    """Which places to look at: a half-open range, and how many of them, the last ones first."""

    first: int
    end: int
    limit: int


def index(connection: Connection, texts: Mapping[int, str]) -> None:
    """Index texts by their place."""
    if texts:
        # Within a transaction the index wants its rows in order; it writes a part for each run.
        rows = [{"rowid": place, "words": texts[place]} for place in sorted(texts)]
        connection.execute(insert(_words), rows)


def search(connection: Connection, query: SearchQuery) -> Candidates:
    """Return the newest articles that may answer a query."""
    before = read_cursor(query.after)
    window = _Window(
        first=FIRST if query.since is None else second_of(query.since),
        end=END if before is None else before,
        limit=query.limit + 1,
    )
    clauses = clauses_of(query)
    if clauses is None or query.limit < 1:
        return Candidates(articles=())
    found = _find(connection, clauses, query.rule, window)
    return page(((row.place, row.document) for row in found), query.limit)


def _find(
    connection: Connection, clauses: Clauses, rule: str | None, window: _Window
) -> Sequence[AnyRow]:
    if not clauses:
        return connection.execute(_newest(rule, window)).all()
    given = {"words": _match(connection, clauses), **asdict(window)}
    if rule is None:
        return connection.execute(_BY_WORDS, given).all()
    return connection.execute(_BY_WORDS_AND_RULE, {**given, "rule": rule}).all()


def _newest(rule: str | None, window: _Window) -> Select[Any]:
    place = shelf.c.place if rule is None else matched_places.c.place
    wanted = select(shelf.c.place, articles.c.document).join(
        articles,
        and_(articles.c.article_id == shelf.c.article_id, articles.c.version == shelf.c.version),
    )
    if rule is not None:
        wanted = wanted.join(matched_places, matched_places.c.place == shelf.c.place)
        wanted = wanted.where(matched_places.c.rule == rule)
    within = wanted.where(shelf.c.newest, place >= window.first, place < window.end)
    return within.order_by(place.desc()).limit(window.limit)


def _match(connection: Connection, clauses: Clauses) -> str:
    """Return the clauses as FTS5 reads them; their words hold no character of its syntax."""
    spread = [[one for each in clause for one in _spread(connection, each)] for clause in clauses]
    return " AND ".join(f"({' OR '.join(map(_quoted, clause))})" for clause in spread)


def _spread(connection: Connection, phrase: Phrase) -> list[Phrase]:
    """Return the words that begin with the phrase, where it is the beginning of one.

    FTS5 answers a beginning by first gathering all its occurrences, a million of them for the sake
    of the newest fifty; words it walks and stops.
    """
    if not phrase.open or len(phrase.words) > 1:
        return [phrase]
    (first,) = phrase.words
    given = {"first": first, "end": f"{first}\U0010ffff", "limit": MOST_WORDS + 1}
    words = connection.execute(_BEGINNING, given).scalars().all()
    if len(words) > MOST_WORDS:
        return [phrase]
    return [Phrase((word,), open=False) for word in words or (first,)]


def _quoted(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{" *" if phrase.open else ""}'
