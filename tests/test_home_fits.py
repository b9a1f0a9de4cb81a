"""The largest home, digest and trend fit both platforms, with all that they say."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.home import home
from bot.commands.news_trend import carry_out as trend
from bot.commands.redline_digest import carry_out as digest
from bot.model import (
    Alert,
    Asked,
    Card,
    Feed,
    FeedState,
    MessageRef,
    Mute,
    MuteScope,
    Order,
    Posted,
    Reason,
    Standing,
    Urgency,
)
from bot.ports import Owed, PollRecord
from bot.text import utf16_length
from handlers.discord import cards as discord
from handlers.slack import cards as slack
from tests.build import a_rule
from tests.commands_archive import NOW
from tests.commands_desk import OpenStore, a_desk, filled
from tests.fakes import FakeClock
from tests.judged import CHANNEL

LONG = "about the harbour of Port Avel, " * 8
WHO = Asked(
    workspace="T1", channel_id="C1", user_id="U1", standing=Standing.ADMIN, platform="slack"
)


async def largest_home() -> Card:
    """Many rules, mutes and failing sources, all with long names."""
    feeds = [
        Feed(id=f"f{n}", url=f"https://courier.example/{n}", title=f"Feed {n} {LONG}")
        for n in range(8)
    ]
    store = OpenStore()
    await store.sync_feeds(feeds, NOW)
    for feed in feeds:
        state = FeedState(
            feed_id=feed.id,
            address=feed.url,
            next_poll_at=NOW,
            failures=3,
            failing_since=NOW - timedelta(days=3),
            last_error=LONG,
        )
        await store.remember(PollRecord(state=state))
    rules = [a_rule(f"rule-{n:02}", CHANNEL, title=f"Rule {n:02} {LONG}") for n in range(14)]
    desk = a_desk(store, rules=rules, feeds=feeds, clock=FakeClock(NOW), prefix="acme-company-")
    for number in range(9):
        desk.watch.mutes[f"m{number}"] = Mute(
            id=f"m{number}",
            scope=MuteScope.STORY,
            target=f"s{number}",
            label=f"Story {number} {LONG}",
            workspace="T1",
            user_id=f"U0{number}ABCDEFG",
            at=NOW,
            until=NOW + timedelta(days=number + 1),
        )
    return await home(WHO, desk)


async def largest_digest() -> Card:
    """Many stories with long titles and addresses."""
    store = OpenStore()
    await store.sync_feeds([Feed(id="f", url="https://courier.example/f", title="Feed")], NOW)
    owed = tuple(_owed(number) for number in range(40))
    state = FeedState(feed_id="f", address="https://courier.example/f", next_poll_at=NOW)
    await store.remember(PollRecord(state=state, owed=owed))
    at = NOW
    while claim := await store.claim(["slack"], at):
        message = MessageRef(workspace="T1", channel_id="C1", message_id=claim.post.key)
        await store.settle(claim, Posted(message), at)
        at += timedelta(seconds=5)
    return _card(await digest(_asked("redline", "digest"), a_desk(store, clock=FakeClock(NOW))))


def _owed(number: int) -> Owed:
    alert = Alert(
        id=f"a{number}",
        channel=CHANNEL,
        story_id=f"s{number}",
        article_id=f"a{number}",
        version=1,
        rules=("red-line",),
        urgency=Urgency.NOW,
        reason=Reason.DIGEST if number % 2 else Reason.NEW_STORY,
        decided_at=NOW - timedelta(minutes=number + 1),
    )
    card = Card(
        title=f"Story {number:02} {LONG}",
        url=f"https://courier.example/{'long-path/' * 8}{number}",
        domain="courier.example",
    )
    return Owed(alert=alert, card=card)


async def largest_trend() -> Card:
    """Ninety days of something."""
    desk = a_desk(OpenStore(), clock=FakeClock(NOW))
    return _card(await trend(_asked("news", "trend", text=f'"{LONG}" 90d'), desk))


def _asked(group: str, verb: str, **values: str) -> Order:
    return replace(filled(group, verb, **values), platform="slack")


def _card(reply: object) -> Card:
    assert isinstance(reply, Card)
    return reply


LARGEST: dict[str, Callable[[], Awaitable[Card]]] = {
    "home": largest_home,
    "digest": largest_digest,
    "trend": largest_trend,
}


def beginnings(card: Card) -> list[str]:
    """How each line begins, by which it is recognised."""
    return [line.text[:22] for line in card.lines]


@pytest.mark.parametrize("name", LARGEST)
async def test_slack_shows_it_whole(name: str) -> None:
    """All lines, notes and buttons stand in the blocks, within what Slack takes."""
    card = await LARGEST[name]()

    blocks = json.dumps(slack.layout(card).blocks, ensure_ascii=False)

    assert len(blocks) <= slack.BLOCKS_LENGTH
    assert [each for each in beginnings(card) if each not in blocks] == []
    assert all(button.label in blocks for button in card.buttons)


@pytest.mark.parametrize("name", LARGEST)
async def test_discord_shows_it_whole(name: str) -> None:
    """All lines, notes and buttons stand in the message, within what Discord takes."""
    card = await LARGEST[name]()

    shown = discord.render(card)

    assert shown.embed is not None
    words = shown.embed.description
    parts = (shown.embed.title, words, shown.embed.author, shown.embed.footer)
    assert sum(map(utf16_length, parts)) <= discord.EMBED_SUM
    assert [each for each in beginnings(card) if each not in words.replace("\\", "")] == []
    assert len(shown.buttons) == len(card.buttons)
