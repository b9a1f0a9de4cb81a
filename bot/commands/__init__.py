"""What people ask and press, written once for all platforms and registered here.

A command is one file, `<group>_<verb>.py`, with its declaration and what it does, and one line in
`COMMANDS`. Handlers, help, docs and completion are made from the declarations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

from bot.commands import (
    feeds_list,
    news_latest,
    news_search,
    news_story,
    news_why,
    redline_help,
    redline_status,
    watch_list,
    watch_show,
    watch_test,
)
from bot.commands.access import refusal
from bot.commands.answers import mistake_card, not_there_card, rule_mistake_card
from bot.commands.desk import Command, Desk
from bot.commands.press_page import turn_page
from bot.commands.press_why import why
from bot.commands.suggesting import suggest
from bot.commands.typed import Mistake, read
from bot.errors import OrderError, RuleError
from bot.model import Action, Card, Menu, Order, Request

COMMANDS: Final[Sequence[Command]] = (
    news_search.COMMAND,
    news_latest.COMMAND,
    news_story.COMMAND,
    news_why.COMMAND,
    watch_list.COMMAND,
    watch_show.COMMAND,
    watch_test.COMMAND,
    feeds_list.COMMAND,
    redline_status.COMMAND,
    redline_help.COMMAND,
)
"""All commands, in the order in which help shows them."""

MENU: Final = Menu(commands=tuple(command.spec for command in COMMANDS))
"""The declarations of all commands, without a prefix."""

_BY_NAME: Final = {(command.spec.group, command.spec.verb): command for command in COMMANDS}
_TURNS: Final = {name: one.turn for name, one in _BY_NAME.items() if one.turn}
_PRESSES: Final[Mapping[Action, Callable[[Request, Desk], Awaitable[Card]]]] = {
    Action.WHY: why,
    Action.PAGE: partial(turn_page, turns=_TURNS),
}

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
    command = _BY_NAME[understood.group, understood.verb]
    return await _answered(command.carry_out(understood, desk))


async def answer(request: Request, desk: Desk) -> Card:
    """Carry out what a person pressed and return what they are shown, privately."""
    return await _answered(_PRESSES[request.action](request, desk))


async def _answered(answering: Awaitable[Card]) -> Card:
    """Return the answer; what people got wrong is an answer too."""
    try:
        return await answering
    except RuleError as error:
        return rule_mistake_card(error)
    except OrderError as error:
        return not_there_card(error)
