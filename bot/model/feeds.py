"""Feed, Fetched, Entry: from a publisher to what it wrote."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.base import Origin
from bot.model.rules import ChannelRef


class Fulltext(enum.StrEnum):
    """Whether the article page is fetched for what the feed leaves out."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Tier(enum.StrEnum):
    """What kind of publisher a feed is."""

    OFFICIAL = "official"
    WIRE = "wire"
    NEWS = "news"
    ANALYSIS = "analysis"
    BLOG = "blog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source that is polled.

    `interval` overrides the adaptive schedule where it is given. One that was added in chat belongs
    to its `workspace`, whose people alone may change it; what it brings is there for all rules.
    `report_to` is the channel it was added in, which hears of its troubles.
    """

    id: str
    url: str
    title: str
    tier: Tier = Tier.NEWS
    fulltext: Fulltext = Fulltext.AUTO
    interval: timedelta | None = None
    language: str | None = None
    paused: bool = False
    origin: Origin = Origin.YAML
    workspace: str = ""
    report_to: ChannelRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What Redline remembers of a feed between polls.

    `etag`, `last_modified` and `body_hash` are those of the last body whose entries were stored,
    never of one that was only fetched. `moved_to` is a permanent redirect under observation since
    `moved_since`; it is adopted as `address` only after a week of good answers.
    `interval_seconds` is the interval that the last body showed to be right, for the polls that
    bring none.
    """

    feed_id: str
    address: str
    next_poll_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    baseline_done: bool = False
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    last_error: str | None = None
    moved_to: str | None = None
    moved_since: datetime | None = None
    interval_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The bytes of one poll or page. `max_age` is what the publisher asked for.

    `moved_to` is the last address of a chain of redirects that were all permanent.
    """

    url: str
    final_url: str
    status: int
    content_type: str
    body: bytes
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The publisher says that nothing changed since the validators we sent."""

    url: str
    fetched_at: datetime
    max_age: timedelta | None = None
    moved_to: str | None = None


class FetchTrouble(enum.StrEnum):
    """Why a fetch brought no body."""

    REFUSED_ADDRESS = "refused address"
    BAD_URL = "bad url"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TOO_LARGE = "too large"
    REDIRECTS = "redirects"
    RATE_LIMITED = "rate limited"
    STATUS = "status"
    BROKEN = "broken answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailure:
    """A fetch that brought no body, as a value: one bad feed never stops the others."""

    url: str
    trouble: FetchTrouble
    why: str
    fetched_at: datetime
    status: int | None = None
    retry_after: timedelta | None = None


FetchResult = Fetched | NotModified | FetchFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as its publisher wrote it. Dates are hints and may be missing or wrong.

    `summary` and `content` are HTML as it came; `content` is the fuller of the two where the feed
    has both.
    """

    guid: str | None
    link: str | None
    title: str
    summary: str = ""
    content: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None

    @property
    def date(self) -> datetime | None:
        """When it was published; where only a change is dated, as Atom allows, when it changed."""
        return self.published_at or self.updated_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What a feed's bytes hold.

    `skipped` counts entries that could not be read, `left_out` those beyond the most that are taken
    from one feed. `ttl` is how long the publisher says that nothing will change.
    """

    title: str
    link: str | None
    entries: tuple[Entry, ...]
    ttl: timedelta | None = None
    language: str | None = None
    skipped: int = 0
    left_out: int = 0
    parser: str = ""
