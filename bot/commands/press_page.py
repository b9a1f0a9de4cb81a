"""The Older and Newer buttons: the next page of what was looked up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.commands.desk import Desk
from bot.model import Card, Reply, Request, Revised
from bot.ports import Look

Turns = Mapping[tuple[str, str], Callable[[Look, Desk], Awaitable[Reply]]]
"""What shows the pages of a command, by its group and verb."""


async def turn_page(request: Request, desk: Desk, turns: Turns) -> Reply:
    """Show the page that the button leads to.

    The id is only a claim. An unknown one, one of another workspace, and one of another person get
    the same answer; what the look may show is checked again, as if it were asked for now.
    """
    look = await desk.archive.look(request.target)
    if look is None or not _is_theirs(look, request):
        return _gone(desk)
    turn = turns.get((look.order.group, look.order.verb))
    if turn is None:
        return _gone(desk)
    page = await turn(look, desk)
    return Revised(page) if isinstance(page, Card) else page


def _is_theirs(look: Look, request: Request) -> bool:
    asker = (look.order.workspace, look.order.user_id)
    return asker == (request.workspace, request.user_id) and all(asker)


def _gone(desk: Desk) -> Card:
    return Card(
        title="This list is no longer remembered",
        notes=(f"Ask again: /{desk.menu.prefix}redline help shows how.",),
    )
