"""`/feeds resume`: a paused feed is polled again."""

from __future__ import annotations

from bot.commands.deciding import change_of, decided, earlier, undo_button
from bot.commands.desk import Command, Desk
from bot.commands.feeds_paused import is_paused
from bot.commands.lookups import FEED, feed_named
from bot.model import (
    Card,
    CommandSpec,
    Feed,
    MuteScope,
    Order,
    Role,
)

SPEC = CommandSpec(
    group="feeds",
    verb="resume",
    help="Read a paused feed again",
    options=(FEED,),
    example="harbour-example-notices",
    role=Role.EDITOR,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """End the pause of a feed.

    Raises:
        OrderError: the feed is not there.
    """
    feed = feed_named(order.value("feed"), order, desk)
    done = await earlier(order, desk)
    if done is None:
        pause = desk.watch.pause_of(MuteScope.FEED, feed.id, order.workspace)
        if pause is None:
            return _not_paused(feed, desk)
        done = await decided(change_of(order, desk, "feeds resume", before=pause), desk)
    return Card(
        title=f"“{feed.title}” is read again",
        notes=_why_still(feed, desk),
        buttons=(undo_button(done),),
    )


def _not_paused(feed: Feed, desk: Desk) -> Card:
    why = _why_still(feed, desk)
    title = f"“{feed.title}” {'cannot be resumed here' if why else 'is not paused'}"
    return Card(title=title, notes=why)


def _why_still(feed: Feed, desk: Desk) -> tuple[str, ...]:
    """Say what keeps a feed from being polled that people here cannot end."""
    if feed.paused:
        whose = "whoever keeps that file takes paused: true out of it"
        return (f"It is paused in config/feeds.yaml: {whose}.",)
    if is_paused(feed, desk):
        return ("It is paused elsewhere, and is read again when that ends.",)
    return ()


COMMAND = Command(SPEC, carry_out)
