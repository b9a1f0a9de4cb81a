"""From what was filled in to a rule: the backtest first, then Save, Edit or Save as trial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.commands.backtest import backtest, tested_card
from bot.commands.deciding import change_by_id, change_of, earlier, put
from bot.commands.desk import Desk, FormDesk, Step
from bot.commands.drafts import own_draft, with_values
from bot.commands.watch_done import done_card, whom_it_tells
from bot.commands.watch_editing import (
    Editing,
    editing_of,
    mistaken_card,
    overtaken_card,
    overtaken_form,
)
from bot.commands.watch_form import NAME, basis_of, form_of
from bot.commands.watch_names import free_name
from bot.commands.watch_words import differences
from bot.errors import OrderError
from bot.model import (
    Action,
    Button,
    Card,
    CardLine,
    Change,
    Draft,
    Form,
    Reply,
    Request,
    Revised,
    Role,
    Rule,
    Submission,
    Trial,
)
from bot.rules import CompiledRule

_ATTEMPTS: Final = 5
"""How often a name is looked for, where others take the same at the same moment."""


async def submit(submission: Submission, desk: Desk) -> Reply:
    """Say what is wrong at the fields, or what the rule would have found. Nothing is saved yet."""
    draft = await own_draft(submission.draft, submission, desk, NAME)
    given = {name: submission.all(name) for name in ("title", "when", "except", "channels")}
    draft = with_values(draft, {**given, "urgency": submission.value("urgency")})
    await desk.register.keep_draft(draft)
    editing = editing_of(draft, submission, desk)
    if editing.is_overtaken and (form := await overtaken_form(editing, desk)):
        return form
    wish = editing.wish(desk)
    if wish.rule is None:
        return form_of(draft, wish.mistakes)
    card = await _tested(wish.rule, editing, desk)
    return Revised(card) if draft.value("from") else card


FORM = FormDesk(NAME, Role.EDITOR, submit)


async def _tested(compiled: CompiledRule, editing: Editing, desk: Desk) -> Card:
    """Return what a rule would have found, and the buttons that save it."""
    rule, target = compiled.rule, editing.draft.id
    test = await backtest(compiled, desk)
    return replace(
        tested_card(compiled, test),
        status=f"“{rule.title}” is not saved yet",
        lines=tuple(_what_it_will_be(rule, editing)),
        buttons=(
            Button(action=Action.SAVE, label="Save", target=target, main=True),
            Button(action=Action.FORM, label="Edit", target=target),
            Button(action=Action.TRIAL, label="Save as trial", target=target),
        ),
    )


def _what_it_will_be(rule: Rule, editing: Editing) -> Iterator[CardLine]:
    if editing.current:
        yield from differences(editing.current, rule, editing.asked)
        return
    yield from whom_it_tells(rule, editing.asked)
    if rule.private:
        yield CardLine(text="Private: only people in its channels see it")


async def reopen(draft: Draft, request: Request, desk: Desk) -> Form:
    """Open the form as it was left; what is sent then takes the place of the card."""
    editing_of(draft, request, desk)
    draft = with_values(draft, {"from": "card"})
    await desk.register.keep_draft(draft)
    return form_of(draft)


async def save(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Save the rule; it is in force from now on."""
    return await save_as(editing_of(draft, request, desk), None, desk)


async def save_as(editing: Editing, trial: Trial | None, desk: Desk) -> Reply:
    """Save the rule that is edited, on trial where one is given."""
    done = await earlier(editing.asked, desk)
    if done:
        return Revised(done_card(done, editing.asked, desk))
    wish = editing.wish(desk)
    if wish.rule is None:
        return Revised(mistaken_card(editing.draft, wish.mistakes))
    rule = replace(wish.rule.rule, trial=trial)
    if rule == editing.current:
        return Revised(await _as_it_was(rule, editing, desk))
    if editing.is_overtaken:
        return Revised(await overtaken_card(editing, rule, desk))
    change = await (_change(rule, editing, desk) if editing.current else _add(rule, editing, desk))
    if change is None:
        return Revised(
            await overtaken_card(editing_of(editing.draft, editing.asked, desk), rule, desk)
        )
    await _go_on(change, editing, desk)
    return Revised(done_card(change, editing.asked, desk))


async def _change(rule: Rule, editing: Editing, desk: Desk) -> Change | None:
    change = change_of(editing.asked, desk, "watch edit", before=editing.current, after=rule)
    return await put(change, desk)


async def _add(rule: Rule, editing: Editing, desk: Desk) -> Change:
    """Add a rule under a free name. Its draft is added once, however often Save is pressed.

    Raises:
        OrderError: others took each name that was found.
    """
    for _ in range(_ATTEMPTS):
        named = replace(rule, name=await free_name(rule.title, desk))
        change = change_of(editing.asked, desk, "watch add", after=named)
        done = await put(replace(change, id=editing.draft.id), desk)
        if done:
            return done
    raise OrderError("", "The name was taken meanwhile", advice="Press Save again")


async def _as_it_was(rule: Rule, editing: Editing, desk: Desk) -> Card:
    """Return what is said where there is nothing to save, as where Save is pressed twice."""
    added = await change_by_id(editing.draft.id, editing.asked, desk)
    if added and added.after == rule:
        return done_card(added, editing.asked, desk)
    return Card(title=f"“{rule.title}” is as you want it already", notes=("Nothing was changed.",))


async def _go_on(change: Change, editing: Editing, desk: Desk) -> None:
    """Let the draft go on from what was saved, where its card is still shown somewhere."""
    if isinstance(change.after, Rule):
        draft = replace(editing.draft, subject=change.after.name)
        draft = with_values(draft, {"basis": basis_of(change.after)})
        await desk.register.keep_draft(draft)


STEPS: Final = (
    Step(NAME, Action.FORM, Role.EDITOR, reopen),
    Step(NAME, Action.SAVE, Role.EDITOR, save),
)
