"""`/watch list`: the rules that are watched for this workspace."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from bot.commands.desk import Command, Desk
from bot.commands.listing import Listing, listed
from bot.commands.pages import first_look
from bot.commands.watch_channels import channels_line
from bot.commands.watch_silence import silence_words
from bot.commands.watch_words import moment, urgency_words
from bot.commands.wording import counted
from bot.model import Asked, Card, CardLine, CommandSpec, Order, Origin, Rule
from bot.ports import Look

SPEC = CommandSpec(
    group="watch",
    verb="list",
    help="The rules that are watched for this workspace, and what they found in a week",
    default=True,
)

WEEK = timedelta(days=7)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the rules in the order of the settings."""
    return await turn(first_look(order, desk), desk)


async def turn(look: Look, desk: Desk) -> Card:
    """Show a page of them."""
    rules = [compiled.rule for compiled in desk.rules_here(look.order).values()]
    found: Counter[str] = Counter()
    for count in await desk.archive.rule_counts(desk.clock.now() - WEEK):
        found[count.rule] += count.matches
    title = counted(len(rules), "watch rule") if rules else "No rule watches for this workspace"

    def line(rule: Rule) -> CardLine:
        return _line(rule, found[rule.name], look.order, desk)

    card = await listed(Listing(title, rules, line), look, desk)
    return card if rules else replace(card, notes=(_first(desk),))


def _first(desk: Desk) -> str:
    return f"To write one: /{desk.menu.prefix}watch add"


def _line(rule: Rule, found: int, asked: Asked, desk: Desk) -> CardLine:
    trial = f"on trial until {moment(rule.trial.until)}" if rule.trial else ""
    facts = (
        f"{rule.name}: {rule.title}" if rule.title != rule.name else rule.name,
        silence_words(rule, asked, desk),
        trial,
        "" if trial else urgency_words(rule.urgency),
        "private" if rule.private else "",
        f"{counted(found, 'article')} this week",
        "config/rules.yaml" if rule.origin is Origin.YAML else "written in chat",
    )
    here = desk.channels_here(rule, asked.workspace)
    return channels_line(f"{' · '.join(filter(None, facts))} ·", here, asked)


COMMAND = Command(SPEC, carry_out, turn)
