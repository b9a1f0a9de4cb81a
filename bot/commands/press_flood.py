"""The Release and Discard buttons: an admin decides what becomes of a flood that is held."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot.commands.access import audit_line, refusal
from bot.commands.deciding import change_by_id, earlier
from bot.commands.desk import Desk, Press
from bot.commands.watch_channels import id_of
from bot.commands.watch_words import moment
from bot.commands.wording import counted
from bot.model import (
    Action,
    Card,
    CardLine,
    Change,
    Changed,
    Hold,
    Reply,
    Request,
    Revised,
    Role,
)
from bot.ports import Held, Tally

RELEASED = "feeds release"
DISCARDED = "feeds discard"


async def decide(request: Request, desk: Desk, *, release: bool) -> Reply:
    """Release or discard the hold whose id the button carries, and say so on its message.

    Whoever is an admin where it would be told may decide, even if they ask elsewhere.
    """
    hold = await desk.archive.hold(request.target)
    if hold is None or not desk.is_here(hold.channel, request.workspace):
        return Card(title="This flood is not known here")
    what = RELEASED if release else DISCARDED
    place = replace(request, channel_id=id_of(hold.channel, desk) or "")
    if refused := await refusal(place, Role.ADMIN, what, desk):
        return refused
    if done := await earlier(request, desk):
        return await _told(hold, done, desk)
    change = replace(audit_line(request, what, desk), subject=hold.feed_id)
    if await desk.archive.decide_hold(change, hold.id, release=release) is not Changed.DONE:
        return await _too_late(hold, request, desk)
    return await _told(hold, change, desk)


async def _too_late(hold: Hold, request: Request, desk: Desk) -> Reply:
    """Say what became of a hold that is open no more."""
    ended = await desk.archive.hold(hold.id)
    done = await change_by_id(ended.change_id or "", request, desk) if ended else None
    if done is None:
        search = f"/{desk.menu.prefix}news"
        return Card(
            title="Nobody decided in time",
            notes=(f"It was left at the message. What it held can be found: {search}",),
        )
    return await _told(hold, done, desk)


async def _told(hold: Hold, done: Change, desk: Desk) -> Reply:
    """Return the message of a hold with what was decided, and no buttons."""
    record = await desk.archive.alert(hold.id)
    card = record.card if record and record.card else Card(title="Held at once")
    verb = "Released" if done.what == RELEASED else "Discarded"
    mark = CardLine(text=f"{verb} on {moment(done.at)}, by", users=(done.user_id,))
    return Revised(replace(card, notes=(), marks=(mark,), buttons=()))


# --- What is held, in lists ---------------------------------------------------------------------


def held_here(tally: Tally, workspace: str, desk: Desk) -> list[Held]:
    """Return the open holds in the channels of a workspace, oldest first."""
    return [one for one in tally.held if desk.is_here(one.hold.channel, workspace)]


def held_of(feed_id: str, held: list[Held]) -> str:
    """Return how much of a feed is held: `12 alerts held`; nothing where none is."""
    number = sum(one.alerts for one in held if one.hold.feed_id == feed_id)
    return f"{counted(number, 'alert')} held" if number else ""


RELEASE = Press(Action.RELEASE, None, partial(decide, release=True))
DISCARD = Press(Action.DISCARD, None, partial(decide, release=False))
