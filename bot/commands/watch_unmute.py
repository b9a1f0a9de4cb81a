"""`/watch unmute`: a muted rule tells again before its mute would have ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.commands.deciding import change_of, decided, earlier
from bot.commands.desk import Command, Desk
from bot.commands.ids import id_from
from bot.commands.lookups import RULE, rule_named
from bot.commands.watch_done import done_card
from bot.commands.watch_silence import here_of, is_here, is_paused, mutes_of
from bot.model import Card, Change, CommandSpec, Mute, Option, Order, Role, Rule

SPEC = CommandSpec(
    group="watch",
    verb="unmute",
    help="End the mutes of a rule now",
    options=(
        RULE,
        Option(name="where", help="here: in this channel alone; otherwise all its mutes"),
    ),
    example="rafah-red-line",
    role=Role.EDITOR,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """End every mute of the rule, or the one of the channel asked in."""
    done = await earlier(order, desk)
    rule = rule_named(order.value("rule"), order, desk).rule
    mutes = mutes_of(rule, order, desk)
    if is_here(order.value("where")):
        here = here_of(rule, order, desk)
        mutes = [mute for mute in mutes if mute.channel == here]
    last = await _ended(mutes, done, order, desk)
    if last is None:
        return _not_muted(rule, order, desk)
    card = done_card(last, order, desk)
    return replace(card, buttons=card.buttons if len(mutes) + bool(done) == 1 else ())


async def _ended(
    mutes: Sequence[Mute], done: Change | None, order: Order, desk: Desk
) -> Change | None:
    """End mutes and return the last change; `done` is the first, where that was made before.

    What was broken off between two of them is taken up again with those that are left.
    """
    last = done
    changes = [change_of(order, desk, "watch unmute", before=mute) for mute in mutes]
    for mute, change in zip(mutes, changes, strict=True):
        own = id_from(f"{change.id} {mute.id}") if last else change.id
        last = await decided(replace(change, id=own), desk)
    return last


def _not_muted(rule: Rule, order: Order, desk: Desk) -> Card:
    paused = is_paused(rule, order, desk)
    help_ = f"It is paused: /{desk.menu.prefix}watch resume {rule.name}" if paused else ""
    return Card(title=f"“{rule.title}” is not muted", notes=(help_,) if help_ else ())


COMMAND = Command(SPEC, carry_out)
