"""`/watch test`: what a rule would have found, before anybody is told of it."""

from __future__ import annotations

from bot.commands.backtest import backtest, tested_card
from bot.commands.desk import Command, Desk
from bot.commands.query import read_words
from bot.commands.typed import unquoted
from bot.model import Card, CommandSpec, Option, Order
from bot.rules import CompiledRule

SPEC = CommandSpec(
    group="watch",
    verb="test",
    help="What a rule would have found in the last 30 days, before anybody is told of it",
    options=(
        Option(
            name="when",
            help="What an article must say, in the language of rules; or the name of a rule",
            required=True,
        ),
    ),
    example='place:Rafah AND "red line"',
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the figures, the newest five with their sentences, and what to beware of."""
    compiled = _rule(order, desk)
    test = await backtest(compiled, desk)
    return tested_card(compiled, test)


def _rule(order: Order, desk: Desk) -> CompiledRule:
    """Return the rule of that name, with its except, or read the text as one."""
    text = order.value("when")
    return desk.rules_here(order).get(unquoted(text)) or read_words(text, text, desk.names)


COMMAND = Command(SPEC, carry_out)
