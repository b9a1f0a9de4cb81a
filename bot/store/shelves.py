"""The shelf in the database: where articles stand, which rules matched them, what waits for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, tuple_, update

from bot.model import Article
from bot.ports import PollRecord, Remembered
from bot.store import search
from bot.store.articles import in_parts
from bot.store.places import free_place
from bot.store.schema import articles, matched_places, matches, search_backlog, shelf
from bot.store.upsert import insert_from
from bot.store.words import Fold, indexed

BATCH = 50
"""How many articles of the backlog are indexed in one transaction, so that polls do not wait."""


# Building these costs more than running them, and every article runs them.
_outdate = update(shelf).where(shelf.c.article_id == bindparam("of_article")).values(newest=False)
_put = insert(shelf)
_last = select(func.max(shelf.c.place)).where(
    shelf.c.place >= bindparam("first"), shelf.c.place < bindparam("end")
)


def save(connection: Connection, record: PollRecord, fold: Fold) -> None:
    """Make what a poll brought findable, once it is saved."""
    shelve(connection, record.articles, fold)
    touched = [one.article.id for one in record.articles]
    note_matches(connection, {*touched, *(match.article_id for match in record.matches)})


def shelve(connection: Connection, remembered: Sequence[Remembered], fold: Fold) -> None:
    """Give every version that is new its place, and index its words."""
    versions = _versions(connection, [one.article.id for one in remembered])
    texts: dict[int, str] = {}
    for one in remembered:
        known = versions.setdefault(one.article.id, set())
        if one.article.version not in known:
            place = _stand(connection, one.article, known)
            known.add(one.article.version)
            texts[place] = indexed(one, fold)
    search.index(connection, texts)


def _versions(connection: Connection, article_ids: Sequence[str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for part in in_parts(article_ids):
        wanted = select(shelf.c.article_id, shelf.c.version).where(shelf.c.article_id.in_(part))
        for row in connection.execute(wanted):
            found.setdefault(row.article_id, set()).add(row.version)
    return found


def _stand(connection: Connection, article: Article, known: Collection[int]) -> int:
    """Put an article on the shelf, beside its known versions, and return its place."""
    place = free_place(article.published_at, partial(_last_between, connection))
    newest = article.version > max(known, default=0)
    if known and newest:
        connection.execute(_outdate, {"of_article": article.id})
    row = {"place": place, "article_id": article.id, "version": article.version, "newest": newest}
    connection.execute(_put, row)
    return place


def _last_between(connection: Connection, first: int, end: int) -> int | None:
    last: int | None = connection.scalar(_last, {"first": first, "end": end})
    return last


def note_matches(connection: Connection, article_ids: Collection[str]) -> None:
    """Note at the newest place of each article which rules ever matched it."""
    for part in in_parts(list(article_ids)):
        stood = (
            select(matches.c.rule, shelf.c.place)
            .join(shelf, and_(shelf.c.article_id == matches.c.article_id, shelf.c.newest))
            .where(matches.c.article_id.in_(part))
            .distinct()
        )
        insert_from(connection, matched_places, stood)


def has_backlog(connection: Connection) -> bool:
    """Say whether a migration left articles that are still to be indexed."""
    return connection.scalar(select(search_backlog.c.article_id).limit(1)) is not None


def catch_up(connection: Connection, fold: Fold) -> bool:
    """Index a few articles of the backlog; say whether more of them wait."""
    key = (search_backlog.c.article_id, search_backlog.c.version)
    waiting = [tuple(row) for row in connection.execute(select(*key).limit(BATCH))]
    wanted = select(articles.c.document).where(
        tuple_(articles.c.article_id, articles.c.version).in_(waiting)
    )
    found = [row.document for row in connection.execute(wanted)]
    shelve(connection, [_again(article) for article in found], fold)
    note_matches(connection, {article.id for article in found})
    connection.execute(delete(search_backlog).where(tuple_(*key).in_(waiting)))
    return has_backlog(connection)


def _again(article: Article) -> Remembered:
    return Remembered(article=article, aliases=(), content_hash="")
