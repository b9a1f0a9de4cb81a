"""`/redline digest`: what the channel was told of late, story by story, and what waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from bot.commands.desk import Command, Desk
from bot.commands.durations import read_duration, spoken
from bot.commands.wording import counted
from bot.model import (
    Alert,
    AlertState,
    Asked,
    Card,
    CardLine,
    ChannelRef,
    CommandSpec,
    Option,
    OptionKind,
    Order,
)
from bot.ports import AlertRecord
from bot.text import one_line, shorten

SPEC = CommandSpec(
    group="redline",
    verb="digest",
    help="What this channel was told of late, story by story, and what waits for its digest",
    options=(
        Option(
            name="since",
            help="How far to look back: 24h or 7d; a day where it is left out",
            kind=OptionKind.DURATION,
        ),
    ),
    example="7d",
)

DAY: Final = timedelta(days=1)
MOST_ALERTS: Final = 500
"""So many of the newest alerts of the channel are gathered into stories."""
MOST_STORIES: Final = 10
MOST_WAITING: Final = 4
LONGEST_TITLE: Final = 90
"""So many lines, with addresses of usual length, fit into a message of Discord."""

Told = tuple[Alert, Card]
"""An alert and the card that told it."""


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the stories of the channel asked in, the newest first.

    Raises:
        OrderError: the time to look back is none.
    """
    span = _span(order)
    channels = await _channels(order, desk)
    told = await _told(channels, span, desk)
    waiting = await _waiting(channels, desk)
    stories = len({alert.story_id for alert, _ in told})
    said = f"{counted(len(told), 'alert')} on {counted(stories, 'story', 'stories')}"
    lately = "the last day" if span == DAY else f"the last {spoken(span)}"
    return Card(
        title=f"This channel was told {said if told else 'nothing'} in {lately}",
        lines=(
            *_stories("", told, MOST_STORIES),
            *_stories("Waits for the digest", waiting, MOST_WAITING),
        ),
        notes=tuple(_notes(channels, bool(told), desk)),
    )


def _span(order: Order) -> timedelta:
    given = order.value("since").removeprefix("since:").strip()
    return read_duration(given) if given else DAY


async def _channels(asked: Asked, desk: Desk) -> Sequence[ChannelRef]:
    """Return the names that the channel asked in has in settings and rules."""
    known = (await desk.archive.tally()).channels
    return [channel for channel in known if desk.is_asked_in(channel, asked)]


async def _told(channels: Iterable[ChannelRef], span: timedelta, desk: Desk) -> Sequence[Told]:
    """Return what the channel was told, newest first; what a digest gathered stands for itself."""
    since = desk.clock.now() - span
    records = [
        record
        for channel in channels
        for record in await desk.archive.told_in(channel, since, MOST_ALERTS)
    ]
    told = [(record.alert, record.card) for record in records if record.card and _is_one(record)]
    return sorted(told, key=lambda one: one[0].decided_at, reverse=True)


def _is_one(record: AlertRecord) -> bool:
    """Say whether it tells of one story, and is not itself a digest or a report."""
    in_a_message = record.state in {AlertState.GATHERED, AlertState.HELD}
    reason = record.alert.reason
    return in_a_message or (bool(record.alert.rules) and (reason.posts or reason.is_held))


async def _waiting(channels: Iterable[ChannelRef], desk: Desk) -> Sequence[Told]:
    waiting = [owed for channel in channels for owed in await desk.archive.waiting(channel)]
    return [(owed.alert, owed.card) for owed in reversed(waiting) if owed.card]


def _stories(heading: str, told: Sequence[Told], most: int) -> Iterator[CardLine]:
    """Yield a line for each story, with its newest card and how often it was told."""
    stories: dict[str, list[Card]] = {}
    for alert, card in told:
        stories.setdefault(alert.story_id, []).append(card)
    if stories and heading:
        yield CardLine(text=heading, heading=True)
    for cards in list(stories.values())[:most]:
        yield _line(cards)
    if len(stories) > most:
        yield CardLine(text=f"and {counted(len(stories) - most, 'story', 'stories')} more")


def _line(cards: Sequence[Card]) -> CardLine:
    newest = cards[0]
    often = f" ({len(cards)} alerts)" if len(cards) > 1 else ""
    text = f"{shorten(one_line(newest.title), LONGEST_TITLE)}{often}"
    return CardLine(text=text, url=newest.url, domain=newest.domain)


def _notes(channels: Sequence[ChannelRef], told: bool, desk: Desk) -> Iterator[str]:
    if not channels:
        yield "No rule has told this channel anything yet."
    if not told:
        yield f"Which rules tell which channels: /{desk.menu.prefix}watch list"


COMMAND = Command(SPEC, carry_out)
