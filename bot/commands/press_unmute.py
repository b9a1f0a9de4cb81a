"""The Unmute button: a mute or pause ends before its time."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.access import refusal
from bot.commands.desk import Desk, Press
from bot.commands.ids import new_id
from bot.commands.muted import muted_name
from bot.model import (
    Action,
    Asked,
    Button,
    Card,
    Change,
    Changed,
    ChannelRef,
    Mute,
    MuteScope,
    Reply,
    Request,
    Revised,
    Role,
)


async def unmute(request: Request, desk: Desk) -> Reply:
    """End the mute whose id the button carried.

    Who may edit in single channels only ends what is muted in these.
    """
    mute = desk.watch.mutes.get(request.target)
    if mute is None or mute.workspace != request.workspace or not mute.holds(desk.clock.now()):
        return _ended()
    place = replace(request, channel_id=_channel_id(mute.channel, desk))
    refused = await refusal(place, Role.EDITOR, "press unmute", desk)
    if refused:
        return refused
    change = _change(mute, request, desk)
    if await desk.watch.change(change) is Changed.CONFLICT:
        return _ended()
    return Revised(_heard_again(mute, change, request, desk))


def _channel_id(channel: ChannelRef | None, desk: Desk) -> str:
    """Return the platform's id of a channel; nothing for a whole workspace."""
    ids = (chat.id_of(channel) for chat in desk.chats) if channel else iter(())
    return next(filter(None, ids), "")


def _change(mute: Mute, request: Request, desk: Desk) -> Change:
    return Change(
        id=request.id or new_id(),
        at=desk.clock.now(),
        platform=request.platform,
        workspace=request.workspace,
        channel_id=request.channel_id,
        user_id=request.user_id,
        what="unmute",
        subject=mute.label if mute.scope is MuteScope.STORY else mute.target,
        before=mute,
    )


def _heard_again(mute: Mute, change: Change, asked: Asked, desk: Desk) -> Card:
    name = muted_name(mute, asked, desk)
    return Card(
        title=f"No longer muted: {name}" if mute.until else f"No longer paused: {name}",
        buttons=(Button(action=Action.UNDO, label="Undo", target=change.id),),
    )


def _ended() -> Card:
    return Card(title="This is not muted any more", notes=("Somebody ended it, or its time came.",))


PRESS = Press(Action.UNMUTE, Role.EDITOR, unmute)
