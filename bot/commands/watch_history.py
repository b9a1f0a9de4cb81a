"""`/watch history`: who changed a rule, when, and what it was before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.commands.desk import Command, Desk
from bot.commands.lookups import RULE
from bot.commands.pages import begins_at, buttons, first_look
from bot.commands.watch_past import is_told, past_of_rule
from bot.commands.watch_words import differences, happened, moment
from bot.commands.wording import counted
from bot.model import (
    Asked,
    Card,
    CardLine,
    Change,
    CommandSpec,
    Order,
    Rule,
)
from bot.ports import Look

SPEC = CommandSpec(
    group="watch",
    verb="history",
    help="Who changed a rule, when, and what it was before",
    options=(RULE,),
    example="rafah-red-line",
)

A_PAGE: Final = 4
"""How many changes are on a page: each has a line, and one for everything that it changed."""


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the newest changes."""
    return await turn(first_look(order, desk), desk)


async def turn(look: Look, desk: Desk) -> Card:
    """Show a page of changes."""
    order = look.order
    name = order.value("rule")
    past = [one for one in await past_of_rule(name, order, desk) if is_told(one, order, desk)]
    start = int(begins_at(look) or 0)
    shown = past[start : start + A_PAGE]
    after = str(start + A_PAGE) if start + A_PAGE < len(past) else None
    counts = counted(len(past), "change")
    return Card(
        title=f"{name}: {counts}" if past else f"{name} was never changed in chat",
        lines=tuple(line for one in shown for line in _told(one, order)),
        buttons=await buttons(look, after, desk),
    )


def _told(change: Change, asked: Asked) -> Iterator[CardLine]:
    undone = " (undo)" if change.what.endswith(" undo") else ""
    said = f"{moment(change.at)}: {happened(change)}{undone}, by"
    yield CardLine(text=said, users=(change.user_id,))
    before, after = change.before, change.after
    if isinstance(before, Rule) and isinstance(after, Rule):
        yield from differences(before, after, asked)


COMMAND = Command(SPEC, carry_out, turn)
