"""Alerts that people judged, for the tests of precision and tuning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.commands import Desk
from bot.model import (
    Access,
    Alert,
    Article,
    Card,
    ChannelRef,
    Feed,
    Feedback,
    FeedState,
    MessageRef,
    Opinion,
    Posted,
    Reason,
    Role,
    Rule,
    Source,
    Urgency,
)
from bot.ports import Owed, PollRecord, Store
from bot.rules import Names, match_article, read_rule
from tests.build import an_article
from tests.commands_archive import NOW, remembered
from tests.commands_desk import a_desk
from tests.fakes import FakeClock

FEED = Feed(id="courier", url="https://courier.example/feed.xml", title="The Courier")
SOURCE = Source(feed_id="courier", name="The Courier", domain="courier.example")
CHANNEL = ChannelRef("slack", "C1")
R, N = Opinion.RELEVANT, Opinion.IRRELEVANT


@dataclass(frozen=True)
class Told:
    """What the channel was told, and what each of its readers thought of it."""

    title: str
    text: str
    opinions: Sequence[Opinion]


async def judged_desk(store: Store, rule: Rule, told: Sequence[Told]) -> Desk:
    """A desk at which the rule brought these alerts, and people judged them in this order."""
    await store.sync_feeds([FEED], NOW)
    articles = [_article(number, one) for number, one in enumerate(told)]
    compiled = read_rule(rule, Names())
    matches = [match for article in articles for match in match_article([compiled], article)]
    record = PollRecord(
        state=FeedState(feed_id="courier", address=FEED.url, next_poll_at=NOW),
        articles=tuple(map(remembered, articles)),
        matches=tuple(matches),
        owed=tuple(_owed(article, rule) for article in articles),
    )
    await store.remember(record)
    at = NOW
    while claim := await store.claim(["slack"], at):
        message = MessageRef(workspace="T1", channel_id="C1", message_id=claim.post.key)
        await store.settle(claim, Posted(message), at)
        at += timedelta(seconds=5)
    desk = a_desk(store, rules=[rule], clock=FakeClock(NOW))
    desk = replace(desk, access=Access(everyone=Role.EDITOR))
    for number, one in enumerate(told):
        for reader, opinion in enumerate(one.opinions):
            await judge(desk, f"alert{number}", f"U{reader}", opinion, number)
    return desk


async def judge(desk: Desk, alert_id: str, user: str, opinion: Opinion, minutes: int = 0) -> None:
    """Somebody judges an alert, some minutes after an hour ago."""
    at = NOW - timedelta(hours=1) + timedelta(minutes=minutes)
    await desk.register.give_feedback(
        Feedback(alert_id=alert_id, workspace="T1", user_id=user, opinion=opinion, at=at)
    )


def _article(number: int, told: Told) -> Article:
    at = NOW - timedelta(hours=number + 1)
    return an_article(
        told.text,
        title=told.title,
        id=f"article{number}",
        url=f"https://courier.example/{number}",
        link=f"https://courier.example/{number}",
        source=SOURCE,
        published_at=at,
        fetched_at=at,
    )


def _owed(article: Article, rule: Rule) -> Owed:
    alert = Alert(
        id=article.id.replace("article", "alert"),
        channel=CHANNEL,
        story_id=article.id,
        article_id=article.id,
        version=1,
        rules=(rule.name,),
        urgency=Urgency.NOW,
        reason=Reason.NEW_STORY,
        decided_at=article.published_at,
    )
    return Owed(alert=alert, card=Card(title=article.title))
