"""What buttons do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.cards import gone_card
from bot.commands.desk import Desk
from bot.commands.press_why import why
from bot.model import Action, Card, Request

PRESSES: Mapping[Action, Callable[[Request, Desk], Awaitable[Card]]] = MappingProxyType(
    {Action.WHY: why}
)


async def answer(request: Request, desk: Desk) -> Card:
    """Carry out what a person pressed and return what they are shown, privately."""
    carry_out = PRESSES.get(request.action)
    return await carry_out(request, desk) if carry_out else gone_card()
