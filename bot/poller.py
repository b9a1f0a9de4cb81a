"""When to poll: takes the feeds whose time has come and has the pipeline poll them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

import structlog

from bot.model import FeedState
from bot.ports import Clock, FeedStore

LONGEST_REST = timedelta(seconds=30)
"""How long the poller sleeps at most, so that a feed added by another command is soon seen."""

SHORTEST_REST = timedelta(seconds=0.5)
"""How long it sleeps at least: a due feed may still be under way."""

AFTER_A_CRASH = timedelta(minutes=5)
"""How long a feed rests whose poll failed in a way nobody foresaw."""

AFTER_TROUBLE = timedelta(seconds=5)
"""How long the poller rests when the store cannot say what is due."""

log = structlog.get_logger(__name__)


class Poller:
    """Polls what is due, up to `concurrency` feeds at once, `per_host` of one host.

    More feeds of one host would only wait for each other, in the places of everybody else: a host
    that hangs with a thousand feeds must cost two places and no more.
    """

    def __init__(
        self,
        store: FeedStore,
        poll: Callable[[FeedState], Awaitable[None]],
        clock: Clock,
        *,
        concurrency: int,
        per_host: int = 2,
    ) -> None:
        """Call `poll` for each due feed; it remembers the outcome itself."""
        self._store = store
        self._poll = poll
        self._clock = clock
        self._concurrency = concurrency
        self._per_host = per_host
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._busy: Counter[str] = Counter()
        self._resting: dict[str, datetime] = {}
        self._ended = asyncio.Event()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once what is due: feeds were added, or may be polled again."""
        self._woken.set()

    async def run(self) -> None:
        """Poll until `stop`."""
        while not self._ended.is_set():
            self._woken.clear()
            await self._rest(await self._round())

    async def _round(self) -> timedelta:
        """Start what is due, and say how long there is nothing to do."""
        try:
            return timedelta() if await self.start_due() else await self._until_next()
        except Exception:
            # The store may be back in a moment; the loop must be there then.
            log.exception("poller in trouble", next_try=str(AFTER_TROUBLE))
            return AFTER_TROUBLE

    async def start_due(self) -> int:
        """Start a poll of every feed that is due and not under way; return how many."""
        room = self._concurrency - len(self._under_way)
        if room <= 0:
            return 0
        fresh = await self._fresh(room)
        for state in fresh:
            task = asyncio.create_task(self._poll_one(state), name=f"poll {state.feed_id}")
            self._under_way[state.feed_id] = task
            self._busy[host_of(state)] += 1
        return len(fresh)

    async def _fresh(self, room: int) -> list[FeedState]:
        """Return the longest overdue feeds that may start, no more than `room`.

        It looks the further down the list, the more of its top has to wait for its host.
        """
        now = self._clock.now()
        most = room + len(self._under_way) + len(self._resting)
        while True:
            due = await self._store.due_feeds(now, most)
            startable = (state for state in due if self._may_start(state, now))
            fresh = list(islice(in_turn(startable, self._busy, self._per_host), room))
            if len(fresh) == room or len(due) < most:
                return fresh
            most *= 4

    async def stop(self, grace: float) -> None:
        """Give the polls under way `grace` seconds, then cancel them.

        A cancelled poll has remembered nothing, so the next start polls the feed again.
        """
        self._ended.set()
        self._woken.set()
        tasks = list(self._under_way.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _may_start(self, state: FeedState, now: datetime) -> bool:
        rested = self._resting.get(state.feed_id, now) <= now
        return rested and state.feed_id not in self._under_way

    async def _poll_one(self, state: FeedState) -> None:
        try:
            await self._poll(state)
            self._resting.pop(state.feed_id, None)
        except Exception:
            # One bad feed never stops the others.
            log.exception("poll failed", feed=state.feed_id)
            self._resting[state.feed_id] = self._clock.now() + AFTER_A_CRASH
        finally:
            del self._under_way[state.feed_id]
            self._busy -= Counter([host_of(state)])
            self._woken.set()  # There is a place for another feed.

    async def _until_next(self) -> timedelta:
        due = await self._store.next_due()
        wait = due - self._clock.now() if due else LONGEST_REST
        return max(SHORTEST_REST, min(wait, LONGEST_REST))

    async def _rest(self, rest: timedelta) -> None:
        """Sleep, but no longer than until `wake` or `stop`."""
        woken = asyncio.create_task(self._woken.wait())
        sleep = asyncio.create_task(self._clock.sleep(rest.total_seconds()))
        await asyncio.wait({woken, sleep}, return_when=asyncio.FIRST_COMPLETED)
        for task in (woken, sleep):
            task.cancel()
        await asyncio.gather(woken, sleep, return_exceptions=True)


def in_turn(due: Iterable[FeedState], busy: Counter[str], per_host: int) -> Iterator[FeedState]:
    """Yield the feeds whose host has a place left, in their order; `busy` counts the taken ones."""
    taken = busy.copy()
    for state in due:
        host = host_of(state)
        if taken[host] < per_host:
            taken[host] += 1
            yield state


def host_of(state: FeedState) -> str:
    """Return the host that a feed is fetched from, with its port where one is written."""
    return urlsplit(state.address).netloc.rpartition("@")[2].casefold()
