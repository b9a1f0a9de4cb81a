"""`/watch export`: rules as YAML, to keep or to put into config/rules.yaml."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.commands.desk import Command, Desk
from bot.commands.lookups import rule_named
from bot.commands.wording import counted
from bot.model import Card, CommandSpec, Document, Option, OptionKind, Order, Origin, Rule

SPEC = CommandSpec(
    group="watch",
    verb="export",
    help="The rules that were written in chat as a rules.yaml, or one rule",
    options=(Option(name="rule", help="The name of one rule", kind=OptionKind.RULE),),
    example="rafah-red-line",
)


_IN_CHAT: Final = (
    "config/rules.yaml takes them as they are.",
    "Delete them here once they stand there; then the file is their owner.",
)
_IN_THE_FILE: Final = ("It stands in config/rules.yaml already; the file is its owner.",)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Write the rules down that the asker may know of."""
    rules = _asked_for(order, desk)
    if not rules:
        return Card(
            title="No rule was written in chat here",
            notes=("Those of config/rules.yaml are in that file already.",),
        )
    return Card(
        title=f"{counted(len(rules), 'rule')} as YAML",
        notes=_IN_CHAT if any(rule.origin is Origin.CHAT for rule in rules) else _IN_THE_FILE,
        # Thousands of rules take seconds to be written.
        document=Document(name="rules.yaml", text=await asyncio.to_thread(desk.write_rules, rules)),
    )


def _asked_for(order: Order, desk: Desk) -> Sequence[Rule]:
    name = order.value("rule")
    if name:
        rule = rule_named(name, order, desk).rule
        # The channels of a file's rule may lie in other workspaces too.
        here = desk.channels_here(rule, order.workspace)
        return [replace(rule, to=here) if rule.origin is Origin.YAML else rule]
    rules = (compiled.rule for compiled in desk.rules_here(order).values())
    return [rule for rule in rules if rule.origin is Origin.CHAT]


COMMAND = Command(SPEC, carry_out)
