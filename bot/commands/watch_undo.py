"""`/watch undo` and the Undo button: the last change is taken back, by a change of its own."""

from __future__ import annotations

from bot.commands.access import refusal
from bot.commands.deciding import change_by_id, change_of, decided, earlier
from bot.commands.desk import Command, Desk, Press
from bot.commands.lookups import RULE
from bot.commands.watch_done import done_card
from bot.commands.watch_past import has_ended, is_told, last_of, past_of, past_of_rule
from bot.commands.watch_words import called, happened, moment, thing_of
from bot.errors import OrderError
from bot.model import (
    Action,
    Asked,
    Card,
    CardLine,
    Change,
    CommandSpec,
    Feed,
    Order,
    Reply,
    Request,
    Revised,
    Role,
)

SPEC = CommandSpec(
    group="watch",
    verb="undo",
    help="Take back the last change of a rule, also that it was deleted; once more redoes it",
    options=(RULE,),
    example="rafah-red-line",
    role=Role.EDITOR,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Take back the last change of the rule that has not ended by itself."""
    if done := await earlier(order, desk):
        return done_card(done, order, desk)
    name = order.value("rule")
    last = last_of(await past_of_rule(name, order, desk), desk.clock.now())
    if last is None or not is_told(last, order, desk):
        raise OrderError(
            "",
            f"Nothing was changed in chat that could be taken back of “{name}”",
            advice=f"What there was: /{desk.menu.prefix}watch history {name}",
        )
    return done_card(await _taken_back(last, order, desk), order, desk)


async def press(request: Request, desk: Desk) -> Reply:
    """Take back the change that the button names, if nothing was changed after it."""
    if done := await earlier(request, desk):
        return Revised(done_card(done, request, desk))
    change = await change_by_id(request.target, request, desk)
    thing = thing_of(change) if change else None
    if change is None or thing is None or not is_told(change, request, desk):
        raise OrderError("", "This change is not known here", advice="It may be too old to undo")
    if refused := await _refused(change, request, desk):
        return refused
    now = desk.clock.now()
    if has_ended(change, now):
        return Card(title="It has ended by itself; there is nothing to undo")
    last = last_of(await past_of(thing, request, desk), now)
    if last is not None and last.id != change.id:
        return _overtaken(last, called(thing))
    return Revised(done_card(await _taken_back(change, request, desk), request, desk))


async def _taken_back(change: Change, asked: Asked, desk: Desk) -> Change:
    group = change.what.partition(" ")[0]
    undo = change_of(asked, desk, f"{group} undo", before=change.after, after=change.before)
    return await decided(undo, desk)


async def _refused(change: Change, request: Request, desk: Desk) -> Card | None:
    """Refuse to take away a feed, which takes an admin, unless its adder does it."""
    removes = isinstance(change.after, Feed) and change.before is None
    if not removes or change.user_id == request.user_id:
        return None
    return await refusal(request, Role.ADMIN, "press undo", desk)


def _overtaken(last: Change, name: str) -> Card:
    return Card(
        title=f"“{name}” was changed again since; nothing was undone",
        lines=(CardLine(text=f"{moment(last.at)}: {happened(last)}, by", users=(last.user_id,)),),
    )


COMMAND = Command(SPEC, carry_out)
PRESS = Press(Action.UNDO, Role.EDITOR, press)
