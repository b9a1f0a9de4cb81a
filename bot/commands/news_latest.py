"""`/news latest`: the newest articles, or the newest that a rule matched."""

from __future__ import annotations

from bot.commands.desk import Command, Desk
from bot.commands.items import item_of
from bot.commands.lookups import rule_named
from bot.commands.pages import PAGE_SIZE, begins_at, buttons, first_look
from bot.model import Article, Card, CardItem, CommandSpec, Option, OptionKind, Order
from bot.ports import Look
from bot.rules import CompiledRule, match_article

SPEC = CommandSpec(
    group="news",
    verb="latest",
    help="The newest articles, or the newest that a rule matched",
    options=(Option(name="rule", help="Only what this rule matched", kind=OptionKind.RULE),),
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the newest articles."""
    return await turn(first_look(order, desk), desk)


async def turn(look: Look, desk: Desk) -> Card:
    """Show a page of them."""
    name = look.order.value("rule")
    compiled = rule_named(name, look.order, desk) if name else None
    found = await desk.archive.latest(name or None, PAGE_SIZE, begins_at(look))
    about = f" for {compiled.rule.title}" if compiled else ""
    return Card(
        title=f"Latest articles{about}" if found.articles else f"No articles{about} yet",
        items=tuple(_item(article, compiled) for article in found.articles),
        buttons=await buttons(look, found.cursor, desk),
    )


def _item(article: Article, compiled: CompiledRule | None) -> CardItem:
    """Show the sentence that matched, where the rule still holds for the article."""
    matches = match_article([compiled], article) if compiled else ()
    return item_of(article, matches[0] if matches else None)


COMMAND = Command(SPEC, carry_out, turn)
