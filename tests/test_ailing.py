"""What is told of feeds that fail for days, and to whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.ailing import FeedCare, Household
from bot.alerts.ailing import LOOKING_BACK, PATIENCE, ailing, ailing_notices
from bot.model import Card, ChannelRef, Feed, FeedState, MessageRef, Posted
from bot.ports import PollRecord
from bot.upkeep import EVERY, Upkeep
from tests.commands_desk import OpenStore
from tests.fakes import FakeClock

ADMINS = ChannelRef("slack", "#redline-admins")
DESK = ChannelRef("slack", "#desk")
COURIER = Feed(id="courier", url="https://courier.example/feed", title="The Courier")
GAZETTE = Feed(id="gazette", url="https://gazette.example/feed", title="The Gazette")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Home:
    """A service whose feeds fail, with verbs."""

    def __init__(self, clock: FakeClock, *notices: ChannelRef) -> None:
        self.clock = clock
        self.store = OpenStore()
        self.feeds = {feed.id: feed for feed in (COURIER, GAZETTE)}
        self.notices = notices
        self.woken = 0
        self.begin_again()

    def begin_again(self) -> None:
        """Start as a new process does."""
        household = Household(
            store=self.store,
            clock=self.clock,
            feeds=self.feeds,
            notices=self.notices,
            owed=self._wake,
        )
        self.care = FeedCare(household)

    def _wake(self) -> None:
        self.woken += 1

    async def fails(self, feed: Feed, why: str = "its page is gone (404)") -> None:
        """Let a feed fail from now on."""
        now = self.clock.now()
        self.feeds[feed.id] = feed
        await self.store.sync_feeds(list(self.feeds.values()), now)
        state = FeedState(
            feed_id=feed.id, address=feed.url, next_poll_at=now, failures=9,
            failing_since=now, last_error=why,
        )  # fmt: skip
        await self.store.remember(PollRecord(state=state))

    async def answers(self, feed: Feed) -> None:
        """Let a feed answer again."""
        state = FeedState(feed_id=feed.id, address=feed.url, next_poll_at=self.clock.now())
        await self.store.remember(PollRecord(state=state))

    async def look(self, after: timedelta = timedelta()) -> None:
        """Let time pass, and what is due then be done."""
        self.clock.advance(after.total_seconds())
        task = asyncio.create_task(Upkeep(self.clock, self.care.look).run())
        await asyncio.sleep(0)
        await self.clock.slept()
        task.cancel()
        await asyncio.wait({task})
        self.clock.advance(EVERY.total_seconds())

    async def told(self) -> list[tuple[ChannelRef, Card]]:
        """Take what is to be sent, in its order."""
        found = []
        while claim := await self.store.claim(["slack"], self.clock.now()):
            found.append((claim.post.channel, claim.post.card))
            message = MessageRef(workspace="T1", channel_id="C1", message_id=claim.post.key)
            await self.store.settle(claim, Posted(message), self.clock.now())
            self.clock.advance(1)
        return found


@pytest.fixture
def home(clock: FakeClock) -> Home:
    """A service whose admins have a channel."""
    return Home(clock, ADMINS)


async def test_a_feed_that_fails_for_three_days_is_told_of_once(home: Home) -> None:
    """Not before; then in one message that says why, and not again, after a restart either."""
    await home.fails(COURIER)
    await home.look(PATIENCE - MINUTE)
    assert await home.told() == []

    await home.look(timedelta(hours=1))
    ((channel, card),) = await home.told()
    assert channel == ADMINS
    assert card.title == "“The Courier” has failed for three days"
    assert [line.text for line in card.lines] == [
        "The Courier (courier.example): its page is gone (404)"
    ]
    assert home.woken == 1

    for _ in range(3):
        home.begin_again()
        await home.look(DAY)
    assert await home.told() == []


async def test_a_feed_that_answered_meanwhile_is_not_told_of(home: Home) -> None:
    """Trouble that is over is nobody's trouble; when it comes again, it is told of again."""
    await home.fails(COURIER)
    home.clock.advance(DAY.total_seconds())
    await home.answers(COURIER)
    await home.look(3 * DAY)
    assert await home.told() == []

    for _ in range(2):
        await home.fails(COURIER)
        await home.look(4 * DAY)
        assert len(await home.told()) == 1


async def test_feeds_that_fail_together_share_a_message(home: Home) -> None:
    """Where our own network was down, nobody gets a message for each feed."""
    await home.fails(GAZETTE, "the host takes no connection")
    await home.fails(COURIER)
    await home.look(4 * DAY)

    ((_, card),) = await home.told()
    assert card.title == "2 feeds have failed for three days"
    assert [line.text.split(" (")[0] for line in card.lines] == ["The Courier", "The Gazette"]
    assert "look at the network" in card.notes[-1]


async def test_many_feeds_are_counted(home: Home) -> None:
    """A message stays as short as a person reads."""
    for number in range(50):
        await home.fails(replace(COURIER, id=f"f{number}", title=f"Feed {number:02}"))
    await home.look(4 * DAY)

    ((_, card),) = await home.told()
    assert card.title == "50 feeds have failed for three days"
    assert (len(card.lines), card.notes[0]) == (20, "and 30 more; redline status has them all")


async def test_a_feed_of_chat_is_told_of_where_it_was_added(home: Home) -> None:
    """Whoever added it hears of it; the admins of the service do not."""
    await home.fails(replace(COURIER, report_to=DESK))
    await home.look(4 * DAY)

    assert [channel for channel, _ in await home.told()] == [DESK]


async def test_without_a_channel_the_log_has_it(clock: FakeClock) -> None:
    """Where nobody is named, the log says it once."""
    home = Home(clock)
    await home.fails(COURIER)
    with capture_logs() as logged:
        await home.look(4 * DAY)
        await home.look(DAY)

    assert [one["feed"] for one in logged if one["event"] == "feed fails for days"] == ["courier"]
    assert await home.told() == []


async def test_a_feed_that_nobody_reads_is_not_told_of(home: Home) -> None:
    """What was removed or paused may fail."""
    await home.fails(COURIER)
    await home.store.sync_feeds([GAZETTE], home.clock.now())
    await home.look(4 * DAY)

    assert await home.told() == []


async def test_trouble_with_the_store_passes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written down is in the log, and is told the next time."""

    async def broken(_owed: object) -> None:
        raise OSError("the disk is full")

    await home.fails(COURIER)
    with monkeypatch.context() as full, capture_logs() as logged:
        full.setattr(home.store, "owe", broken)
        await home.look(4 * DAY)
    assert [one["event"] for one in logged if one["log_level"] == "error"] == ["upkeep in trouble"]

    await home.look()
    assert len(await home.told()) == 1


@given(
    st.integers(0, 60 * 24 * 30),
    st.lists(st.integers(0, 60 * 24 * 40), min_size=1, max_size=40).map(sorted),
)
def test_each_failing_feed_is_told_of_once_however_late_it_is_looked(
    began: int, looks: list[int]
) -> None:
    """At any times of looking, a feed comes under one hour alone, within a week of its time."""
    clock = FakeClock()
    since = clock.now() + began * MINUTE
    state = FeedState(
        feed_id="courier", address=COURIER.url, next_poll_at=since, failing_since=since
    )
    due = since + PATIENCE
    hours = set()
    for look in looks:
        now = clock.now() + look * MINUTE
        found = ailing({"courier": COURIER}, [state], now)
        hours |= set(found)
        if due + timedelta(hours=1) <= now <= due + LOOKING_BACK:
            assert found
        if now < due:
            assert not found

    assert len(hours) <= 1


def test_the_same_hour_is_the_same_message(clock: FakeClock) -> None:
    """The id follows from channel and hour, so that a restart owes nothing twice."""
    state = FeedState(
        feed_id="courier", address=COURIER.url, next_poll_at=clock.now(),
        failing_since=clock.now(),
    )  # fmt: skip

    def ids(days: int) -> list[str]:
        now = clock.now() + days * DAY
        return [
            owed.alert.id
            for hour, feeds in ailing({"courier": COURIER}, [state], now).items()
            for owed in ailing_notices(hour, feeds, [ADMINS, DESK], now)
        ]

    assert ids(4) == ids(6)
    assert len(set(ids(4))) == 2
    assert ids(4 + 7) == []
