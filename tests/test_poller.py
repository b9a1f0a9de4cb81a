"""When feeds are polled."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.model import Feed, FeedState
from bot.poller import AFTER_A_CRASH, AFTER_TROUBLE, Poller, host_of, in_turn
from bot.ports import PollRecord
from bot.store.memory import MemoryStore
from tests.build import NOON
from tests.fakes import FakeClock

FEEDS = [Feed(id=f"f{n}", url=f"https://f{n}.example/feed", title=f"F{n}") for n in range(4)]


class Polls:
    """A pipeline that remembers what it was asked to poll; verbs make it slow or broken."""

    def __init__(self, store: MemoryStore, clock: FakeClock) -> None:
        self._store = store
        self._clock = clock
        self._gate = asyncio.Event()
        self._gate.set()
        self._broken: set[str] = set()
        self.polled: list[str] = []
        self.at_once = self.most_at_once = 0

    def hang(self) -> None:
        """Let polls wait until `go_on`."""
        self._gate.clear()

    def go_on(self) -> None:
        """Let waiting polls finish."""
        self._gate.set()

    def break_feed(self, feed_id: str) -> None:
        """Let polls of this feed fail in a way nobody foresaw."""
        self._broken.add(feed_id)

    async def poll(self, state: FeedState) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self._gate.wait()
            if state.feed_id in self._broken:
                raise RuntimeError("a fault of ours")
            self.polled.append(state.feed_id)
            later = self._clock.now() + timedelta(hours=1)
            await self._store.remember(PollRecord(state=replace(state, next_poll_at=later)))
        finally:
            self.at_once -= 1


@pytest.fixture
async def store(clock: FakeClock) -> AsyncIterator[MemoryStore]:
    """A store with four feeds that are due."""
    store = MemoryStore()
    await store.open()
    await store.sync_feeds(FEEDS, clock.now())
    yield store
    await store.close()


@pytest.fixture
def polls(store: MemoryStore, clock: FakeClock) -> Polls:
    """The pipeline that is asked."""
    return Polls(store, clock)


async def settled() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_all_due_feeds_are_polled_up_to_the_limit(
    store: MemoryStore, polls: Polls, clock: FakeClock
) -> None:
    """No more feeds than allowed are polled at once, and all get their turn."""
    poller = Poller(store, polls.poll, clock, concurrency=3)
    polls.hang()

    assert await poller.start_due() == 3
    await settled()
    assert await poller.start_due() == 0
    polls.go_on()
    await settled()
    assert await poller.start_due() == 1
    await settled()

    assert sorted(polls.polled) == ["f0", "f1", "f2", "f3"]
    assert polls.most_at_once == 3


async def test_a_feed_is_never_polled_twice_at_once(
    store: MemoryStore, polls: Polls, clock: FakeClock
) -> None:
    """A feed whose poll is under way is not due again."""
    poller = Poller(store, polls.poll, clock, concurrency=32)
    polls.hang()
    await poller.start_due()
    await settled()

    assert await poller.start_due() == 0

    polls.go_on()
    await settled()


async def test_one_feed_that_breaks_us_never_stops_the_others(
    store: MemoryStore, polls: Polls, clock: FakeClock
) -> None:
    """A poll that fails unforeseen rests for a while; the others go on."""
    poller = Poller(store, polls.poll, clock, concurrency=32)
    polls.break_feed("f1")
    await poller.start_due()
    await settled()

    assert sorted(polls.polled) == ["f0", "f2", "f3"]
    assert await poller.start_due() == 0
    clock.advance(AFTER_A_CRASH.total_seconds())
    assert await poller.start_due() == 1

    await settled()


CROWD = [
    Feed(id=f"a{n:03}", url=f"https://u:p@Slow.example/{n}", title=f"A{n}") for n in range(300)
]


async def test_a_host_that_hangs_holds_up_nobody_else(clock: FakeClock) -> None:
    """Three hundred overdue feeds of one host take two places; the others are polled meanwhile."""
    store = MemoryStore()
    await store.open()
    await store.sync_feeds(CROWD, clock.now())
    clock.advance(60)
    await store.sync_feeds([*CROWD, *FEEDS], clock.now())
    polls = Polls(store, clock)
    poller = Poller(store, polls.poll, clock, concurrency=6, per_host=2)
    polls.hang()

    assert await poller.start_due() == 6
    await settled()
    assert await poller.start_due() == 0
    polls.go_on()
    await settled()

    assert sorted(polls.polled) == ["a000", "a001", "f0", "f1", "f2", "f3"]
    assert await poller.start_due() == 2
    await settled()
    assert sorted(polls.polled)[2:4] == ["a002", "a003"]


async def test_a_place_that_is_free_is_taken_at_once(clock: FakeClock) -> None:
    """While feeds are overdue, no poll waits for the clock."""
    store = MemoryStore()
    await store.open()
    feeds = [replace(FEEDS[0], id=f"g{n}", url=f"https://g{n}.example/") for n in range(20)]
    await store.sync_feeds(feeds, clock.now())
    polls = Polls(store, clock)
    poller = Poller(store, polls.poll, clock, concurrency=2)
    running = asyncio.create_task(poller.run())
    for _ in range(50):
        await settled()

    assert len(polls.polled) == 20
    await poller.stop(grace=1)
    await asyncio.wait_for(running, 5)


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 4))
def test_feeds_start_in_their_order_and_so_many_of_a_host(hosts: list[str], per_host: int) -> None:
    """Each host gets its places, from the front of the list on; nobody is passed over otherwise."""
    due = [
        FeedState(feed_id=f"{n}", address=f"https://{host}.example/{n}", next_poll_at=NOON)
        for n, host in enumerate(hosts)
    ]

    started = list(in_turn(due, Counter({"a.example": 1}), per_host))

    assert started == sorted(started, key=due.index)
    for host in "abcd":
        places = per_host - (host == "a")
        mine = [state for state in due if host_of(state) == f"{host}.example"]
        assert [state for state in started if state in mine] == mine[:places]


async def test_the_poller_sleeps_until_a_feed_is_due(
    store: MemoryStore, polls: Polls, clock: FakeClock
) -> None:
    """The loop polls again when the clock reaches the next feed, and ends when asked to."""
    poller = Poller(store, polls.poll, clock, concurrency=32)
    running = asyncio.create_task(poller.run())
    await settled()
    assert len(polls.polled) == 4

    for _ in range(125):
        clock.advance(30)
        await settled()
    assert len(polls.polled) == 8

    await poller.stop(grace=1)
    await asyncio.wait_for(running, 5)


async def test_stopping_cancels_what_does_not_finish(
    store: MemoryStore, polls: Polls, clock: FakeClock
) -> None:
    """A poll that outlasts the grace is cut off, and has remembered nothing."""
    poller = Poller(store, polls.poll, clock, concurrency=32)
    polls.hang()
    await poller.start_due()
    await settled()

    await poller.stop(grace=0.01)

    assert (polls.polled, polls.at_once) == ([], 0)
    assert len(await store.due_feeds(clock.now(), 10)) == 4


class Flaky(MemoryStore):
    """A store that cannot be read for a while."""

    broken = False

    async def due_feeds(self, now: datetime, limit: int) -> Sequence[FeedState]:
        if self.broken:
            raise StoreError("redline.db", "cannot be read")
        return await super().due_feeds(now, limit)


async def test_a_store_in_trouble_does_not_end_polling(clock: FakeClock) -> None:
    """Where the store cannot say what is due, the poller asks again a moment later."""
    store = Flaky()
    await store.open()
    await store.sync_feeds(FEEDS, clock.now())
    polls = Polls(store, clock)
    poller = Poller(store, polls.poll, clock, concurrency=32)
    store.broken = True
    running = asyncio.create_task(poller.run())
    await settled()
    store.broken = False
    clock.advance(AFTER_TROUBLE.total_seconds())
    await settled()

    assert len(polls.polled) == 4
    await poller.stop(grace=1)
    await asyncio.wait_for(running, 5)
