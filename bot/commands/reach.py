"""How far a person's role reaches: who is an editor in one channel alone changes nothing beyond."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.commands.access import may, refusal
from bot.commands.desk import Desk
from bot.commands.watch_channels import id_of
from bot.errors import OrderError
from bot.model import Asked, Change, ChannelRef, Mute, MuteScope, Role, Rule, Thing


async def check_reach(change: Change, asked: Asked, desk: Desk) -> None:
    """Refuse a change of what is told in channels where the person is no editor.

    Raises:
        OrderError: they may not; the refusal is in the audit trail.
    """
    everywhere = replace(asked, channel_id="")
    if may(everywhere, Role.EDITOR, desk):
        return
    channels = [
        each for thing in (change.before, change.after) for each in _told(thing, asked, desk)
    ]
    if channels and all(_may_in(each, asked, desk) for each in channels):
        return
    await refusal(everywhere, Role.EDITOR, change.what, desk)
    raise OrderError(
        "",
        "You may not do that in all channels that it would touch",
        advice="You are an editor in single channels. An admin can do it, or make you an editor "
        "in the others too, in access: of redline.yaml.",
    )


def _may_in(channel: ChannelRef, asked: Asked, desk: Desk) -> bool:
    found = id_of(channel, desk) if channel.platform == asked.platform else None
    return bool(found) and may(replace(asked, channel_id=found or ""), Role.EDITOR, desk)


def _told(thing: Thing | None, asked: Asked, desk: Desk) -> Iterable[ChannelRef]:
    """Return the channels of the workspace that a thing reaches; none for what reaches all."""
    match thing:
        case Rule():
            trial = [thing.trial.channel] if thing.trial and thing.trial.channel else []
            return [*desk.channels_here(thing, asked.workspace), *trial]
        case Mute(channel=ChannelRef() as channel):
            return [channel]
        case Mute(scope=MuteScope.RULE) if thing.target in desk.watch.rules:
            return desk.channels_here(desk.watch.rules[thing.target], asked.workspace)
        case _:
            return []
