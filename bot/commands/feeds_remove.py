"""`/feeds remove`: a feed that was added in chat is polled no more; it asks first."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.commands.deciding import change_of, decided, earlier, undo_button
from bot.commands.desk import Command, Desk, Step
from bot.commands.drafts import new_draft
from bot.commands.feeds_pause import PAUSE
from bot.commands.feeds_paused import is_paused
from bot.commands.ids import new_id
from bot.commands.lookups import FEED, feed_named
from bot.model import (
    Action,
    Asked,
    Button,
    Card,
    CommandSpec,
    Draft,
    Feed,
    MuteScope,
    Order,
    Origin,
    Reply,
    Request,
    Revised,
    Role,
)

SPEC = CommandSpec(
    group="feeds",
    verb="remove",
    help="Read a feed no more that was added in chat; asks first",
    options=(FEED,),
    example="harbour-example-notices",
    role=Role.ADMIN,
)
REMOVE: Final = "feeds.remove"


async def carry_out(order: Order, desk: Desk) -> Card:
    """Ask whether to remove a feed; one of the settings can only be paused here.

    Raises:
        OrderError: it is not there.
    """
    feed = feed_named(order.value("feed"), order, desk)
    if feed.origin is Origin.YAML:
        return await _of_the_file(feed, order, desk)
    draft = new_draft(REMOVE, order, desk, subject=feed.id)
    await desk.register.keep_draft(draft)
    return Card(
        title=f"Remove “{feed.title}”?",
        notes=(
            "It is not read any more, and no rule hears of it. What was read stays to be searched.",
        ),
        buttons=(Button(action=Action.CONFIRM, label="Remove", target=draft.id, danger=True),),
    )


async def _of_the_file(feed: Feed, order: Order, desk: Desk) -> Card:
    rests = is_paused(feed, desk)
    draft = new_draft(PAUSE, order, desk, subject=feed.id)
    await desk.register.keep_draft(draft)
    pause = Button(action=Action.CONFIRM, label="Pause", target=draft.id)
    return Card(
        title=f"“{feed.title}” cannot be removed here",
        notes=(
            "It stands in config/feeds.yaml; whoever keeps that file can take it out.",
            "It is paused already." if rests else "It can be paused here.",
        ),
        buttons=() if rests else (pause,),
    )


async def remove(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Remove the feed that was asked about.

    Raises:
        OrderError: it is no longer there, or somebody else changed it.
    """
    done = await earlier(request, desk)
    if done is None:
        feed = feed_named(draft.subject, request, desk)
        done = await decided(change_of(request, desk, "feeds remove", before=feed), desk)
    await _end_pause(draft.subject, request, desk)
    title = done.before.title if isinstance(done.before, Feed) else draft.subject
    return Revised(
        Card(
            title=f"“{title}” is not read any more",
            notes=("What was read from it stays to be searched.",),
            buttons=(undo_button(done),),
        )
    )


async def _end_pause(feed_id: str, asked: Asked, desk: Desk) -> None:
    """End the pause of a feed that is gone; it would hold for the next one of that name."""
    pause = desk.watch.pause_of(MuteScope.FEED, feed_id, asked.workspace)
    if pause:
        change = change_of(asked, desk, "feeds resume", before=pause)
        await desk.watch.change(replace(change, id=new_id()))


COMMAND = Command(SPEC, carry_out)
STEP = Step(REMOVE, Action.CONFIRM, Role.ADMIN, remove)
