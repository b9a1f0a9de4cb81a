"""What the commands look up besides words: stories, counts by rule, and look-ups under way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, and_, delete, func, select

from bot.model import Alert, AlertState, Article, Story
from bot.ports import Look, RuleDay
from bot.store.articles import in_parts
from bot.store.places import A_DAY, day_of, second_of
from bot.store.protocol import EPOCH, KEEP_LOOKS
from bot.store.schema import (
    alerts,
    articles,
    looks,
    matched_places,
    shelf,
    stories,
    story_articles,
)
from bot.store.tallies import rule_days
from bot.store.upsert import upsert


def story_articles_of(connection: Connection, story_id: str) -> tuple[Article, ...]:
    """Return the articles of a story, first reporter first."""
    story: Story | None = connection.scalar(
        select(stories.c.document).where(stories.c.story_id == story_id)
    )
    names = story.article_ids if story else ()
    found = _newest(connection, names)
    return tuple(found[name] for name in names if name in found)


def _newest(connection: Connection, article_ids: Sequence[str]) -> dict[str, Article]:
    found = {}
    for part in in_parts(article_ids):
        wanted = (
            select(articles.c.article_id, articles.c.document)
            .where(articles.c.article_id.in_(part))
            .order_by(articles.c.article_id, articles.c.version)
        )
        found.update({row.article_id: row.document for row in connection.execute(wanted)})
    return found


def stories_of(connection: Connection, article_ids: Sequence[str]) -> Mapping[str, Story]:
    """Return the story of each article, by the article's id."""
    found = {}
    for part in in_parts(article_ids):
        wanted = (
            select(story_articles.c.article_id, stories.c.document)
            .join(stories, stories.c.story_id == story_articles.c.story_id)
            .where(story_articles.c.article_id.in_(part))
        )
        found.update({row.article_id: row.document for row in connection.execute(wanted)})
    return {name: found[name] for name in article_ids if name in found}


def rule_counts(connection: Connection, since: datetime) -> tuple[RuleDay, ...]:
    """Return what each rule brought from `since` on, by rule and day."""
    begin = max(since, EPOCH)
    return rule_days(_matches_since(connection, begin), _alerts_since(connection, begin))


def _matches_since(connection: Connection, since: datetime) -> Mapping[tuple[str, date], int]:
    # Whole numbers are divided without a rest in both databases.
    day = (matched_places.c.place.op("/")(A_DAY)).label("day")
    wanted = (
        select(matched_places.c.rule, day, func.count().label("number"))
        .join(shelf, and_(shelf.c.place == matched_places.c.place, shelf.c.newest))
        .where(matched_places.c.place >= second_of(since))
        .group_by(matched_places.c.rule, day)
    )
    return {(row.rule, day_of(row.day)): row.number for row in connection.execute(wanted)}


def _alerts_since(connection: Connection, since: datetime) -> Iterable[Alert]:
    loud = [state for state in AlertState if state is not AlertState.QUIET]
    wanted = select(alerts.c.document).where(alerts.c.state.in_(loud), alerts.c.decided_at >= since)
    return [row.document for row in connection.execute(wanted)]


def keep_look(connection: Connection, look: Look) -> None:
    """Keep a look-up, and forget those that are too old."""
    connection.execute(delete(looks).where(looks.c.asked_at < look.asked_at - KEEP_LOOKS))
    upsert(connection, looks, [{"look_id": look.id, "asked_at": look.asked_at, "document": look}])


def look(connection: Connection, look_id: str) -> Look | None:
    """Return a look-up that was kept."""
    found: Look | None = connection.scalar(
        select(looks.c.document).where(looks.c.look_id == look_id)
    )
    return found
