"""How far a person's role reaches: who is an editor in one channel alone changes nothing beyond."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.commands.access import edits_everywhere, may
from bot.commands.desk import Desk
from bot.commands.watch_channels import id_of
from bot.errors import OrderError
from bot.model import Asked, ChannelRef, Feed, Mute, MuteScope, Role, Rule, Thing


class BeyondReachError(OrderError):
    """A person may do something, but not in all channels that it would touch."""

    def __init__(self, what: str) -> None:
        """Make the error of what was asked for, such as `watch edit`."""
        super().__init__(
            what,
            "You may not do that in all channels that it would touch",
            advice="You are an editor in single channels. An admin can do it, or make you an "
            "editor in the others too, in access: of redline.yaml.",
        )


def check_reach(things: Iterable[Thing | None], asked: Asked, desk: Desk, what: str) -> None:
    """Refuse what would change what is told in channels where the person is no editor.

    Raises:
        BeyondReachError: it would.
    """
    if edits_everywhere(asked, desk):
        return
    for thing in things:
        told = _told(thing, asked, desk)
        if told is None:
            continue
        if not told or not all(_may_in(each, asked, desk) for each in told):
            raise BeyondReachError(what)


def _may_in(channel: ChannelRef, asked: Asked, desk: Desk) -> bool:
    found = id_of(channel, desk) if channel.platform == asked.platform else None
    return bool(found) and may(replace(asked, channel_id=found or ""), Role.EDITOR, desk)


def _told(thing: Thing | None, asked: Asked, desk: Desk) -> list[ChannelRef] | None:
    """Return the channels of the workspace that a thing reaches.

    An empty list stands for all of them: what a feed brings is there for every rule. None says
    that there is nothing to reach.
    """
    match thing:
        case Rule():
            trial = [thing.trial.channel] if thing.trial and thing.trial.channel else []
            return [*desk.channels_here(thing, asked.workspace), *trial]
        case Mute(channel=ChannelRef() as channel):
            return [channel]
        case Mute(scope=MuteScope.RULE) if thing.target in desk.watch.rules:
            return list(desk.channels_here(desk.watch.rules[thing.target], asked.workspace))
        case Mute() | Feed():
            return []
        case _:
            return None
