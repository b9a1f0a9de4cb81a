"""`/watch show`: one rule, whole."""

from __future__ import annotations

from datetime import timedelta

from bot.commands.desk import Command, Desk
from bot.commands.lookups import rule_named
from bot.commands.wording import counted
from bot.model import Card, CardLine, CommandSpec, Option, OptionKind, Order, Origin, Passage
from bot.ports import RuleDay

SPEC = CommandSpec(
    group="watch",
    verb="show",
    help="One rule: what it asks for, whom it tells, what it found",
    options=(Option(name="rule", help="Its name", kind=OptionKind.RULE, required=True),),
    example="rafah-red-line",
)

MONTH = timedelta(days=30)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the rule's text, its channels in this workspace, and its last thirty days."""
    rule = rule_named(order.value("rule"), order, desk).rule
    now = desk.clock.now()
    days = [day for day in await desk.archive.rule_counts(now - MONTH) if day.rule == rule.name]
    channels = ", ".join(map(str, desk.channels_here(rule, order.workspace)))
    lines = (
        f"Name: {rule.name}",
        f"Except: {rule.unless}" if rule.unless else "",
        f"Tells: {channels}",
        f"Urgency: {rule.urgency.value}",
        f"Last 30 days: {_found(days)}",
        f"Written in: {'config/rules.yaml' if rule.origin is Origin.YAML else 'chat'}",
    )
    return Card(
        title=rule.title,
        status="paused" if rule.paused else "",
        summary=(Passage(rule.when),),
        lines=tuple(CardLine(text=line) for line in lines if line),
        notes=(_hint(rule.name, desk),),
    )


def _found(days: list[RuleDay]) -> str:
    said = counted(sum(one.matches for one in days), "article")
    last = max((one.day for one in days if one.matches), default=None)
    return f"{said}, the last on {last:%A} {last.day} {last:%b}" if last else said


def _hint(name: str, desk: Desk) -> str:
    return f"What it matched: /{desk.menu.prefix}news latest {name}"


COMMAND = Command(SPEC, carry_out)
