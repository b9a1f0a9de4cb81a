"""The silences of a rule: pauses without an end, mutes with one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.commands.desk import Desk
from bot.commands.muted import mutes_here
from bot.commands.watch_channels import channel_of, channels_line
from bot.commands.watch_words import moment
from bot.errors import OrderError
from bot.model import Asked, CardLine, ChannelRef, Mute, MuteScope, Rule


def is_paused(rule: Rule, asked: Asked, desk: Desk) -> bool:
    """Say whether a rule is paused, by its file or in chat."""
    return rule.paused or desk.watch.is_paused(MuteScope.RULE, rule.name, asked.workspace)


def mutes_of(rule: Rule, asked: Asked, desk: Desk) -> Sequence[Mute]:
    """Return the mutes of a rule that hold in the workspace, the one that ends last first."""
    mutes = [
        mute
        for mute in mutes_here(asked, desk)
        if mute.until and (mute.scope, mute.target) == (MuteScope.RULE, rule.name)
    ]
    return mutes[::-1]


def here_of(rule: Rule, asked: Asked, desk: Desk) -> ChannelRef:
    """Return the channel asked in.

    Raises:
        OrderError: the rule does not tell it.
    """
    here = channel_of(asked.channel_id, asked, desk)
    if here not in rule.to:
        raise OrderError(
            "",
            f"“{rule.title}” does not tell this channel",
            advice="Leave out here, or ask in a channel that it tells",
        )
    return here


def is_here(word: str) -> bool:
    """Read where something is to be silent: in the channel asked in, or in all.

    Raises:
        OrderError: it is another word.
    """
    if word.casefold() not in {"", "here", "everywhere"}:
        advice = "Write here for this channel alone, or nothing for all channels"
        raise OrderError("", f"“{word}” is not known here", advice=advice)
    return word.casefold() == "here"


def silence_lines(rule: Rule, asked: Asked, desk: Desk) -> Iterator[CardLine]:
    """Yield how a rule is silent, until when, and who wanted it."""
    if rule.paused:
        yield CardLine(text="Paused in config/rules.yaml")
    pause = desk.watch.pause_of(MuteScope.RULE, rule.name, asked.workspace)
    if pause:
        yield CardLine(text=f"Paused since {moment(pause.at)} by", users=(pause.user_id,))
    for mute in mutes_of(rule, asked, desk):
        assert mute.until
        yield CardLine(text=f"Muted until {moment(mute.until)} by", users=(mute.user_id,))
        if mute.channel:
            yield channels_line("That mute is for one channel:", (mute.channel,), asked)


def silence_words(rule: Rule, asked: Asked, desk: Desk) -> str:
    """Return how a rule is silent in a few words, the empty string where it is not."""
    if is_paused(rule, asked, desk):
        return "paused"
    last = next(iter(mutes_of(rule, asked, desk)), None)
    if last is None or last.until is None:
        return ""
    return f"muted{' in a channel' if last.channel else ''} until {moment(last.until)}"
