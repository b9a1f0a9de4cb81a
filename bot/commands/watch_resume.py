"""`/watch resume`: a paused rule tells its channels again."""

from __future__ import annotations

from bot.commands.deciding import change_of, decided, earlier
from bot.commands.desk import Command, Desk
from bot.commands.lookups import RULE, rule_named
from bot.commands.watch_done import done_card
from bot.model import Card, CommandSpec, MuteScope, Order, Role, Rule

SPEC = CommandSpec(
    group="watch",
    verb="resume",
    help="Have a paused rule tell its channels again",
    options=(RULE,),
    example="rafah-red-line",
    role=Role.EDITOR,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """End the pause that people of this workspace set."""
    if done := await earlier(order, desk):
        return done_card(done, order, desk)
    rule = rule_named(order.value("rule"), order, desk).rule
    pause = desk.watch.pause_of(MuteScope.RULE, rule.name, order.workspace)
    if pause is None:
        return _not_paused(rule, desk)
    change = await decided(change_of(order, desk, "watch resume", before=pause), desk)
    return done_card(change, order, desk)


def _not_paused(rule: Rule, desk: Desk) -> Card:
    if rule.paused:
        return Card(
            title=f"“{rule.title}” is paused in config/rules.yaml",
            notes=("Whoever keeps that file takes paused: true out of it.",),
        )
    return Card(
        title=f"“{rule.title}” is not paused",
        notes=(f"Where it is muted, end that: /{desk.menu.prefix}watch unmute {rule.name}",),
    )


COMMAND = Command(SPEC, carry_out)
