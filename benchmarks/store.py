"""How many durable rows a second the store writes, beside plain sqlite3 on the same disk.

Run `python -m benchmarks.store [FOLDER]`; every figure is measured in this one run, one commit a
row or a hundred rows a commit, with the log synced at each commit (synchronous=FULL). The rounds
take turns, because a disk that others use is faster at one moment than at the next.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Connection, Engine

from bot.model import (
    Alert,
    Article,
    Card,
    ChannelRef,
    Evidence,
    FeedState,
    Field,
    Match,
    MessageRef,
    Posted,
    Reason,
    Source,
    Span,
    Story,
    Urgency,
)
from bot.ports import Owed, PollRecord, Remembered
from bot.store.schema import aliases
from bot.store.sql import SqlStore
from bot.store.sqlite import writing_engine
from bot.store.upsert import insert_once
from bot.store.writer import Writer

ROUNDS = 5
SECONDS = 0.6
AT_ONCE = 100
CHANNELS = 100
BACKLOG = 2_000
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = "The minister spoke of a red line near the crossing on Tuesday. " * 90
"""About 5.7 kB, the length of a news article."""


class Stopwatch:
    """Counts what is done until the time is over."""

    def __init__(self) -> None:
        self.done = 0
        self._began = perf_counter()

    def runs(self) -> bool:
        """Say whether there is time left."""
        return perf_counter() - self._began < SECONDS

    def rate(self) -> float:
        """Return how much was done a second."""
        return self.done / (perf_counter() - self._began)


def plain(path: Path, rows_a_commit: int) -> float:
    """Return the rows a second of the driver alone."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE aliases (alias TEXT PRIMARY KEY, article_id TEXT)")
        watch = Stopwatch()
        while watch.runs():
            connection.execute("BEGIN IMMEDIATE")
            for _ in range(rows_a_commit):
                connection.execute("INSERT INTO aliases VALUES (?, ?)", (f"a{watch.done}", "x"))
                watch.done += 1
            connection.execute("COMMIT")
        return watch.rate()


def ours(path: Path, waiting: int) -> float:
    """Return the rows a second of our writer, with so many awaiting a row each."""
    engine = writing_engine(path)
    _create(engine)
    writer = Writer(engine, "benchmark")
    watch = Stopwatch()

    def row(number: int) -> Callable[[Connection], None]:
        rows = [{"alias": f"a{number}", "article_id": "x", "content_hash": "x"}]
        return lambda connection: insert_once(connection, aliases, rows)

    async def one(number: int) -> None:
        await asyncio.wrap_future(writer.submit(row(number)))

    rate = asyncio.run(_until_over(watch, waiting, one))
    writer.close()
    return rate


def _create(engine: Engine) -> None:
    with engine.begin() as connection:
        aliases.create(connection)


async def _until_over(watch: Stopwatch, hands: int, one: Callable[[int], Awaitable[None]]) -> float:
    numbers = count()

    async def hand() -> None:
        while watch.runs():
            await one(next(numbers))
            watch.done += 1

    await asyncio.gather(*[hand() for _ in range(hands)])
    return watch.rate()


def polls(path: Path, hands: int) -> float:
    """Return the whole polls a second: feed, article, aliases, story, match and owed alert."""

    async def run() -> float:
        store = SqlStore(path)
        await store.open()
        rate = await _until_over(Stopwatch(), hands, lambda n: store.remember(record(n)))
        await store.close()
        return rate

    return asyncio.run(run())


def sends(path: Path) -> float:
    """Return the messages a second that can be claimed and settled, with a backlog behind them."""

    async def run() -> float:
        store = SqlStore(path)
        await store.open()
        await asyncio.gather(*[store.remember(record(number)) for number in range(BACKLOG)])
        now, watch = NOW, Stopwatch()
        while watch.runs():
            claim = await store.claim(["slack"], now)
            if claim is None:
                now += timedelta(seconds=1)
                continue
            message = MessageRef(workspace="T", channel_id="C", message_id=claim.post.key)
            watch.done += await store.settle(claim, Posted(message), now)
        await store.close()
        return watch.rate()

    return asyncio.run(run())


def record(number: int) -> PollRecord:
    """Return a poll that brought one new article which one channel is told of."""
    name = f"a{number}"
    return PollRecord(
        state=FeedState(feed_id=f"f{number % 500}", address="https://x.example", next_poll_at=NOW),
        articles=(
            Remembered(
                article=_article(name, number),
                aliases=(f"guid:{name}", f"link:{name}", f"title:{name}"),
                content_hash=name,
            ),
        ),
        matches=(_match(name),),
        stories=(Story(id=name, title=name, article_ids=(name,), first_at=NOW, updated_at=NOW),),
        owed=(Owed(alert=_alert(name, number), card=Card(title=name, url="https://x.example")),),
    )


def _article(name: str, number: int) -> Article:
    return Article(
        id=name,
        version=1,
        url="https://x.example/" + name,
        link="https://x.example/" + name,
        source=Source(feed_id="f", name="Gazette", domain="x.example"),
        title=name,
        text=TEXT,
        sentences=tuple(Span(at, at + 62) for at in range(0, len(TEXT) - 62, 63)),
        published_at=NOW + timedelta(seconds=number),
        fetched_at=NOW,
    )


def _match(name: str) -> Match:
    found = Evidence(
        term="red line",
        kind="keyword",
        field=Field.TEXT,
        sentence=3,
        start=0,
        end=8,
        text="red line",
    )
    return Match(rule="red-line", article_id=name, version=1, evidence=(found,))


def _alert(name: str, number: int) -> Alert:
    return Alert(
        id=name,
        channel=ChannelRef("slack", f"#c{number % CHANNELS}"),
        story_id=name,
        article_id=name,
        version=1,
        rules=("red-line",),
        urgency=Urgency.NOW,
        reason=Reason.NEW_STORY,
        decided_at=NOW + timedelta(microseconds=number),
    )


MEASURED: tuple[tuple[str, Callable[[Path], float]], ...] = (
    ("plain sqlite3, one row a commit", lambda path: plain(path, 1)),
    ("our writer, one waiting", lambda path: ours(path, 1)),
    (f"plain sqlite3, {AT_ONCE} rows a commit", lambda path: plain(path, AT_ONCE)),
    (f"our writer, {AT_ONCE} waiting", lambda path: ours(path, AT_ONCE)),
    ("whole polls, one waiting", lambda path: polls(path, 1)),
    (f"whole polls, {AT_ONCE} waiting", lambda path: polls(path, AT_ONCE)),
    (f"claim and settle, {BACKLOG} owed to {CHANNELS} channels", sends),
)


def main() -> None:
    """Measure all in turns, and print the median and the best of each."""
    rates: dict[str, list[float]] = {name: [] for name, _ in MEASURED}
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        files = (Path(folder) / f"{number}.db" for number in count())
        for _ in range(ROUNDS):
            for name, measure in MEASURED:
                rates[name].append(measure(next(files)))
    print(f"SQLite {sqlite3.sqlite_version}, durable a second, {ROUNDS} rounds of {SECONDS} s:")
    print("    median       best")
    for name, found in rates.items():
        print(f"{median(found):10,.0f} {max(found):10,.0f}  {name}")


if __name__ == "__main__":
    main()
