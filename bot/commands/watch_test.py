"""`/watch test`: what a rule would have found, before anybody is told of it."""

from __future__ import annotations

from bot.commands.backtest import backtest, figures, warnings
from bot.commands.desk import Command, Desk
from bot.commands.items import item_of
from bot.commands.pages import PAGE_SIZE
from bot.commands.query import read_words
from bot.commands.typed import unquoted
from bot.model import Card, CommandSpec, Option, Order, Passage
from bot.rules import CompiledRule
from bot.text import shorten

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

LONGEST_TEXT = 300


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the figures, the newest five with their sentences, and what to beware of."""
    compiled = _rule(order, desk)
    test = await backtest(compiled, desk)
    return Card(
        title=f"Last 30 days: {figures(test)}" if test.whole else figures(test),
        summary=(Passage(shorten(compiled.rule.when, LONGEST_TEXT)),),
        items=tuple(item_of(one.article, one.match) for one in test.found[:PAGE_SIZE]),
        notes=tuple(warnings(test)),
    )


def _rule(order: Order, desk: Desk) -> CompiledRule:
    """Return the rule of that name, with its except, or read the text as one."""
    text = order.value("when")
    return desk.rules_here(order).get(unquoted(text)) or read_words(text, text, desk.names)


COMMAND = Command(SPEC, carry_out)
