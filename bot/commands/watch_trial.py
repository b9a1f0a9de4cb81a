"""Save as trial: a rule runs for a week, silently or in one channel, and then reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.commands.desk import Desk, FormDesk, Step
from bot.commands.drafts import own_draft
from bot.commands.watch_channels import channel_of
from bot.commands.watch_editing import Editing, editing_of
from bot.commands.watch_form import NAME as EDIT
from bot.commands.watch_save import save_as
from bot.model import (
    Action,
    ChannelRef,
    Draft,
    FieldKind,
    Form,
    FormField,
    Reply,
    Request,
    Role,
    Submission,
    Trial,
)

NAME: Final = "watch.trial"
LASTS: Final = timedelta(days=7)
"""How long a rule is tried (issue 4)."""


async def open_form(draft: Draft, request: Request, desk: Desk) -> Form:
    """Ask where the rule is to be tried."""
    editing_of(draft, request, desk)
    return _form(draft)


async def submit(submission: Submission, desk: Desk) -> Reply:
    """Save the rule on trial."""
    draft = await own_draft(submission.draft, submission, desk, EDIT)
    chosen = submission.all("channel")
    channels = [channel_of(each, submission, desk) for each in chosen]
    if len(channels) > 1:
        return _form(draft, chosen, "Choose one channel, or none")
    if not all(desk.is_here(each, submission.workspace) for each in channels):
        return _form(draft, chosen, "Choose a channel that Redline is in, here")
    editing = editing_of(draft, submission, desk)
    trial = Trial(
        until=desk.clock.now() + LASTS,
        report_to=_report_to(editing, channels, desk),
        channel=next(iter(channels), None),
    )
    return await save_as(editing, trial, desk)


def _form(draft: Draft, values: tuple[str, ...] = (), mistake: str = "") -> Form:
    where = FormField(
        name="channel",
        label="Try it in a channel",
        kind=FieldKind.CHANNELS,
        help="For a week, then it reports. Leave this empty to try it silently.",
        values=values,
        required=False,
        mistake=mistake,
    )
    return Form(name=NAME, title="Save as trial", fields=(where,), draft=draft.id)


def _report_to(editing: Editing, channels: list[ChannelRef], desk: Desk) -> ChannelRef:
    """Return where the report goes: where it was asked for, if the rule may be told of there."""
    wish = editing.wish(desk).rule
    own = [*(wish.rule.to if wish else ()), *channels]
    asked_in = channel_of(editing.draft.channel_id, editing.asked, desk)
    is_open = bool(wish and not wish.rule.private) and desk.is_here(
        asked_in, editing.asked.workspace
    )
    if (asked_in in own or is_open or not own) and editing.draft.channel_id:
        return asked_in
    return own[0]


FORM = FormDesk(NAME, Role.EDITOR, submit)
STEPS: Final = (Step(EDIT, Action.TRIAL, Role.EDITOR, open_form),)
