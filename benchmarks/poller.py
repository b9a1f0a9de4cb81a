"""Whether the poller keeps time with ten thousand feeds, also beside a host that hangs.

Run `python -m benchmarks.poller [FOLDER]`. The store is the real one on disk, with durable commits;
a poll is a wait of 0.2 s and one commit. The day of the service is cut down to its densest part:
all feeds are overdue at once, as after a night without network, and one host has a thousand feeds
of which each poll takes thirty seconds. What is measured is when each feed of the others is done.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from bot.clock import SystemClock
from bot.model import Feed, FeedState
from bot.poller import Poller
from bot.ports import PollRecord
from bot.store.sql import SqlStore

FEEDS = 10_000
HANGING = 1_000
POLL = 0.2
HANGS = 30.0
CONCURRENCY = 32
LAG_EVERY = 0.01


@dataclass
class Run:
    """Polls that are measured."""

    store: SqlStore
    began: float = 0.0
    done: list[float] = field(default_factory=list)
    order: list[datetime] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    async def poll(self, state: FeedState) -> None:
        """Take as long as a publisher takes, and remember it."""
        hangs = state.feed_id.startswith("hanging")
        await asyncio.sleep(HANGS if hangs else POLL)
        later = replace(state, next_poll_at=datetime.now(UTC) + timedelta(hours=1))  # noqa: TID251 - the service's own clock is the real one here
        await self.store.remember(PollRecord(state=later))
        if not hangs:
            self.done.append(perf_counter() - self.began)
            self.order.append(state.next_poll_at)
        if len(self.done) == FEEDS:
            self.finished.set()

    async def watch_the_loop(self) -> None:
        """Measure how late the loop wakes who sleeps."""
        while True:
            before = perf_counter()
            await asyncio.sleep(LAG_EVERY)
            self.lags.append(perf_counter() - before - LAG_EVERY)


def feeds(hanging: int) -> list[Feed]:
    """Return the feeds; those that hang lie on one host and have been overdue the longest."""
    bad = [
        Feed(id=f"hanging-{n}", url=f"https://slow.example/{n}", title="") for n in range(hanging)
    ]
    good = [Feed(id=f"f{n}", url=f"https://f{n}.example/", title="") for n in range(FEEDS)]
    return [*bad, *good]


async def measured(folder: Path, hanging: int) -> Run:
    """Poll all feeds once, beside so many that hang."""
    store = SqlStore(folder / f"poller-{hanging}.db")
    await store.open()
    clock = SystemClock()
    long_ago = clock.now() - timedelta(hours=8)
    for number, feed in enumerate(wanted := feeds(hanging)):
        due = long_ago + timedelta(seconds=number)
        await store.remember(
            PollRecord(state=FeedState(feed_id=feed.id, address=feed.url, next_poll_at=due))
        )
    await store.sync_feeds(wanted, clock.now())
    run = Run(store)
    poller = Poller(store, run.poll, clock, concurrency=CONCURRENCY)
    watching = asyncio.create_task(run.watch_the_loop())
    run.began = perf_counter()
    running = asyncio.create_task(poller.run())
    await run.finished.wait()
    await poller.stop(0)
    await running
    watching.cancel()
    await store.close()
    return run


def told(name: str, run: Run) -> str:
    """Return the figures of a run in a line."""
    took = run.done[-1]
    late = max(place - rank for rank, place in _places(run))
    lag = quantiles(run.lags, n=100)[98]
    return (
        f"{name}: {FEEDS:,} feeds in {took:.1f} s, {FEEDS / took:.0f} a second"
        f" (at most {CONCURRENCY / POLL:.0f}); overtaken by at most {late} others;"
        f" loop lag p99 {lag * 1000:.1f} ms"
    )


def _places(run: Run) -> list[tuple[int, int]]:
    """Return, for each feed, its place among the overdue and that in which it was done."""
    ranked = {due: rank for rank, due in enumerate(sorted(run.order))}
    return [(ranked[due], place) for place, due in enumerate(run.order)]


async def main(folder: Path) -> None:
    """Measure without and with the host that hangs."""
    print(told("all overdue at once", await measured(folder, 0)))
    print(told(f"beside {HANGING:,} feeds that hang", await measured(folder, HANGING)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else made)))
