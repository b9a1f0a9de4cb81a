"""What people ask and press, written once for all platforms and registered here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.commands.why import why
from bot.model import Action, Card, Request
from bot.ports import Archive

PRESSES: Mapping[Action, Callable[[Request, Archive], Awaitable[Card]]] = MappingProxyType(
    {Action.WHY: why}
)


async def answer(request: Request, archive: Archive) -> Card:
    """Carry out what a person pressed and return what they are shown, privately."""
    return await PRESSES[request.action](request, archive)
