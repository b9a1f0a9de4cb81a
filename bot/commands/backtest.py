"""What a rule would have found: the archive's last thirty days, asked and summed up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.commands.desk import Desk
from bot.commands.items import item_of
from bot.commands.pages import PAGE_SIZE, Answer
from bot.commands.query import candidates_of
from bot.commands.wording import counted
from bot.model import Card, Passage, Rule
from bot.rules import CompiledRule, match_article
from bot.text import shorten

SPAN: Final = timedelta(days=30)
NOISY: Final = 20
"""So many articles a day are more than people read (issue 4)."""
MOST_TESTED: Final = 2_000
"""How many candidates are judged: some seconds of work, between which other work goes on."""
BATCH: Final = 100
LONGEST_TEXT: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a rule would have found from `since` to `until`, newest first.

    `whole` says that the archive held no more candidates than were judged.
    """

    since: datetime
    until: datetime
    found: tuple[Answer, ...]
    stories: int
    whole: bool = True

    @property
    def days(self) -> float:
        """How many days were looked at, at least one."""
        return max(1.0, (self.until - self.since) / timedelta(days=1))

    @property
    def a_day(self) -> float:
        """How many articles a day it would have been."""
        return len(self.found) / self.days


async def backtest(compiled: CompiledRule, desk: Desk, begin: datetime | None = None) -> Backtest:
    """Try a rule on what was published since `begin`, or in the last thirty days."""
    now = desk.clock.now()
    begin = begin or now - SPAN
    found: list[Answer] = []
    query = replace(candidates_of(compiled, begin), limit=BATCH)
    tested, since = 0, begin
    cursor: str | None = ""
    while tested < MOST_TESTED and cursor is not None:
        batch = await desk.archive.search(replace(query, after=cursor or None))
        for article in batch.articles:
            await asyncio.sleep(0)
            found += [Answer(article, match) for match in match_article([compiled], article)]
        tested, cursor = tested + len(batch.articles), batch.cursor
        if cursor is not None:
            since = batch.articles[-1].published_at
    stories = await _stories(found, desk)
    return Backtest(
        since=since if cursor else begin,
        until=now,
        found=tuple(found),
        stories=stories,
        whole=cursor is None,
    )


async def _stories(found: Sequence[Answer], desk: Desk) -> int:
    """Count the stories; an article that no story holds is its own."""
    ids = [one.article.id for one in found]
    known = await desk.archive.stories_of(ids)
    return len({known[each].id if each in known else each for each in ids})


def tested_card(compiled: CompiledRule, test: Backtest) -> Card:
    """Show the figures, the newest five with their sentences, and what to beware of."""
    return Card(
        title=f"Last 30 days: {figures(test)}" if test.whole else figures(test),
        summary=words_of(compiled.rule),
        items=tuple(item_of(one.article, one.match) for one in test.found[:PAGE_SIZE]),
        notes=tuple(warnings(test)),
    )


def words_of(rule: Rule) -> tuple[Passage, ...]:
    """Return what a rule asks for, as the summary of a card."""
    return (Passage(shorten(rule.when, LONGEST_TEXT)),)


def figures(test: Backtest) -> str:
    """Sum up: `14 articles, 5 stories, 0.5 a day; busiest 3 on Tuesday 3 Mar`."""
    days = Counter(one.article.published_at.date() for one in test.found)
    said = f"{counted(len(test.found), 'article')}, {counted(test.stories, 'story', 'stories')}"
    if not days:
        return said
    most = max(days.values())
    busiest = max(day for day, number in days.items() if number == most)
    rate = f"{test.a_day:.1f}" if test.a_day >= 0.05 else "fewer than 0.1"
    return f"{said}, {rate} a day; busiest {most:,} on {busiest:%A} {busiest.day} {busiest:%b}"


def warnings(test: Backtest) -> Iterator[str]:
    """Yield what the author of the rule should know before it is used."""
    if not test.whole:
        yield (
            f"Only the newest {MOST_TESTED:,} candidates were tried, which reach back to "
            f"{test.since:%d %b}; the figures are for the time since."
        )
    if not test.found:
        yield "Silent: nothing would have been found. Look at each word, or ask for fewer."
    elif test.a_day > NOISY:
        yield f"Noisy: more than {NOISY} articles a day. Ask for more words, or use except."
