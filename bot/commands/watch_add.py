"""`/watch add`: a new rule, by a form."""

from __future__ import annotations

from bot.commands.desk import Command, Desk, Press
from bot.commands.drafts import new_draft, with_values
from bot.commands.watch_channels import channel_of
from bot.commands.watch_form import NAME, PRIVATE, form_of
from bot.errors import OrderError
from bot.model import (
    Action,
    Asked,
    CommandSpec,
    Form,
    Option,
    Order,
    Request,
    Role,
    Urgency,
)

SPEC = CommandSpec(
    group="watch",
    verb="add",
    help="Write a rule; before it is saved you see what it would have found",
    options=(
        Option(name="private", help="private: only people in the rule's channels see its text"),
    ),
    role=Role.EDITOR,
    opens_form=True,
)


async def carry_out(order: Order, desk: Desk) -> Form:
    """Open the form of a new rule."""
    wish = order.value("private").casefold()
    if wish not in {"", "private"}:
        raise OrderError(
            "", f"“{wish}” is not known here", advice="Write private, or nothing: the form asks all"
        )
    return await _open(order, desk, PRIVATE if wish else "")


async def press(request: Request, desk: Desk) -> Form:
    """Open the form of a new rule."""
    return await _open(request, desk, "")


async def _open(asked: Asked, desk: Desk, private: str) -> Form:
    here = channel_of(asked.channel_id, asked, desk)
    values = {
        "channels": asked.channel_id if desk.is_here(here, asked.workspace) else "",
        "urgency": Urgency.NOW.value,
        "private": private,
    }
    draft = with_values(new_draft(NAME, asked, desk), values)
    await desk.register.keep_draft(draft)
    return form_of(draft)


COMMAND = Command(SPEC, carry_out)
PRESS = Press(Action.ADD, Role.EDITOR, press)
