"""`/news trend`: how much is written about something, day by day, as a picture and in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final

import regex

from bot.charts import DayCount, Labels, draw_days
from bot.commands.backtest import backtest
from bot.commands.bars import bars
from bot.commands.desk import Command, Desk
from bot.commands.query import read_words
from bot.commands.typed import unquoted
from bot.commands.wording import counted
from bot.errors import OrderError, SandboxError
from bot.model import Card, CardLine, CommandSpec, Option, Order, Picture
from bot.text import one_line, shorten

SPEC = CommandSpec(
    group="news",
    verb="trend",
    help="How much is written about something, day by day, as a picture",
    options=(
        Option(
            name="text",
            help="Words, in the language of rules, or the name of a rule; 7d to 90d at the end",
            required=True,
        ),
    ),
    example='"red line" 30d',
)

DAYS: Final = 30
FEWEST_DAYS: Final = 2
MOST_DAYS: Final = 90
LONGEST_TITLE: Final = 80
LONGEST_ALT: Final = 1000
"""https://docs.discord.com/developers/resources/message#attachment-object: at most 1,024."""
_SPAN: Final = regex.compile(r"(?P<text>.*\S)\s+(?P<number>\d{1,4})\s*(?P<unit>[dw])", regex.I)
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """How often something was found on each day, the oldest first.

    `looked_back_to` is later than the first day where there was more than could be looked at.
    """

    about: str
    days: tuple[DayCount, ...]
    looked_back_to: date

    @property
    def total(self) -> int:
        """How often it was found on all days."""
        return sum(one.number for one in self.days)

    @property
    def busiest(self) -> DayCount:
        """The day on which it was found most, of several the last."""
        return max(self.days, key=lambda one: (one.number, one.day))


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the days' figures.

    Raises:
        OrderError: it asks for too few or too many days.
        RuleError: the text is no rule.
    """
    text, number = _read(order.value("text"))
    trend = await _trend(text, number, order, desk)
    figures = _figures(trend)
    picture = await _picture(trend, figures, desk) if trend.total else None
    drawn = () if picture or not trend.total else (_bars(trend),)
    return Card(
        title=f"{shorten(one_line(trend.about), LONGEST_TITLE)}: {figures}",
        lines=tuple(CardLine(text=line) for line in (*drawn, *_weeks(trend))),
        notes=tuple(_notes(trend, desk)),
        picture=picture,
    )


def _read(text: str) -> tuple[str, int]:
    """Divide what was typed into what is sought and how many days."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return text, DAYS
    number = int(found["number"]) * (_WEEK if found["unit"] in "wW" else 1)
    if not FEWEST_DAYS <= number <= MOST_DAYS:
        advice = "For example 7d, 30d or 12w"
        raise OrderError("", f"A trend shows {FEWEST_DAYS} to {MOST_DAYS} days", advice=advice)
    return found["text"], number


async def _trend(text: str, number: int, order: Order, desk: Desk) -> Trend:
    """Count, day by day, what a rule of that name found, or what the text finds."""
    today = desk.clock.now().astimezone(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(number))]
    begin = datetime.combine(days[0], time(), UTC)
    compiled = desk.rules_here(order).get(unquoted(text))
    if compiled:
        counts = await desk.archive.rule_counts(begin)
        found = {one.day: one.matches for one in counts if one.rule == compiled.name}
        return Trend(compiled.rule.title, _counted(days, found), days[0])
    test = await backtest(read_words(text, order.value("text"), desk.names), desk, begin)
    published = Counter(one.article.published_at.astimezone(UTC).date() for one in test.found)
    since = days[0] if test.whole else test.since.astimezone(UTC).date()
    return Trend(text, _counted(days, published), since)


def _counted(days: list[date], found: Mapping[date, int]) -> tuple[DayCount, ...]:
    return tuple(DayCount(day, found.get(day, 0)) for day in days)


def _figures(trend: Trend) -> str:
    """Sum up: `84 articles in 30 days, 2.8 a day; busiest 12 on Tuesday 3 Mar`."""
    said = f"{counted(trend.total, 'article')} in {len(trend.days)} days"
    if not trend.total:
        return said
    rate = trend.total / len(trend.days)
    busiest = trend.busiest
    return (
        f"{said}, {f'{rate:.1f}' if rate >= 0.05 else 'fewer than 0.1'} a day; "
        f"busiest {busiest.number:,} on {busiest.day:%A} {_day(busiest.day)}"
    )


def _bars(trend: Trend) -> str:
    """Return the days as small bars, for where there is no picture."""
    drawn = bars([one.number for one in trend.days])
    return f"{_day(trend.days[0].day)} {drawn} {_day(trend.days[-1].day)}"


def _weeks(trend: Trend) -> Iterator[str]:
    """Yield the sum of each week, the first and last of which may be shorter."""
    if not trend.total:
        return
    for _, group in groupby(trend.days, key=lambda one: one.day - timedelta(one.day.weekday())):
        week = list(group)
        ends = dict.fromkeys((_day(week[0].day), _day(week[-1].day)))
        yield f"{' to '.join(ends)}: {counted(sum(one.number for one in week), 'article')}"


def _notes(trend: Trend, desk: Desk) -> Iterator[str]:
    if not trend.total:
        yield f"To look further back: /{desk.menu.prefix}news search {one_line(trend.about)}"
    if trend.looked_back_to > trend.days[0].day:
        yield (
            f"There was too much to look at: what was published before "
            f"{_day(trend.looked_back_to)} is not counted."
        )


async def _picture(trend: Trend, figures: str, desk: Desk) -> Picture | None:
    """Draw the trend beside the service; without a picture the figures still stand in words."""
    about = one_line(trend.about)
    try:
        png = await desk.web.sandbox.run(draw_days, Labels(about, figures), trend.days)
    except SandboxError:
        return None
    said = ", ".join(f"{_day(one.day)} {one.number:,}" for one in trend.days if one.number)
    first, last = _day(trend.days[0].day), _day(trend.days[-1].day)
    alt = f"Articles a day about {about}, {first} to {last}: {figures}. {said}."
    return Picture(png=png, alt=shorten(alt, LONGEST_ALT))


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


COMMAND = Command(SPEC, carry_out)
