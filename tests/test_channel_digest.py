"""`/redline digest`: what a channel was told of late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import Desk
from bot.commands.redline_digest import MOST_STORIES
from bot.model import Alert, Card, ChannelRef, FeedState, MessageRef, Posted, Reason, Urgency
from bot.ports import Owed, PollRecord, Store
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from tests.commands_archive import NOW
from tests.commands_desk import a_desk, an_order, carry_out
from tests.fakes import FakeClock
from tests.judged import CHANNEL, FEED

ELSEWHERE = ChannelRef("slack", "C2")
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", "sql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each store, with nothing but a feed."""
    made: Store = MemoryStore() if request.param == "memory" else SqlStore(tmp_path / "told.db")
    await made.open()
    await made.sync_feeds([FEED], NOW)
    yield made
    await made.close()


def decided(name: str, hours_ago: float, **changed: Any) -> Alert:
    """An alert of a story of its own."""
    alert = Alert(
        id=name,
        channel=CHANNEL,
        story_id=f"story-{name}",
        article_id=f"article-{name}",
        version=1,
        rules=("red-line",),
        urgency=Urgency.NOW,
        reason=Reason.NEW_STORY,
        decided_at=NOW - hours_ago * HOUR,
    )
    return replace(alert, **changed)


async def tell(store: Store, *alerts: Alert) -> None:
    """Owe the alerts, and post what does not wait."""
    owed = tuple(Owed(alert=each, card=_card(each)) for each in alerts)
    state = FeedState(feed_id=FEED.id, address=FEED.url, next_poll_at=NOW)
    await store.remember(PollRecord(state=state, owed=owed))
    at: datetime = NOW
    while claim := await store.claim(["slack"], at):
        message = MessageRef(workspace="T1", channel_id="C1", message_id=claim.post.key)
        await store.settle(claim, Posted(message), at)
        at += timedelta(seconds=5)


def _card(alert: Alert) -> Card:
    return Card(
        title=f"Report {alert.id}",
        url=f"https://courier.example/{alert.id}",
        domain="courier.example",
    )


async def digest(store: Store, text: str = "", channel: str = "C1") -> Card:
    """The answer to /redline digest."""
    order = an_order("redline", f"digest {text}", channel_id=channel, platform="slack")
    return await carry_out(order, desk(store))


def desk(store: Store) -> Desk:
    """A desk over the store."""
    return a_desk(store, clock=FakeClock(NOW))


async def test_stories_are_shown_newest_first_with_their_links(store: Store) -> None:
    """A line for each story, linked, with the site behind the link."""
    await tell(store, decided("a", 3), decided("b", 1), decided("c", 2))
    card = await digest(store)

    assert card.title == "This channel was told 3 alerts on 3 stories in the last day"
    assert [(line.text, line.url) for line in card.lines] == [
        ("Report b", "https://courier.example/b"),
        ("Report c", "https://courier.example/c"),
        ("Report a", "https://courier.example/a"),
    ]
    assert {line.domain for line in card.lines} == {"courier.example"}


async def test_a_story_is_one_line_however_often_it_was_told(store: Store) -> None:
    """Its newest card stands for it."""
    story = {"story_id": "s1"}
    update = decided("b", 1, reason=Reason.MATERIAL_UPDATE, **story)
    await tell(store, decided("a", 3, **story), update)
    card = await digest(store)

    assert card.title == "This channel was told 2 alerts on 1 story in the last day"
    assert [line.text for line in card.lines] == ["Report b (2 alerts)"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("", 2), ("24h", 2), ("since:1h", 1), ("since: 3d", 3), ("7d", 4), ("30d", 4)],
)
async def test_it_looks_back_as_far_as_is_asked(store: Store, text: str, shown: int) -> None:
    """A day where nothing is said; the beginning counts."""
    await tell(store, *(decided(f"a{ago}", ago) for ago in (1, 24, 25, 100)))

    assert len((await digest(store, text)).lines) == shown


@pytest.mark.parametrize("text", ["yesterday", "31d", "0h"])
async def test_a_time_that_is_none_is_a_mistake(store: Store, text: str) -> None:
    """The answer says what can be written."""
    card = await digest(store, text)

    assert not card.lines
    assert card.notes


async def test_what_other_channels_were_told_is_not_shown(store: Store) -> None:
    """Each channel has its own, and people elsewhere do not see it."""
    await tell(store, decided("a", 1), decided("b", 1, channel=ELSEWHERE))

    assert [line.text for line in (await digest(store)).lines] == ["Report a"]
    assert [line.text for line in (await digest(store, channel="C2")).lines] == ["Report b"]
    assert (await digest(store, channel="C9")).title == (
        "This channel was told nothing in the last day"
    )


async def test_what_waits_for_the_digest_stands_below(store: Store) -> None:
    """Until it is gathered nobody was told of it."""
    await tell(store, decided("a", 1), decided("w", 2, reason=Reason.DIGEST))
    card = await digest(store)

    assert [(line.text, line.heading) for line in card.lines] == [
        ("Report a", False),
        ("Waits for the digest", True),
        ("Report w", False),
    ]


async def test_a_digest_is_shown_as_the_stories_in_it(store: Store) -> None:
    """The message that gathered them is no story."""
    await tell(
        store, decided("w1", 3, reason=Reason.DIGEST), decided("w2", 2, reason=Reason.DIGEST)
    )
    gathered = decided("d", 1, reason=Reason.DIGEST, story_id="digest-d", article_id="digest-d")
    await store.gather(Owed(alert=gathered, card=Card(title="2 stories")), ["w1", "w2"])
    await tell(store)

    card = await digest(store)

    assert [line.text for line in card.lines] == ["Report w2", "Report w1"]
    assert card.title == "This channel was told 2 alerts on 2 stories in the last day"


async def test_a_quiet_decision_was_not_told(store: Store) -> None:
    """Only what stood in the channel is shown."""
    state = FeedState(feed_id=FEED.id, address=FEED.url, next_poll_at=NOW)
    quiet = Owed(alert=decided("q", 1, reason=Reason.NOTHING_NEW), card=None)
    await store.remember(PollRecord(state=state, owed=(quiet,)))

    assert (await digest(store)).lines == ()


async def test_a_busy_channel_has_a_short_digest(store: Store) -> None:
    """Ten stories are shown, and the others counted."""
    await tell(store, *(decided(f"a{n:02}", 1 + n / 100) for n in range(MOST_STORIES + 3)))
    lines = (await digest(store)).lines

    assert len(lines) == MOST_STORIES + 1
    assert lines[-1].text == "and 3 stories more"
