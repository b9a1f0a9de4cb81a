"""What is muted or paused for a workspace, as people are shown it: always with its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.cards import until_words
from bot.commands.desk import Desk
from bot.model import Action, Asked, Button, CardLine, ChannelRef, Mute, MuteScope
from bot.text import one_line, shorten

PRIVATE: Final = "a private rule"
GONE: Final = "a rule that is no more"
"""It may have been private, and nothing tells any more whose."""
LONGEST_NAME: Final = 60
"""The end of a mute stands behind its name, and must be seen."""


def mutes_here(asked: Asked, desk: Desk) -> Sequence[Mute]:
    """Return the mutes and pauses of the asker's workspace that hold, the first to end first."""
    now = desk.clock.now()
    held = [
        mute
        for mute in desk.watch.mutes.values()
        if mute.workspace == asked.workspace and mute.holds(now)
    ]
    return sorted(held, key=lambda mute: (mute.until is None, mute.until or mute.at, mute.id))


def mute_lines(asked: Asked, desk: Desk) -> tuple[CardLine, ...]:
    """Return a line for each of them: what, where, until when, and who set it."""
    return tuple(mute_line(mute, asked, desk) for mute in mutes_here(asked, desk))


def mute_line(mute: Mute, asked: Asked, desk: Desk) -> CardLine:
    """Say what is muted, where, until when, and by whom."""
    name = shorten(one_line(muted_name(mute, asked, desk)), LONGEST_NAME)
    what = f"{mute.scope.value.capitalize()}: {name}"
    if mute.until is None:
        return CardLine(text=f"{what}, paused by", users=(mute.user_id,))
    where = _place(mute.channel, asked, desk)
    return CardLine(text=f"{what}, {where} {until_words(mute.until)}, by", users=(mute.user_id,))


def muted_name(mute: Mute, asked: Asked, desk: Desk) -> str:
    """Return what people call it; a private rule is not named to who does not know it."""
    if mute.scope is not MuteScope.RULE:
        return mute.label
    rule = desk.watch.rules.get(mute.target)
    if rule is None:
        return GONE
    return PRIVATE if rule.private and not desk.knows(rule, asked) else mute.label


def unmute_button(mute: Mute, label: str = "Unmute") -> Button:
    """Return the button that ends a mute."""
    return Button(action=Action.UNMUTE, label=label, target=mute.id)


def _place(channel: ChannelRef | None, asked: Asked, desk: Desk) -> str:
    if channel is None:
        return "everywhere"
    return "here" if desk.is_asked_in(channel, asked) else f"in {channel}"
