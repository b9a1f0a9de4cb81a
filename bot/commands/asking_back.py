"""A command that lacks a value: what is missing is asked for in a form, names completed as typed.

Slack has one line for a command and completes nothing in it; in a form it does
(chat-platforms.md, section 5.1). Discord asks for every value by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.commands.desk import Desk, Step
from bot.commands.drafts import gone, new_draft, own_draft
from bot.commands.wording import group_name
from bot.model import (
    LONGEST_FORM_TITLE,
    Action,
    Argument,
    CommandSpec,
    Draft,
    FieldKind,
    Form,
    FormField,
    Option,
    OptionKind,
    Order,
    Request,
    Role,
    Submission,
)
from bot.text import shorten

NAME: Final = "ask"


async def ask_back(order: Order, spec: CommandSpec, desk: Desk) -> Form:
    """Return the form that asks for the values of a command, filled with those that were given."""
    draft = new_draft(NAME, order, desk, subject=f"{spec.group} {spec.verb}")
    draft = replace(draft, values=order.arguments)
    await desk.register.keep_draft(draft)
    return _form(draft, spec, desk)


async def reopen(draft: Draft, _request: Request, desk: Desk) -> Form:
    """Return the form as it was opened.

    Raises:
        OrderError: there is no such command any more.
    """
    specs = (spec for spec in desk.menu.commands if draft.subject == f"{spec.group} {spec.verb}")
    spec = next(specs, None)
    if spec is None:
        raise gone(desk)
    return _form(draft, spec, desk)


def _form(draft: Draft, spec: CommandSpec, desk: Desk) -> Form:
    return Form(
        name=NAME,
        title=shorten(f"{group_name(spec.group, desk.menu)} {spec.verb}", LONGEST_FORM_TITLE),
        fields=tuple(_field(option, draft.value(option.name)) for option in spec.options),
        draft=draft.id,
        submit="Go on",
    )


STEP: Final = Step(NAME, Action.FORM, Role.VIEWER, reopen)


def _field(option: Option, given: str) -> FormField:
    is_text = option.kind is OptionKind.TEXT
    return FormField(
        name=option.name,
        label=option.name.capitalize(),
        kind=FieldKind.LINE if is_text else FieldKind.NAME,
        of=None if is_text else option.kind,
        help=option.help,
        values=(given,) if given else (),
        required=option.required,
    )


async def completed(submission: Submission, desk: Desk) -> Order:
    """Return the command with the values that were filled in.

    Raises:
        OrderError: the form is not the asker's, or no longer kept.
    """
    draft = await own_draft(submission.draft, submission, desk, NAME)
    group, _, verb = draft.subject.partition(" ")
    return Order(
        workspace=submission.workspace,
        channel_id=draft.channel_id,
        user_id=submission.user_id,
        standing=submission.standing,
        groups=submission.groups,
        platform=submission.platform,
        id=submission.id,
        group=group,
        verb=verb,
        arguments=tuple(
            Argument(name=one.name, value=one.value) for one in submission.values if one.value
        ),
    )
