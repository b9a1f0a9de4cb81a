"""What people ask and press, written once for all platforms and registered here.

A command is one file, `<group>_<verb>.py`, with its declaration and what it does, and one line in
`COMMANDS`. Handlers, help, docs and completion are made from the declarations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from bot.commands import (
    asking_back,
    feeds_add,
    feeds_export,
    feeds_form,
    feeds_import,
    feeds_list,
    feeds_pause,
    feeds_remove,
    feeds_resume,
    news_latest,
    news_search,
    news_story,
    news_trend,
    news_why,
    press_flood,
    press_mute,
    press_opinion,
    press_unmute,
    press_why,
    redline_digest,
    redline_help,
    redline_home,
    redline_status,
    watch_add,
    watch_copy,
    watch_delete,
    watch_edit,
    watch_export,
    watch_history,
    watch_keep,
    watch_list,
    watch_mute,
    watch_pause,
    watch_resume,
    watch_save,
    watch_show,
    watch_test,
    watch_trial,
    watch_tune,
    watch_undo,
    watch_unmute,
)
from bot.commands.access import refusal, write_refusal
from bot.commands.answers import mistake_card, not_there_card, rule_mistake_card
from bot.commands.asking_back import ask_back, completed
from bot.commands.desk import Command, Desk, FormDesk, Press, Step, Web
from bot.commands.press_page import turn_page
from bot.commands.press_step import STEPS, take_step
from bot.commands.reach import BeyondReachError
from bot.commands.suggesting import suggest
from bot.commands.typed import Mistake, read
from bot.errors import OrderError, RuleError
from bot.model import (
    Action,
    Argument,
    Asked,
    Card,
    Menu,
    Order,
    Reply,
    Request,
    Role,
    Submission,
)
from bot.text import storable

COMMANDS: Final[Sequence[Command]] = (
    news_search.COMMAND,
    news_latest.COMMAND,
    news_story.COMMAND,
    news_trend.COMMAND,
    news_why.COMMAND,
    watch_list.COMMAND,
    watch_show.COMMAND,
    watch_add.COMMAND,
    watch_edit.COMMAND,
    watch_copy.COMMAND,
    watch_test.COMMAND,
    watch_tune.COMMAND,
    watch_pause.COMMAND,
    watch_resume.COMMAND,
    watch_mute.COMMAND,
    watch_unmute.COMMAND,
    watch_delete.COMMAND,
    watch_history.COMMAND,
    watch_undo.COMMAND,
    watch_export.COMMAND,
    feeds_list.COMMAND,
    feeds_add.COMMAND,
    feeds_pause.COMMAND,
    feeds_resume.COMMAND,
    feeds_remove.COMMAND,
    feeds_export.COMMAND,
    feeds_import.COMMAND,
    redline_home.COMMAND,
    redline_digest.COMMAND,
    redline_status.COMMAND,
    redline_help.COMMAND,
)
"""All commands, in the order in which help shows them."""

MENU: Final = Menu(commands=tuple(command.spec for command in COMMANDS))
"""The declarations of all commands, without a prefix."""

_BY_NAME: Final = {(command.spec.group, command.spec.verb): command for command in COMMANDS}
_TURNS: Final = {name: one.turn for name, one in _BY_NAME.items() if one.turn}

DRAFT_STEPS: Final[Sequence[Step]] = (
    asking_back.STEP,
    *watch_save.STEPS,
    *watch_trial.STEPS,
    *watch_edit.STEPS,
    *watch_keep.STEPS,
    *watch_delete.STEPS,
    watch_tune.STEP,
    *feeds_add.STEPS,
    feeds_form.STEP,
    feeds_pause.STEP,
    feeds_remove.STEP,
    *feeds_import.STEPS,
    press_mute.STEP,
)
"""What the buttons of drafts do, for each form."""

_STEPS: Final = {(step.of, step.action): step for step in DRAFT_STEPS}

PRESSES: Final[Sequence[Press]] = (
    press_opinion.RELEVANT,
    press_opinion.IRRELEVANT,
    press_why.PRESS,
    press_mute.PRESS,
    press_unmute.PRESS,
    press_flood.RELEASE,
    press_flood.DISCARD,
    watch_add.PRESS,
    watch_undo.PRESS,
    Press(Action.PAGE, Role.VIEWER, partial(turn_page, turns=_TURNS)),
    # The step's own role is looked at too; a form that viewers get can come too late, and then
    # has a button.
    *(
        Press(
            action,
            Role.VIEWER if action is Action.FORM else Role.EDITOR,
            partial(take_step, steps=_STEPS),
        )
        for action in STEPS
    ),
)
"""What the buttons do."""


async def _go_on(submission: Submission, desk: Desk) -> Reply:
    """Carry out a command whose missing values were asked for."""
    return await carry_out(await completed(submission, desk), desk)


FORMS: Final[Sequence[FormDesk]] = (
    press_mute.FORM,
    watch_save.FORM,
    watch_trial.FORM,
    feeds_form.FORM,
    feeds_import.FORM,
    FormDesk(asking_back.NAME, Role.VIEWER, _go_on),
)
"""What is done with forms."""

_BY_ACTION: Final = {press.action: press for press in PRESSES}
_BY_FORM: Final = {form.name: form for form in FORMS}

__all__ = [
    "COMMANDS",
    "FORMS",
    "MENU",
    "PRESSES",
    "Command",
    "Desk",
    "FormDesk",
    "Press",
    "Web",
    "answer",
    "carry_out",
    "submit",
    "suggest",
]


async def carry_out(order: Order, desk: Desk) -> Reply:
    """Carry out what a person ordered and return what they are shown.

    Whoever may not ask is refused; what cannot be read is answered with help.
    """
    understood = read(order, desk.menu)
    if isinstance(understood, Mistake):
        return await _helped(order, understood, desk)
    command = _BY_NAME[understood.group, understood.verb]
    what = f"{understood.group} {understood.verb}"
    refused = await refusal(order, command.spec.role, what, desk)
    return refused or await _answered(command.carry_out(understood, desk), order, desk)


async def _helped(order: Order, mistake: Mistake, desk: Desk) -> Reply:
    """Ask for what is missing, or say how it is written."""
    incomplete = mistake.incomplete
    role = mistake.meant[0].role if incomplete else Role.VIEWER
    refused = await refusal(order, role, f"{order.group} {order.verb}".strip(), desk)
    if refused:
        return refused
    if incomplete:
        return await ask_back(incomplete, mistake.meant[0], desk)
    return mistake_card(mistake, desk.menu)


async def answer(request: Request, desk: Desk) -> Reply:
    """Carry out what a person pressed and return what they are shown."""
    press = _BY_ACTION.get(request.action)
    if press is None:
        return Card(title="This button belongs to another version of Redline")
    if press.role is not None:
        refused = await refusal(request, press.role, f"press {request.action.value}", desk)
        if refused:
            return refused
    return await _answered(press.answer(request, desk), request, desk)


async def submit(submission: Submission, desk: Desk) -> Reply:
    """Take a form that a person sent and return what they are shown."""
    form = _BY_FORM.get(submission.form)
    if form is None:
        return Card(title="This form belongs to another version of Redline")
    refused = await refusal(submission, form.role, f"form {form.name}", desk)
    kept = replace(submission, values=tuple(map(_storable, submission.values)))
    return refused or await _answered(form.submit(kept, desk), submission, desk)


def _storable(given: Argument) -> Argument:
    return replace(given, value=storable(given.value))


async def _answered(answering: Awaitable[Reply], asked: Asked, desk: Desk) -> Reply:
    """Return the answer; what people got wrong is an answer too."""
    try:
        return await answering
    except RuleError as error:
        return rule_mistake_card(error)
    except BeyondReachError as error:
        await write_refusal(asked, error.about, error.problem, desk)
        return not_there_card(error)
    except OrderError as error:
        return not_there_card(error)
