"""`/watch mute`: a rule is silent for a while, here or everywhere."""

from __future__ import annotations

from bot.commands.deciding import change_of, decided, earlier
from bot.commands.desk import Command, Desk
from bot.commands.durations import read_duration
from bot.commands.ids import new_id
from bot.commands.lookups import RULE, rule_named
from bot.commands.watch_done import done_card
from bot.commands.watch_silence import here_of, is_here, mutes_of
from bot.model import (
    Card,
    CommandSpec,
    Mute,
    MuteScope,
    Option,
    OptionKind,
    Order,
    Role,
    Urgency,
)

SPEC = CommandSpec(
    group="watch",
    verb="mute",
    help="Silence a rule for a while; it tells again by itself",
    options=(
        RULE,
        Option(
            name="duration",
            help="1h, 8h, 1d, 7d or another, at most 30d",
            kind=OptionKind.DURATION,
            required=True,
        ),
        Option(name="where", help="here: in this channel alone; otherwise in all its channels"),
    ),
    example="rafah-red-line 8h here",
    role=Role.EDITOR,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Mute the rule, or change when its mute ends."""
    if done := await earlier(order, desk):
        return done_card(done, order, desk)
    rule = rule_named(order.value("rule"), order, desk).rule
    lasts = read_duration(order.value("duration"))
    channel = here_of(rule, order, desk) if is_here(order.value("where")) else None
    held = next((one for one in mutes_of(rule, order, desk) if one.channel == channel), None)
    now = desk.clock.now()
    mute = Mute(
        id=held.id if held else new_id(),
        scope=MuteScope.RULE,
        target=rule.name,
        label=rule.title,
        workspace=order.workspace,
        user_id=order.user_id,
        at=now,
        until=now + lasts,
        channel=channel,
        urgency=max(Urgency.NOW, rule.urgency, key=lambda urgency: urgency.rank),
    )
    change = change_of(order, desk, "watch mute", before=held, after=mute)
    return done_card(await decided(change, desk), order, desk)


COMMAND = Command(SPEC, carry_out)
