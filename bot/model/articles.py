"""Article: one item as we trust it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.base import Span
from bot.model.feeds import Tier


class TextFrom(enum.StrEnum):
    """Where an article's text was read."""

    FEED = "feed"
    PAGE = "page"
    TEASER = "teaser"


class DateFlag(enum.StrEnum):
    """How far an article's date can be trusted."""

    GIVEN = "given"
    MISSING = "missing"
    FUTURE = "future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who published an article. `domain` is the registrable domain of its address."""

    feed_id: str
    name: str
    domain: str
    tier: Tier = Tier.NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The clean text of one article, before it is known which article it is.

    `sentences` are spans in `text`. `update_notice` says that the publisher announced a change
    ("This story has been updated"); the notice itself is not part of the text. `trouble` says why
    the page could not be read where the text is only a teaser. `published_at` is what the page says
    of itself, for entries without a date.
    """

    title: str
    text: str
    sentences: tuple[Span, ...]
    text_from: TextFrom
    language: str | None = None
    update_notice: bool = False
    trouble: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One item as we trust it.

    `id` never changes; `version` counts the texts we have seen of it, from 1. `url` is canonical
    and serves identity, `link` is the publisher's and serves the reader.
    """

    id: str
    version: int
    url: str
    link: str
    source: Source
    title: str
    text: str
    sentences: tuple[Span, ...]
    published_at: datetime
    fetched_at: datetime
    date_flag: DateFlag = DateFlag.GIVEN
    text_from: TextFrom = TextFrom.FEED
    language: str | None = None
    update_notice: bool = False
    trouble: str | None = None
