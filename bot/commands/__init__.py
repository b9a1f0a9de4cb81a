"""What people ask and press, written once for all platforms and registered here.

A command is one file, `<group>_<verb>.py`, with its declaration and what it does, and one line in
`COMMANDS`. Handlers, help, docs and completion are made from the declarations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.commands import redline_help, redline_status
from bot.commands.access import refusal
from bot.commands.answers import mistake_card, rule_mistake_card
from bot.commands.desk import Command, Desk
from bot.commands.presses import answer
from bot.commands.suggesting import suggest
from bot.commands.typed import Mistake, read
from bot.errors import RuleError
from bot.model import Card, Menu, Order

COMMANDS: Final[Sequence[Command]] = (
    redline_status.COMMAND,
    redline_help.COMMAND,
)
"""All commands, in the order in which help shows them."""

MENU: Final = Menu(commands=tuple(command.spec for command in COMMANDS))
"""The declarations of all commands, without a prefix."""

_BY_NAME: Final = {(command.spec.group, command.spec.verb): command for command in COMMANDS}

__all__ = ["COMMANDS", "MENU", "Command", "Desk", "answer", "carry_out", "suggest"]


async def carry_out(order: Order, desk: Desk) -> Card:
    """Carry out what a person ordered and return what they are shown, privately.

    Whoever may not ask is refused; what cannot be read is answered with help.
    """
    refused = refusal(order.standing)
    if refused:
        return refused
    understood = read(order, desk.menu)
    if isinstance(understood, Mistake):
        return mistake_card(understood, desk.menu)
    try:
        return await _BY_NAME[understood.group, understood.verb].carry_out(understood, desk)
    except RuleError as error:
        return rule_mistake_card(error)
