"""`/watch delete`: a rule of chat goes, after a question."""

from __future__ import annotations

from typing import Final

from bot.commands.backtest import words_of
from bot.commands.deciding import change_of, decided, earlier
from bot.commands.desk import Command, Desk, Step
from bot.commands.drafts import new_draft, with_values
from bot.commands.lookups import RULE, rule_named
from bot.commands.watch_done import done_card, whom_it_tells
from bot.commands.watch_form import basis_of
from bot.errors import OrderError
from bot.model import (
    Action,
    Asked,
    Button,
    Card,
    CommandSpec,
    Draft,
    Order,
    Origin,
    Request,
    Revised,
    Role,
    Rule,
)

SPEC = CommandSpec(
    group="watch",
    verb="delete",
    help="Delete a rule that was written in chat; you are asked once more, and can undo it",
    options=(RULE,),
    example="rafah-red-line",
    role=Role.EDITOR,
)

NAME: Final = "watch.delete"


async def carry_out(order: Order, desk: Desk) -> Card:
    """Ask whether the rule is to go."""
    rule = _of_chat(order.value("rule"), order, desk)
    draft = new_draft(NAME, order, desk, subject=rule.name)
    await desk.register.keep_draft(with_values(draft, {"basis": basis_of(rule)}))
    return Card(
        title=f"Delete “{rule.title}”?",
        summary=words_of(rule),
        lines=tuple(whom_it_tells(rule, order)),
        buttons=(Button(action=Action.CONFIRM, label="Delete", target=draft.id, danger=True),),
    )


async def confirm(draft: Draft, request: Request, desk: Desk) -> Revised:
    """Delete the rule that was asked about, if it is still as it was then."""
    if done := await earlier(request, desk):
        return Revised(done_card(done, request, desk))
    rule = _of_chat(draft.subject, request, desk)
    if draft.value("basis") != basis_of(rule):
        raise OrderError(
            "",
            f"“{rule.title}” was changed since you were asked",
            advice=f"Nothing was deleted. Look at it: /{desk.menu.prefix}watch show {rule.name}",
        )
    return Revised(await _delete(rule, request, desk))


async def press(draft: Draft, request: Request, desk: Desk) -> Card:
    """Delete the rule that a button names; the button has asked the question."""
    if done := await earlier(request, desk):
        return done_card(done, request, desk)
    return await _delete(_of_chat(draft.subject, request, desk), request, desk)


async def _delete(rule: Rule, asked: Asked, desk: Desk) -> Card:
    change = await decided(change_of(asked, desk, "watch delete", before=rule), desk)
    return done_card(change, asked, desk)


def _of_chat(name: str, asked: Asked, desk: Desk) -> Rule:
    rule = rule_named(name, asked, desk).rule
    if rule.origin is Origin.YAML:
        raise OrderError(
            "",
            f"“{rule.title}” is not deleted in chat",
            advice="It stands in config/rules.yaml; whoever keeps that file can take it out. "
            f"To silence it here: /{desk.menu.prefix}watch pause {rule.name}",
        )
    return rule


COMMAND = Command(SPEC, carry_out)
STEPS: Final = (
    Step(NAME, Action.CONFIRM, Role.EDITOR, confirm),
    Step("rule", Action.CONFIRM, Role.EDITOR, press),
)
