"""The tables. Migrations make them; a test keeps the two the same.

The unique keys are what makes every write safe to repeat: an alias names one article, an article
has one text a version, a rule matches a version once, and an alert's id is its key on the platform.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from bot.model import (
    Alert,
    Article,
    Card,
    Change,
    Draft,
    Errand,
    Match,
    MessageRef,
    Story,
    Thing,
)
from bot.ports import Look
from bot.store.columns import Instant, Payload

metadata = MetaData()

feeds = Table(
    "feeds",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("polled", Boolean, nullable=False),
    Column("address", Text, nullable=False),
    Column("next_poll_at", Instant, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    Column("baseline_done", Boolean, nullable=False),
    Column("last_polled_at", Instant),
    Column("last_success_at", Instant),
    Column("last_new_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("last_error", Text),
    Column("moved_to", Text),
    Column("moved_since", Instant),
    Column("interval_seconds", Integer),
    Index("feeds_due", "polled", "next_poll_at", "feed_id"),
)

articles = Table(
    "articles",
    metadata,
    Column("article_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("published_at", Instant, nullable=False),
    Column("document", Payload(Article, "an article"), nullable=False),
)

aliases = Table(
    "aliases",
    metadata,
    Column("alias", Text, primary_key=True),
    Column("article_id", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
)

stories = Table(
    "stories",
    metadata,
    Column("story_id", Text, primary_key=True),
    Column("updated_at", Instant, nullable=False),
    Column("document", Payload(Story, "a story"), nullable=False),
)

story_articles = Table(
    "story_articles",
    metadata,
    Column("article_id", Text, primary_key=True),
    Column("story_id", Text, ForeignKey("stories.story_id"), nullable=False),
)

matches = Table(
    "matches",
    metadata,
    Column("article_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("document", Payload(Match, "a match"), nullable=False),
    Column("sentences", Payload(tuple[str, ...], "matched sentences"), nullable=False),
    ForeignKeyConstraint(["article_id", "version"], ["articles.article_id", "articles.version"]),
)

shelf = Table(
    "shelf",
    metadata,
    Column(
        "place",
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("article_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("newest", Boolean, nullable=False),
    Index("shelf_article", "article_id", "version", unique=True),
)
"""Every version of an article, in the order of time; `newest` marks one of each article."""

matched_places = Table(
    "matched_places",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("place", BigInteger, primary_key=True),
)
"""By rule, the places of the newest versions of the articles that it matched in any version."""

search_backlog = Table(
    "search_backlog",
    metadata,
    Column("article_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
)
"""What a migration left to be indexed."""

looks = Table(
    "looks",
    metadata,
    Column("look_id", Text, primary_key=True),
    Column("asked_at", Instant, nullable=False),
    Column("document", Payload(Look, "a look-up"), nullable=False),
    Index("looks_age", "asked_at"),
)

things = Table(
    "things",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
    Column("document", Payload(Thing, "a rule, feed or mute of chat"), nullable=False),
    Index("things_order", "number"),
    Index("things_until", "kind", "until"),
)
"""The rules, feeds and mutes of chat as they stand, numbered in the order of their addition."""

changes = Table(
    "changes",
    metadata,
    Column("change_id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("number", Integer, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("document", Payload(Change, "a line of the audit trail"), nullable=False),
    Index("changes_at", "at", "number"),
    Index("changes_workspace", "workspace", "at", "number"),
    Index("changes_subject", "workspace", "subject", "at", "number"),
)
"""The audit trail; `number` counts the lines of one time."""

feedback = Table(
    "feedback",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("opinion", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

rated_rules = Table(
    "rated_rules",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("alert_id", Text, primary_key=True),
)
"""By rule, the alerts naming it on which somebody gave an opinion."""

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", Text, primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("document", Payload(Draft, "a draft"), nullable=False),
    Index("drafts_age", "made_at"),
)

errands = Table(
    "errands",
    metadata,
    Column("errand_id", Text, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("answered", Boolean, nullable=False),
    Column("document", Payload(Errand, "an errand"), nullable=False),
    Index("errands_age", "taken_at"),
)

bursts = Table(
    "bursts",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("entries", Integer, nullable=False),
)
"""How many new entries each poll brought that brought any."""

holds = Table(
    "holds",
    metadata,
    Column("hold_id", Text, primary_key=True),
    Column("feed_id", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("flood", Text, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("change_id", Text),
    Index("holds_feed", "feed_id", "held_at"),
    Index("holds_open", "change_id", "held_at"),
)
"""Floods that are held, and the line of the audit trail that ended each; NULL while it is open."""

channels = Table(
    "channels",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("fence", Integer, nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("next_send_at", Instant, nullable=False),
    Column("parked_code", Text),
    Column("parked_advice", Text),
    Column("parked_since", Instant),
)

platforms = Table(
    "platforms",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("paused_until", Instant, nullable=False),
    Column("shut_code", Text),
    Column("shut_advice", Text),
    Column("shut_since", Instant),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("story_id", Text, nullable=False),
    Column("article_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("reply_to", Text),
    Column("document", Payload(Alert, "an alert"), nullable=False),
    Column("card", Payload(Card, "a card")),
    Column("gathered_into", Text),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fence", Integer),
    Column("intended_at", Instant),
    Column("look_at", Instant),
    Column("looks", Integer, nullable=False),
    Column("plain", Boolean, nullable=False),
    Column("message", Payload(MessageRef, "a message")),
    Column("why", Text, nullable=False),
    ForeignKeyConstraint(["platform", "channel"], ["channels.platform", "channels.channel"]),
    Index("alerts_lane", "platform", "channel", "state", "turn", "decided_at", "alert_id"),
    Index("alerts_state", "state", "decided_at"),
    Index("alerts_look", "platform", "channel", "state", "look_at"),
    Index("alerts_story", "story_id"),
)
"""`turn` is 0 for critical alerts, 1 for others: they leave in the order turn, decided_at, id."""

restores = Table("restores", metadata, Column("as_of", Instant, primary_key=True))
"""The last time that a restored backup knew; one row at most."""
