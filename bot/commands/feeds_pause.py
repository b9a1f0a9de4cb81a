"""`/feeds pause`: a feed is not polled until somebody resumes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.commands.deciding import change_of, decided, earlier, undo_button
from bot.commands.desk import Command, Desk, Step
from bot.commands.feeds_paused import pause_line
from bot.commands.ids import id_from
from bot.commands.lookups import FEED, feed_named
from bot.model import (
    Action,
    Asked,
    Card,
    Change,
    CommandSpec,
    Draft,
    Feed,
    Mute,
    MuteScope,
    Order,
    Reply,
    Request,
    Revised,
    Role,
)

SPEC = CommandSpec(
    group="feeds",
    verb="pause",
    help="Leave a feed alone, for everybody, until somebody resumes it",
    options=(FEED,),
    example="harbour-example-notices",
    role=Role.EDITOR,
)
PAUSE: Final = "feeds.pause"
"""The drafts of feeds that are offered to be paused."""


async def carry_out(order: Order, desk: Desk) -> Card:
    """Pause a feed.

    Raises:
        OrderError: it is not there.
    """
    return await paused(feed_named(order.value("feed"), order, desk), order, desk)


async def paused(feed: Feed, asked: Asked, desk: Desk) -> Card:
    """Pause a feed and say so; where it is paused already, say who did it."""
    done = await earlier(asked, desk)
    own = desk.watch.pause_of(MuteScope.FEED, feed.id, asked.workspace)
    if done is None and (feed.paused or own):
        line = pause_line(feed, asked, desk)
        line = replace(line, text=line.text.capitalize())
        again = (f"To read it again: /{desk.menu.prefix}feeds resume {feed.id}",) if own else ()
        return Card(title=f"“{feed.title}” is paused already", lines=(line,), notes=again)
    if done is None:
        change = change_of(asked, desk, "feeds pause", after=_pause(feed, asked, desk))
        done = await decided(change, desk)
    return _paused_card(feed, done, desk)


def _pause(feed: Feed, asked: Asked, desk: Desk) -> Mute:
    return Mute(
        # Two people who pause it at the same moment do not pause it twice.
        id=id_from(f"pause {MuteScope.FEED} {feed.id} {asked.workspace}"),
        scope=MuteScope.FEED,
        target=feed.id,
        label=feed.title,
        workspace=asked.workspace,
        user_id=asked.user_id,
        at=desk.clock.now(),
        until=None,
    )


def _paused_card(feed: Feed, done: Change, desk: Desk) -> Card:
    until = f"until somebody resumes it: /{desk.menu.prefix}feeds resume {feed.id}"
    return Card(
        title=f"“{feed.title}” is paused",
        notes=(
            f"It is read for nobody, here and elsewhere, {until}",
            "What it publishes meanwhile is told then, as far as the feed still shows it.",
        ),
        buttons=(undo_button(done),),
    )


async def pause_it(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Pause the feed that was offered to be paused.

    Raises:
        OrderError: it is no longer there.
    """
    return Revised(await paused(feed_named(draft.subject, request, desk), request, desk))


COMMAND = Command(SPEC, carry_out)
STEP = Step(PAUSE, Action.CONFIRM, Role.EDITOR, pause_it)
