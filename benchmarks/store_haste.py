"""How long an errand takes to be written down while fifty polls are being committed.

Run `python -m benchmarks.store_haste [FOLDER]`. Each poll brings twenty new articles with their
index rows, and a story, match and alert of each; fifty of them wait all the time. Four people ask
at once, each a twentieth of a second after the last answer: first in haste, as the service does
it, and then in the queue behind the polls. The clock runs from the call to its return.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from time import perf_counter

from benchmarks.store import NOW, record
from bot.model import Argument, Errand, Order, Span
from bot.ports import PollRecord, Remembered
from bot.store import inbox
from bot.store.sql import SqlStore
from bot.store.words import simple_fold

HANDS = 50
POLLS = 300
ARTICLES = 20
LANES = 4
PAUSE = 0.05
WORDS_A_SENTENCE, SENTENCES = 18, 50
VOCABULARY = [f"word{number:x}" for number in range(30_000)]
WEIGHTS = [1 / (rank + 1) for rank in range(len(VOCABULARY))]
"""As in a language: the second word comes half as often as the first, and so on."""

Take = Callable[[SqlStore, Errand], Awaitable[object]]


def a_poll(number: int, chance: random.Random) -> PollRecord:
    """Return a poll that brought twenty new articles."""
    parts = [record(number * ARTICLES + each) for each in range(ARTICLES)]
    return PollRecord(
        state=parts[0].state,
        articles=tuple(_written(part.articles[0], chance) for part in parts),
        matches=tuple(part.matches[0] for part in parts),
        stories=tuple(part.stories[0] for part in parts),
        owed=tuple(part.owed[0] for part in parts),
    )


def _written(one: Remembered, chance: random.Random) -> Remembered:
    """Give an article a text of its own, folded before it comes to the store."""
    words = chance.choices(VOCABULARY, WEIGHTS, k=WORDS_A_SENTENCE * SENTENCES)
    starts = range(0, len(words), WORDS_A_SENTENCE)
    sentences = [" ".join(words[start : start + WORDS_A_SENTENCE]) + "." for start in starts]
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    article = replace(one.article, text=" ".join(sentences), sentences=tuple(spans))
    return replace(one, article=article, folded=simple_fold(article))


async def in_haste(store: SqlStore, errand: Errand) -> object:
    """Take an errand as the service does."""
    return await store.take(errand)


async def in_the_queue(store: SqlStore, errand: Errand) -> object:
    """Take an errand like any other write."""
    return await store._write(lambda connection: inbox.take(connection, errand))  # noqa: SLF001 - what would be without haste


def an_errand(number: int) -> Errand:
    """Return an order as a platform hands it on."""
    query = Argument(name="query", value='"red line" since:7d')
    order = Order(
        workspace="T1",
        channel_id="C1",
        user_id="U1",
        platform="slack",
        id=str(number),
        group="news",
        verb="search",
        arguments=(query,),
    )
    return Errand(id=str(number), platform="slack", asked=order, address="", taken_at=NOW)


@dataclass(frozen=True, slots=True)
class Measured:
    """How long the errands took, in milliseconds, and what was committed meanwhile."""

    times: list[float]
    articles_a_second: float

    def share(self, share: float) -> float:
        """Return the time within which the given share was taken."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def measure(path: Path, polls: list[PollRecord], take: Take) -> Measured:
    """Commit all the polls, and take errands until the last is durable."""
    store = SqlStore(path)
    await store.open()
    await store.take(an_errand(-1))
    waiting, began = iter(polls), perf_counter()

    async def hand() -> None:
        for poll in waiting:
            await store.remember(poll)

    committing = asyncio.gather(*[hand() for _ in range(HANDS)])
    times: list[float] = []
    numbers = count()

    async def ask() -> None:
        while not committing.done():
            times.append(await _timed(take(store, an_errand(next(numbers)))))
            await asyncio.sleep(PAUSE)

    await asyncio.gather(*[ask() for _ in range(LANES)])
    rate = len(polls) * ARTICLES / (perf_counter() - began)
    await store.close()
    return Measured(times, rate)


async def _timed(taking: Awaitable[object]) -> float:
    began = perf_counter()
    await taking
    return (perf_counter() - began) * 1000


def main() -> None:
    """Measure both ways, and print them."""
    chance = random.Random(4)
    polls = [a_poll(number, chance) for number in range(POLLS)]
    print(f"{HANDS} polls of {ARTICLES} articles under way, {POLLS} in all:")
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        for take in (in_haste, in_the_queue):
            found = asyncio.run(measure(Path(folder) / f"{take.__name__}.db", polls, take))
            print(
                f"{take.__name__.replace('_', ' '):>13}: p50 {found.share(0.5):6.1f} ms, "
                f"p95 {found.share(0.95):6.1f} ms, worst {max(found.times):6.1f} ms of "
                f"{len(found.times)} errands; {found.articles_a_second:4.0f} articles/s"
            )


if __name__ == "__main__":
    main()
