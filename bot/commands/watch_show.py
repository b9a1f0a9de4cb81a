"""`/watch show`: one rule, whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.commands.desk import Command, Desk
from bot.commands.lookups import RULE, rule_named
from bot.commands.opinions import precision_line
from bot.commands.watch_done import PRIVATE, whom_it_tells
from bot.commands.watch_silence import silence_lines, silence_words
from bot.commands.watch_words import urgency_words
from bot.commands.wording import counted
from bot.model import (
    Asked,
    Card,
    CardLine,
    CommandSpec,
    Order,
    Origin,
    Passage,
    Rule,
)
from bot.ports import RuleDay

SPEC = CommandSpec(
    group="watch",
    verb="show",
    help="One rule: what it asks for, whom it tells, what it found",
    options=(RULE,),
    example="rafah-red-line",
)

MONTH = timedelta(days=30)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the rule's text, its channels in this workspace, and its last thirty days."""
    rule = rule_named(order.value("rule"), order, desk).rule
    now = desk.clock.now()
    days = [day for day in await desk.archive.rule_counts(now - MONTH) if day.rule == rule.name]
    return Card(
        title=rule.title,
        status=silence_words(rule, order, desk),
        summary=(Passage(rule.when),),
        lines=(
            *_lines(rule, order, desk),
            CardLine(text=f"Last 30 days: {_found(days)}"),
            CardLine(text=await precision_line(rule.name, order, desk)),
        ),
        notes=(_hint(rule.name, days, desk),),
    )


def _lines(rule: Rule, asked: Asked, desk: Desk) -> Iterator[CardLine]:
    yield CardLine(text=f"Name: {rule.name}")
    if rule.unless:
        yield CardLine(text=f"Except: {rule.unless}")
    here = replace(rule, to=desk.channels_here(rule, asked.workspace))
    yield from whom_it_tells(here, asked)
    yield CardLine(text=f"Urgency: {urgency_words(rule.urgency)}")
    if rule.private:
        yield PRIVATE
    yield from silence_lines(rule, asked, desk)
    yield CardLine(
        text=f"Written in: {'config/rules.yaml' if rule.origin is Origin.YAML else 'chat'}"
    )


def _found(days: list[RuleDay]) -> str:
    said = counted(sum(one.matches for one in days), "article")
    last = max((one.day for one in days if one.matches), default=None)
    return f"{said}, the last on {last:%A} {last.day} {last:%b}" if last else said


def _hint(name: str, days: list[RuleDay], desk: Desk) -> str:
    """Say how to see what was counted; what came before a rule was written was not."""
    if not any(one.matches for one in days):
        return (
            f"What it would have found before it was watched: /{desk.menu.prefix}watch test {name}"
        )
    return f"What it matched: /{desk.menu.prefix}news latest {name}"


COMMAND = Command(SPEC, carry_out)
