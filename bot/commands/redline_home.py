"""`/redline home`: what a person sees of Redline at first, as Slack shows it in the App Home."""

from __future__ import annotations

from bot.commands.desk import Command, Desk
from bot.commands.home import home
from bot.model import Card, CommandSpec, Order

SPEC = CommandSpec(
    group="redline",
    verb="home",
    help="What you can do, the rules and their week, what is muted, and sources that ail",
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the home of whoever asks."""
    return await home(order, desk)


COMMAND = Command(SPEC, carry_out)
