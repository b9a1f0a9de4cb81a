"""Articles, stories and matches in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, func, select

from bot.model import Article, Match, Story, matched_sentences
from bot.ports import Known, PollRecord, Remembered
from bot.store.schema import aliases, articles, matches, stories, story_articles
from bot.store.tellings import unknown_article
from bot.store.upsert import insert_once, upsert

T = TypeVar("T")

AT_ONCE = 500
"""How many names are asked for in one query; SQLite takes 32,766, and plans long lists slowly."""


def in_parts(names: Sequence[T]) -> list[Sequence[T]]:
    """Return the names in parts that a query takes well."""
    return [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]


def save(connection: Connection, record: PollRecord) -> None:
    """Remember the articles, matches and stories of a poll."""
    _save_articles(connection, record.articles)
    rows = [_match_row(connection, match, record) for match in record.matches]
    insert_once(connection, matches, rows)
    _save_stories(connection, record.stories)


def _save_articles(connection: Connection, remembered: Sequence[Remembered]) -> None:
    rows = [
        {
            "article_id": one.article.id,
            "version": one.article.version,
            "published_at": one.article.published_at,
            "document": one.article,
        }
        for one in remembered
    ]
    insert_once(connection, articles, rows)
    names = {alias: one for one in remembered for alias in one.aliases}
    rows = [
        {"alias": alias, "article_id": one.article.id, "content_hash": one.content_hash}
        for alias, one in names.items()
    ]
    upsert(connection, aliases, rows)


def _save_stories(connection: Connection, told: Sequence[Story]) -> None:
    rows = [
        {"story_id": story.id, "updated_at": story.updated_at, "document": story} for story in told
    ]
    upsert(connection, stories, rows)
    holders = {article_id: story.id for story in told for article_id in story.article_ids}
    members = [
        {"article_id": article_id, "story_id": story_id} for article_id, story_id in holders.items()
    ]
    upsert(connection, story_articles, members)


def _match_row(connection: Connection, match: Match, record: PollRecord) -> dict[str, Any]:
    return {
        "article_id": match.article_id,
        "version": match.version,
        "rule": match.rule,
        "document": match,
        "sentences": matched_sentences(_matched(connection, match, record), [match]),
    }


def _matched(connection: Connection, match: Match, record: PollRecord) -> Article:
    """Return the article of a match: the one in the record, or the one remembered before."""
    key = (match.article_id, match.version)
    for one in record.articles:
        if (one.article.id, one.article.version) == key:
            return one.article
    wanted = select(articles.c.document).where(
        articles.c.article_id == match.article_id, articles.c.version == match.version
    )
    found: Article | None = connection.scalar(wanted)
    if found is None:
        raise unknown_article(match)
    return found


def known(connection: Connection, names: Sequence[str]) -> dict[str, Known]:
    """Return what is known of the given aliases."""
    found = {}
    for part in in_parts(names):
        found.update(_known(connection, part))
    return {name: found[name] for name in names if name in found}


def _known(connection: Connection, names: Sequence[str]) -> dict[str, Known]:
    newest = (
        select(func.max(articles.c.version))
        .where(articles.c.article_id == aliases.c.article_id)
        .correlate(aliases)
        .scalar_subquery()
    )
    wanted = (
        select(
            aliases.c.alias,
            articles.c.article_id,
            articles.c.version,
            aliases.c.content_hash,
            func.coalesce(story_articles.c.story_id, articles.c.article_id).label("story_id"),
        )
        .join(
            articles,
            and_(articles.c.article_id == aliases.c.article_id, articles.c.version == newest),
        )
        .outerjoin(story_articles, story_articles.c.article_id == aliases.c.article_id)
        .where(aliases.c.alias.in_(names))
    )
    return {
        row.alias: Known(
            article_id=row.article_id,
            version=row.version,
            content_hash=row.content_hash,
            story_id=row.story_id,
        )
        for row in connection.execute(wanted)
    }


def read_stories(connection: Connection, story_ids: Sequence[str]) -> Mapping[str, Story]:
    """Return the stories that are remembered."""
    found = {}
    for part in in_parts(story_ids):
        wanted = select(stories.c.story_id, stories.c.document).where(stories.c.story_id.in_(part))
        found.update({row.story_id: row.document for row in connection.execute(wanted)})
    return {story_id: found[story_id] for story_id in story_ids if story_id in found}


def newest(connection: Connection, article_id: str) -> Article | None:
    """Return the newest version of an article."""
    wanted = (
        select(articles.c.document)
        .where(articles.c.article_id == article_id)
        .order_by(articles.c.version.desc())
        .limit(1)
    )
    found: Article | None = connection.scalar(wanted)
    return found
