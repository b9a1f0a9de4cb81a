"""The archive of tests/cases/commands/archive.yaml, remembered by any store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import yaml

from bot.articles.identity import aliases
from bot.articles.sentences import split
from bot.commands import Desk
from bot.model import (
    Alert,
    Article,
    Card,
    ChannelRef,
    Entry,
    Feed,
    FeedState,
    FetchTrouble,
    MessageRef,
    Outcome,
    Posted,
    Postponed,
    Reason,
    Rule,
    Source,
    Story,
    Tier,
    Unwelcome,
    Urgency,
)
from bot.ports import Owed, PollRecord, Remembered, Store
from bot.rules import Names, match_article, read_rule
from bot.rules.normal import normalise
from bot.store.memory import MemoryStore
from tests.commands_case import CASES
from tests.commands_desk import a_desk
from tests.fakes import FakeChat, FakeClock, FakePublishers

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_HOUR = timedelta(hours=1)
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Shelf:
    """What the archive holds."""

    feeds: tuple[Feed, ...]
    states: tuple[FeedState, ...]
    rules: tuple[Rule, ...]
    articles: tuple[Article, ...]
    stories: tuple[Story, ...]
    owed: tuple[Owed, ...]
    became: Mapping[str, Outcome]

    async def remember(self, store: Store) -> None:
        """Have a store that is open remember everything."""
        await store.sync_feeds(self.feeds, NOW)
        for state in self.states:
            mine = [each for each in self.articles if each.source.feed_id == state.feed_id]
            await store.remember(PollRecord(state=state, articles=tuple(map(remembered, mine))))
        compiled = [read_rule(rule, Names()) for rule in self.rules]
        matches = [match for each in self.articles for match in match_article(compiled, each)]
        record = PollRecord(
            state=self.states[0], matches=tuple(matches), stories=self.stories, owed=self.owed
        )
        await store.remember(record)
        await self._deliver(store)

    async def _deliver(self, store: Store) -> None:
        for _ in self.owed:
            claim = await store.claim(["slack", "discord"], NOW)
            if claim:
                await store.settle(claim, self.became[claim.post.key], NOW)


def remembered(article: Article) -> Remembered:
    """Return an article as the pipeline has it remembered."""
    return Remembered(
        article=article,
        aliases=aliases(Entry(guid=article.id, link=article.link, title=""), "feed"),
        content_hash=article.id,
        folded=normalise(article).folded,
    )


_OPENED: list[Store] = []


async def known_desk() -> Desk:
    """Return a desk over one archive in memory, which lasts as long as the tests run."""
    if not _OPENED:
        store = MemoryStore()
        await store.open()
        await shelf().remember(store)
        _OPENED.append(store)
    return desk_of(_OPENED[0])


def desk_of(store: Store, prefix: str = "") -> Desk:
    """Return a desk in T1 with the archive's rules and feeds."""
    held, clock = shelf(), FakeClock(NOW)
    web = a_web(clock)
    desk = a_desk(
        store, rules=held.rules, feeds=held.feeds, clock=clock, prefix=prefix, fetcher=web
    )
    desk.chats[:] = [FakeChat(clock, "slack", ids={"#desk": "C1", "#grain": "C2"})]
    return desk


def a_web(clock: FakeClock) -> FakePublishers:
    """Return the web of the archive, where the cases find feeds."""
    return web_of(yaml.safe_load((CASES / "archive.yaml").read_text(encoding="utf-8")), clock)


def web_of(given: Given, clock: FakeClock) -> FakePublishers:
    """Return the web that an archive describes."""
    web = FakePublishers(clock)
    for page in given["web"]:
        web.publish(page["url"], page["body"], page.get("type", ""))
    for page in given.get("unreachable", ()):
        web.fail(page["url"], FetchTrouble(page["trouble"]), page["why"])
    return web


@cache
def shelf() -> Shelf:
    """Read the archive."""
    return shelf_of(yaml.safe_load((CASES / "archive.yaml").read_text(encoding="utf-8")))


def shelf_of(given: Given) -> Shelf:
    """Return what an archive holds that is written as that of the cases is."""
    feeds = {each["id"]: _feed(each) for each in given["feeds"]}
    articles = {each["id"]: _article(each, feeds[each["feed"]]) for each in given["articles"]}
    held = {each["id"]: each["story"] for each in given["articles"] if "story" in each}
    rules = {each["name"]: _rule(each) for each in given["rules"]}
    alerts = [_owed(each, articles[each["article"]], held) for each in given["alerts"]]
    became = [_outcome(each["became"], number) for number, each in enumerate(given["alerts"])]
    return Shelf(
        feeds=tuple(feeds.values()),
        states=tuple(_state(each, feeds[each["id"]]) for each in given["feeds"]),
        rules=tuple(rules.values()),
        articles=tuple(articles.values()),
        stories=tuple(_stories(articles, held)),
        owed=tuple(alerts),
        became={one.alert.id: outcome for one, outcome in zip(alerts, became, strict=True)},
    )


def _span(written: str) -> timedelta:
    return int(written[:-1]) * _UNITS[written[-1]]


def _feed(given: Given) -> Feed:
    return Feed(
        id=given["id"],
        url=given["url"],
        title=given["title"],
        tier=Tier(given.get("tier", "news")),
        paused=given.get("paused", False),
    )


def _state(given: Given, feed: Feed) -> FeedState:
    def ago(key: str) -> datetime | None:
        return NOW - _span(given[key]) if key in given else None

    return FeedState(
        feed_id=feed.id,
        address=feed.url,
        next_poll_at=NOW + timedelta(minutes=10),
        baseline_done=True,
        last_polled_at=ago("polled"),
        last_success_at=ago("succeeded"),
        last_new_at=ago("new"),
        failures=given.get("failures", 0),
        failing_since=ago("failing"),
        last_error=given.get("error"),
        interval_seconds=int(_span(given["interval"]).total_seconds())
        if "interval" in given
        else None,
    )


def _rule(given: Given) -> Rule:
    return Rule(
        name=given["name"],
        title=given["title"],
        when=given["when"],
        unless=given.get("except", ""),
        to=tuple(map(ChannelRef.parse, given["to"])),
        urgency=Urgency(given.get("urgency", "now")),
        paused=given.get("paused", False),
    )


def _article(given: Given, feed: Feed) -> Article:
    site = feed.url.split("/")[2]
    at = NOW - _span(given["age"])
    return Article(
        id=given["id"],
        version=1,
        url=f"https://{site}/{given['id']}",
        link=f"https://{site}/{given['id']}",
        source=Source(feed_id=feed.id, name=feed.title, domain=site, tier=feed.tier),
        title=given["title"],
        text=given["text"],
        sentences=split(given["text"], None),
        published_at=at,
        fetched_at=at,
    )


def _stories(articles: Mapping[str, Article], held: Mapping[str, str]) -> list[Story]:
    """Return the stories of several articles, and one for each article that stands alone."""
    members: dict[str, list[Article]] = {}
    for article in articles.values():
        if article.id in held:
            members.setdefault(held[article.id], []).append(article)
    return [
        Story(
            id=story_id,
            title=reports[0].title,
            article_ids=tuple(report.id for report in reports),
            first_at=reports[0].published_at,
            updated_at=reports[-1].published_at,
        )
        for story_id, reports in members.items()
    ]


def _owed(given: Given, article: Article, held: Mapping[str, str]) -> Owed:
    channel = ChannelRef.parse(given["channel"])
    alert = Alert(
        id=f"{article.id}-{channel.name.lstrip('#')}"[:25],
        channel=channel,
        story_id=held.get(article.id, article.id),
        article_id=article.id,
        version=1,
        rules=(given["rule"],),
        urgency=Urgency.NOW,
        reason=Reason.NEW_STORY,
        decided_at=article.published_at,
    )
    source = article.source
    card = Card(title=article.title, source=source.name, domain=source.domain)
    return Owed(alert=alert, card=card)


def _outcome(became: str, number: int) -> Outcome:
    message = MessageRef(workspace="T1", channel_id="C1", message_id=str(number))
    outcomes: dict[str, Outcome] = {
        "posted": Posted(message),
        "parked": Unwelcome("is_archived", "Unarchive the channel, or change its rules."),
        "owed": Postponed("rate limited", _HOUR),
    }
    return outcomes[became]
