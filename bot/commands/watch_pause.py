"""`/watch pause`: a rule tells nobody until it is resumed."""

from __future__ import annotations

from bot.commands.deciding import change_of, decided, earlier
from bot.commands.desk import Command, Desk
from bot.commands.ids import id_from
from bot.commands.lookups import RULE, rule_named
from bot.commands.watch_done import done_card
from bot.commands.watch_silence import is_paused
from bot.model import (
    Card,
    CommandSpec,
    Mute,
    MuteScope,
    Order,
    Role,
    Urgency,
)

SPEC = CommandSpec(
    group="watch",
    verb="pause",
    help="Have a rule tell nobody here until somebody resumes it",
    options=(RULE,),
    example="rafah-red-line",
    role=Role.EDITOR,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Pause the rule, whoever owns it: a pause is this workspace's own."""
    if done := await earlier(order, desk):
        return done_card(done, order, desk)
    rule = rule_named(order.value("rule"), order, desk).rule
    if is_paused(rule, order, desk):
        again = f"To have it watched again: /{desk.menu.prefix}watch resume {rule.name}"
        return Card(title=f"“{rule.title}” is paused already", notes=(again,))
    pause = Mute(
        # Two people who pause it at the same moment do not pause it twice.
        id=id_from(f"pause {MuteScope.RULE} {rule.name} {order.workspace}"),
        scope=MuteScope.RULE,
        target=rule.name,
        label=rule.title,
        workspace=order.workspace,
        user_id=order.user_id,
        at=desk.clock.now(),
        until=None,
        urgency=Urgency.CRITICAL,
    )
    change = await decided(change_of(order, desk, "watch pause", after=pause), desk)
    return done_card(change, order, desk)


COMMAND = Command(SPEC, carry_out)
