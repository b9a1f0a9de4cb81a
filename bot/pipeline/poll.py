"""One poll: fetch, parse, read, judge, lay out, remember."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.alerts.flood import Influx
from bot.articles.identity import Edition
from bot.cards import Telling, alert_card
from bot.errors import ParseError, SandboxError
from bot.feeds.parse import parse_feed
from bot.feeds.schedule import (
    USUAL,
    Brought,
    Pace,
    after_body,
    after_failure,
    after_nonsense,
    after_outage,
    after_unchanged,
    is_known,
)
from bot.feeds.weather import Weather
from bot.judge import Judge, Judgement, Past
from bot.model import (
    Alert,
    Card,
    Feed,
    FeedState,
    Fetched,
    FetchFailure,
    Fulltext,
    NotModified,
    ParsedFeed,
)
from bot.pipeline.floodgate import Floodgate
from bot.pipeline.newcomers import Arrival, Newcomer, influx_of, named, newcomers, renamed
from bot.pipeline.newcomers import arrival as arrival_of
from bot.pipeline.reader import Reader
from bot.ports import Clock, Fetcher, Owed, PollRecord, Remembered, Sandbox, Store, Wanted

FEED = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "*/*;q=0.5"
)
READ_AT_ONCE = 4
"""How many articles of one feed are read at the same time."""

PAGES = timedelta(minutes=2)
"""How long the pages of one poll may take; then what is left is read from the feed alone.

A site that hangs would otherwise hold up its own news, and a place of the poller, for hours.
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineParts:
    """What a poll works with. `jitter` draws a number in [0, 1) that spreads polls."""

    store: Store
    fetcher: Fetcher
    sandbox: Sandbox
    judge: Judge
    clock: Clock
    pace: Pace = USUAL
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a poll found in a feed's body. `unread` counts entries that could not be read at all."""

    influx: Influx
    arrivals: tuple[Arrival, ...]
    judgements: tuple[Judgement, ...]
    unread: int


class Pipeline:
    """Polls feeds, one call a poll."""

    def __init__(
        self, parts: PipelineParts, feeds: Mapping[str, Feed], owed: Callable[[], None]
    ) -> None:
        """Poll `feeds`, by id; call `owed` when a poll left something to send.

        The mapping may be live: a feed that is no longer in it is left alone.
        """
        self._parts = parts
        self._feeds = feeds
        self._owed = owed
        self._reader = Reader(parts.fetcher, parts.sandbox)
        self._floodgate = Floodgate(parts.store)
        self._weather = Weather()

    async def poll(self, state: FeedState) -> None:
        """Poll one feed and remember everything it brought in one transaction.

        A feed that was removed or changed meanwhile brought nothing: nobody asked for it any more,
        or the next poll asks anew.
        """
        feed = self._feeds.get(state.feed_id)
        if feed is None:
            return
        record = await self._polled(feed, state)
        if self._feeds.get(feed.id) != feed:
            log.info("feed changed while it was polled", feed=feed.id)
            return
        await self._parts.store.remember(record)
        if any(owed.card for owed in record.owed):
            self._owed()

    async def _polled(self, feed: Feed, state: FeedState) -> PollRecord:
        """Return what a poll brought."""
        result = await self._parts.fetcher.fetch(
            Wanted(
                url=state.address,
                accept=FEED,
                etag=state.etag,
                last_modified=state.last_modified,
            )
        )
        self._weather.note(state.address, result)
        match result:
            case Fetched():
                return await self._body(feed, state, result)
            case NotModified():
                return PollRecord(state=self._unchanged(state, feed, result))
            case FetchFailure():
                after = after_outage if self._weather.explains(result) else after_failure
                return self._failed(feed, after(state, result, self._jitter()))

    async def _body(self, feed: Feed, state: FeedState, fetched: Fetched) -> PollRecord:
        """Return the record of a poll that brought a body."""
        if is_known(state, fetched):
            return PollRecord(state=self._unchanged(state, feed, fetched))
        try:
            parsed = await self._parts.sandbox.run(
                parse_feed, fetched.body, fetched.content_type, fetched.final_url
            )
        except (ParseError, SandboxError) as error:
            nonsense = after_nonsense(state, fetched, error.problem, self._jitter())
            return self._failed(feed, nonsense)
        news = await self._news(feed, state, parsed)
        _tell_of(feed, parsed, news, baseline=not state.baseline_done)
        brought = Brought(fetched=fetched, parsed=parsed, found_new=bool(news.judgements))
        following = after_body(state, feed, brought, self._jitter(), self._parts.pace)
        following = _read_again(following) if news.unread else following
        return await self._record(following, feed, news, baseline=not state.baseline_done)

    async def _news(self, feed: Feed, state: FeedState, parsed: ParsedFeed) -> News:
        entries = named(parsed, feed)
        aliases = [alias for entry in entries for alias in entry.aliases]
        known = await self._parts.store.known(aliases)
        fresh = newcomers(entries, known, self._now())
        baseline = not state.baseline_done
        read = await self._read_all(fresh, feed, baseline=baseline)
        judged = await self._judge_all([one for one in read if one], baseline=baseline)
        arrivals = tuple(one for one, judgement in judged if judgement or not one.fresh)
        return News(
            influx=influx_of(entries, known, fresh),
            arrivals=arrivals,
            judgements=tuple(judgement for _, judgement in judged if judgement),
            unread=len(read) - len(arrivals),
        )

    async def _read_all(
        self, fresh: Sequence[Newcomer], feed: Feed, *, baseline: bool
    ) -> list[Arrival | None]:
        """Read entries, a few at a time. A baseline is remembered, not read page by page."""
        room = asyncio.Semaphore(READ_AT_ONCE)
        fulltext = Fulltext.NEVER if baseline else feed.fulltext
        until = self._now() + PAGES

        async def read(newcomer: Newcomer) -> Arrival | None:
            async with room:
                return await self._read(newcomer, feed, fulltext, hurry=self._now() > until)

        return await asyncio.gather(*(read(newcomer) for newcomer in fresh))

    async def _read(
        self, newcomer: Newcomer, feed: Feed, fulltext: Fulltext, *, hurry: bool
    ) -> Arrival | None:
        """Read one entry; None where that failed, and the next poll is to try again."""
        known = newcomer.known
        try:
            before = await self._parts.store.article(known.article_id) if known else None
            if before and newcomer.is_only_renamed:
                return renamed(newcomer, before)
            reading = await self._reader.read(newcomer.entry, fulltext, feed.language, hurry=hurry)
            edition = Edition(
                article_id=newcomer.article_id,
                version=known.version + 1 if known else 1,
                fetched_at=self._now(),
            )
            return arrival_of(newcomer, reading, before, feed, edition)
        except Exception:
            # One bad entry never stops its feed.
            log.exception("entry not read", feed=feed.id, link=newcomer.entry.link)
            return None

    async def _judge_all(
        self, arrivals: Sequence[Arrival], *, baseline: bool
    ) -> list[tuple[Arrival, Judgement | None]]:
        """Judge the fresh arrivals; None where there is nothing to judge, or where that failed."""
        known = [arrival.story_id for arrival in arrivals if arrival.fresh and arrival.story_id]
        stories = await self._parts.store.stories(known)
        told = await self._parts.store.told(known)
        judged: list[tuple[Arrival, Judgement | None]] = []
        for arrival in arrivals:
            story_id = arrival.story_id or ""
            past = Past(
                story=stories.get(story_id),
                told=told.get(story_id, ()),
                baseline=baseline or arrival.slid_in,
            )
            judged.append((arrival, self._judge(arrival, past) if arrival.fresh else None))
            await asyncio.sleep(0)  # A feed of five hundred entries must not hold up the others.
        return judged

    def _judge(self, arrival: Arrival, past: Past) -> Judgement | None:
        try:
            return self._parts.judge.judge(arrival.article, past, self._now())
        except Exception:
            # One article that breaks us never stops its neighbours, and is read again.
            log.exception("article not judged", link=arrival.article.link)
            return None

    async def _record(
        self, state: FeedState, feed: Feed, news: News, *, baseline: bool
    ) -> PollRecord:
        decided = tuple(self._lay_out(news.judgements))
        passed = await self._floodgate.passed(feed, news.influx, decided, self._now())
        return PollRecord(
            state=state,
            articles=tuple(_findable(news)),
            matches=tuple(match for judged in news.judgements for match in judged.matches),
            stories=tuple(judged.story for judged in news.judgements),
            owed=passed.dammed.owed,
            entries=0 if baseline else passed.entries,
            holds=passed.dammed.holds,
        )

    def _lay_out(self, judgements: Sequence[Judgement]) -> Iterator[Owed]:
        """Yield every decision, with its card where the channel is to see one."""
        for judged in judgements:
            for alert in judged.alerts:
                card = self._card(alert, judged) if alert.reason.tells else None
                yield Owed(alert=alert, card=card)

    def _card(self, alert: Alert, judged: Judgement) -> Card:
        telling = Telling(article=judged.article, matches=judged.matches, summary=judged.summary)
        return alert_card(alert, telling, self._parts.judge.rules)

    def _failed(self, feed: Feed, following: FeedState) -> PollRecord:
        log.warning(
            "feed failed",
            feed=feed.id,
            why=following.last_error,
            failures=following.failures,
            next_poll_at=following.next_poll_at.isoformat(),
        )
        return PollRecord(state=following)

    def _unchanged(self, state: FeedState, feed: Feed, answer: NotModified | Fetched) -> FeedState:
        return after_unchanged(state, feed, answer, self._jitter(), self._parts.pace)

    def _jitter(self) -> float:
        return self._parts.jitter()

    def _now(self) -> datetime:
        return self._parts.clock.now()


def _findable(news: News) -> Iterator[Remembered]:
    """Yield what is to be remembered, folded as the rules saw it."""
    folded = {judged.article.id: judged.folded for judged in news.judgements}
    for arrival in news.arrivals:
        yield replace(arrival.remembered, folded=folded.get(arrival.article.id, ""))


def _read_again(state: FeedState) -> FeedState:
    """Return the state without validators: the next poll reads what this one could not."""
    return replace(state, etag=None, last_modified=None, body_hash=None)


def _tell_of(feed: Feed, parsed: ParsedFeed, news: News, *, baseline: bool) -> None:
    """Log what a poll brought; of a baseline, the newest item as a proof of life."""
    newest = parsed.entries[0].title if parsed.entries else None
    log.info(
        "feed remembered" if baseline else "feed polled",
        feed=feed.id,
        entries=len(parsed.entries),
        new=news.influx.new,
        unread=news.unread,
        skipped=parsed.skipped,
        alerts=sum(alert.reason.posts for judged in news.judgements for alert in judged.alerts),
        newest=newest,
    )
