"""`/watch copy`: a new rule that begins as another one is."""

from __future__ import annotations

from bot.commands.desk import Command, Desk
from bot.commands.lookups import RULE, rule_named
from bot.commands.watch_edit import copy_of
from bot.commands.watch_form import form_of
from bot.model import CommandSpec, Form, Order, Role

SPEC = CommandSpec(
    group="watch",
    verb="copy",
    help="Write a rule that begins as another one is, also one of config/rules.yaml",
    options=(RULE,),
    example="rafah-red-line",
    role=Role.EDITOR,
    opens_form=True,
)


async def carry_out(order: Order, desk: Desk) -> Form:
    """Open the form of a new rule with what the other one says."""
    draft = copy_of(rule_named(order.value("rule"), order, desk).rule, order, desk)
    await desk.register.keep_draft(draft)
    return form_of(draft)


COMMAND = Command(SPEC, carry_out)
