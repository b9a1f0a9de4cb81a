"""`/redline status`: whether the service does what it promises, for this workspace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from bot.commands.access import may
from bot.commands.desk import Command, Desk
from bot.commands.press_flood import held_here
from bot.commands.wording import counted, lasting
from bot.model import (
    UNDER_WAY,
    Action,
    AlertState,
    Button,
    Card,
    CardLine,
    CommandSpec,
    FeedState,
    Order,
    Role,
)
from bot.ports import Held, ParkedChannel, Tally
from bot.version import VERSION

SPEC = CommandSpec(
    group="redline",
    verb="status",
    help="How Redline stands: sources, delay, what is owed, what is parked and why",
)

LATE = timedelta(minutes=5)
"""A poll is late when it is overdue by more than the shortest time between two polls."""


async def carry_out(order: Order, desk: Desk) -> Card:
    """Sum up the sources, which are common, and the channels of the asker's own workspace."""
    tally, now = await desk.archive.tally(), desk.clock.now()
    parked = [one for one in tally.parked if desk.is_here(one.channel, order.workspace)]
    feeds = _feeds_here(tally, order, desk)
    failing = _failing(feeds)
    late = _delay(tally, now)
    held = held_here(tally, order.workspace, desk)
    troubled = bool(parked or failing or held or late > LATE)
    return Card(
        title="Redline needs a look" if troubled else "Redline is well",
        status=f"version {VERSION}",
        lines=(
            CardLine(text=_sources(feeds, order, desk)),
            CardLine(text=_lag(late)),
            CardLine(text=_owed(tally, order, desk)),
            *_parked(parked, now),
            *_held(held, desk),
        ),
        notes=_advice(desk, failing),
        buttons=tuple(_decisions(held, order, desk)),
    )


def _feeds_here(tally: Tally, order: Order, desk: Desk) -> Sequence[FeedState]:
    """Return how the sources stand, without those that people of other workspaces added."""
    here = {feed.id for feed in desk.feeds_here(order)}
    hidden = desk.watch.feeds.keys() - here
    return [state for state in tally.feeds if state.feed_id not in hidden]


def _failing(feeds: Iterable[FeedState]) -> int:
    return sum(1 for feed in feeds if feed.failures)


def _sources(feeds: Sequence[FeedState], order: Order, desk: Desk) -> str:
    failing = _failing(feeds)
    paused = sum(1 for feed in desk.feeds_here(order) if feed.paused)
    said = f"Sources: {counted(len(feeds), 'feed')} polled"
    said += f", {failing} failing" if failing else ", all answering"
    return f"{said}, {paused} paused" if paused else said


def _delay(tally: Tally, now: datetime) -> timedelta:
    """Return by how much the most overdue poll is late."""
    due = min((feed.next_poll_at for feed in tally.feeds), default=now)
    return max(timedelta(0), now - due)


def _lag(late: timedelta) -> str:
    return f"Lag: polling is {lasting(late)} behind" if late > LATE else "Lag: polling is on time"


def _owed(tally: Tally, order: Order, desk: Desk) -> str:
    states: Counter[AlertState] = Counter()
    for channel, counts in tally.channels.items():
        if desk.is_here(channel, order.workspace):
            states += Counter(counts)
    said = {
        "on the way": sum(states[state] for state in UNDER_WAY),
        "waiting for a digest": states[AlertState.WAITING],
        "given up": states[AlertState.DEAD],
    }
    owed = ", ".join(f"{number:,} {words}" for words, number in said.items() if number)
    return f"Alerts: {owed or 'nothing is owed'}, {states[AlertState.POSTED]:,} posted"


def _parked(parked: Iterable[ParkedChannel], now: datetime) -> Iterator[CardLine]:
    for one in parked:
        waiting = counted(one.owed, "alert")
        since = lasting(now - one.since)
        yield CardLine(
            text=f"Parked for {since}: {one.channel}, {one.code}, {waiting}. {one.advice}"
        )


def _held(held: Iterable[Held], desk: Desk) -> Iterator[CardLine]:
    for one in held:
        hold = one.hold
        feed = desk.watch.feeds.get(hold.feed_id)
        since = lasting(desk.clock.now() - hold.held_at)
        of = f"{counted(one.alerts, 'alert')} of {feed.title if feed else hold.feed_id}"
        yield CardLine(text=f"Held for {since}: {of} to {hold.channel}, {hold.flood}")


def _decisions(held: Sequence[Held], order: Order, desk: Desk) -> Iterator[Button]:
    """Yield the buttons of the oldest hold, whose message may be gone, for whoever may decide."""
    if held and may(order, Role.ADMIN, desk):
        oldest = held[0].hold.id
        yield Button(action=Action.RELEASE, label="Release the first", target=oldest)
        yield Button(action=Action.DISCARD, label="Discard the first", target=oldest, danger=True)


def _advice(desk: Desk, failing: int) -> tuple[str, ...]:
    return (f"Which sources fail: /{desk.menu.prefix}feeds list",) if failing else ()


COMMAND = Command(SPEC, carry_out)
