"""The Unmute button: a mute or pause ends before its time."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.access import refusal
from bot.commands.deciding import change_of, earlier, put, undo_button
from bot.commands.desk import Desk, Press
from bot.commands.muted import muted_name
from bot.commands.watch_channels import id_of
from bot.model import (
    Action,
    Asked,
    Card,
    Change,
    Mute,
    Reply,
    Request,
    Revised,
    Role,
)


async def unmute(request: Request, desk: Desk) -> Reply:
    """End the mute whose id the button carried.

    Who may edit in single channels only ends what is muted in these.
    """
    if done := await earlier(request, desk):
        return Revised(_heard_again(done, request, desk))
    mute = desk.watch.mutes.get(request.target)
    if mute is None or mute.workspace != request.workspace or not mute.holds(desk.clock.now()):
        return _ended()
    channel_id = id_of(mute.channel, desk) if mute.channel else None
    place = replace(request, channel_id=channel_id or "")
    refused = await refusal(place, Role.EDITOR, "press unmute", desk)
    if refused:
        return refused
    done = await put(change_of(request, desk, "watch unmute", before=mute), desk)
    return Revised(_heard_again(done, request, desk)) if done else _ended()


def _heard_again(done: Change, asked: Asked, desk: Desk) -> Card:
    mute = done.before
    assert isinstance(mute, Mute)  # it is what the button ended
    name = muted_name(mute, asked, desk)
    return Card(
        title=f"No longer muted: {name}" if mute.until else f"No longer paused: {name}",
        buttons=(undo_button(done),),
    )


def _ended() -> Card:
    return Card(title="This is not muted any more", notes=("Somebody ended it, or its time came.",))


PRESS = Press(Action.UNMUTE, Role.EDITOR, unmute)
