"""The memory of the service: what people look up in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.model import Article, ChannelRef, Order, Story
from bot.ports.store import AlertRecord, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """Which articles to look for.

    Of each clause at least one phrase must occur; phrases are pieces of folded text as the terms of
    rules name them, `" red line "` or, open at its end, `" sanction"`. A clause without phrases
    never holds; a phrase without words always does. `since` counts in whole seconds. `source` is a
    domain, a name or the id of a feed, `rule` the name of a rule that matched any version of the
    article. `after` is the cursor of the page before.
    """

    clauses: tuple[tuple[str, ...], ...] = ()
    since: datetime | None = None
    source: str | None = None
    rule: str | None = None
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Articles that may answer a search, newest first; `cursor` leads on, None at the end.

    Every article that answers is among them, each once, in its newest version. They are ordered by
    the second of their publication, those of one second last remembered first.
    """

    articles: tuple[Article, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDay:
    """What a rule brought on one day in UTC.

    `matches` counts the articles published that day that it matched; `alerts` the decisions of that
    day to tell a channel of them, at once or in a digest.
    """

    rule: str
    day: date
    matches: int
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look-up that a button leads on with: the order, and where its page begins."""

    id: str
    order: Order
    after: str | None
    asked_at: datetime


class Archive(Protocol):
    """What people look up."""

    async def tally(self) -> Tally:
        """Return how the service stands."""
        ...

    async def alert(self, alert_id: str) -> AlertRecord | None:
        """Return one alert with its card and matches."""
        ...

    async def dead(self, limit: int) -> Sequence[AlertRecord]:
        """Return the alerts that were given up, newest decision first, each with its `why`."""
        ...

    async def told_in(
        self, channel: ChannelRef, since: datetime, limit: int
    ) -> Sequence[AlertRecord]:
        """Return what was decided since then and posted to a channel, newest decision first.

        What was gathered into a digest is among it, and so is the digest once it is posted; so is
        what is held, since the message of its hold names it.
        """
        ...

    async def article(self, article_id: str) -> Article | None:
        """Return the newest version of an article."""
        ...

    async def search(self, query: SearchQuery) -> Candidates:
        """Return the newest articles that may answer `query`; no more than its limit.

        Raises:
            StoreError: the cursor is none that a search gave.
        """
        ...

    async def latest(self, rule: str | None, limit: int, after: str | None) -> Candidates:
        """Return the newest articles, or the newest that a rule matched; see `search`."""
        ...

    async def story_articles(self, story_id: str) -> Sequence[Article]:
        """Return the articles of a story, first reporter first; none of an unknown story."""
        ...

    async def stories_of(self, article_ids: Sequence[str]) -> Mapping[str, Story]:
        """Return the story of each article, by the article's id; those without are left out."""
        ...

    async def rule_counts(self, since: datetime) -> Sequence[RuleDay]:
        """Return what each rule brought from `since` on, by rule and day; empty days are left out.

        Days before 1970 are left out too.
        """
        ...

    async def keep_look(self, look: Look) -> None:
        """Keep a look-up for thirty days, for the buttons that lead on from it."""
        ...

    async def look(self, look_id: str) -> Look | None:
        """Return a look-up that was kept; None where it was not, or is long gone."""
        ...
