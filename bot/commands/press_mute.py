"""The Mute… button of an alert, and the form that it opens: what, where, how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cards import gone_card
from bot.commands.access import edits_everywhere
from bot.commands.deciding import change_of, decided
from bot.commands.desk import Desk, FormDesk, Press, Step
from bot.commands.drafts import new_draft, own_draft
from bot.commands.durations import DURATIONS, read_duration, spoken
from bot.commands.ids import new_id
from bot.commands.posted import PostedAlert, marked, posted_alert
from bot.model import (
    Action,
    Choice,
    Draft,
    FieldKind,
    Form,
    FormField,
    Mute,
    MuteScope,
    Reply,
    Request,
    Role,
    Submission,
)
from bot.text import one_line, shorten

NAME: Final = "mute"
HERE: Final = "here"
EVERYWHERE: Final = "everywhere"
LONGEST_CHOICE: Final = 75
"""https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
MOST_RULES: Final = 10
"""An alert of more rules offers the first of them; radio buttons and selects take more."""


@dataclass(frozen=True, slots=True)
class Target:
    """What can be muted: the value of its choice, and what the mute will say."""

    value: str
    scope: MuteScope
    target: str
    label: str

    @property
    def choice(self) -> Choice:
        """How the form offers it."""
        kind = self.scope.value.capitalize()
        said = "This story" if self.scope is MuteScope.STORY else f"{kind}: {self.label}"
        return Choice(value=self.value, label=shorten(one_line(said), LONGEST_CHOICE))


async def open_form(request: Request, desk: Desk) -> Reply:
    """Ask what of the alert is to be silent, where and how long."""
    posted = await posted_alert(request.target, request, desk)
    if posted is None:
        return gone_card()
    draft = new_draft(NAME, request, desk, subject=posted.alert.id)
    await desk.register.keep_draft(draft)
    return _form(list(targets_of(posted, desk)), draft)


def targets_of(posted: PostedAlert, desk: Desk) -> Iterator[Target]:
    """Yield what can be muted of an alert: its story, each rule that fired, its source."""
    alert, card, rules = posted.alert, posted.card, desk.watch.rules
    title = shorten(one_line(card.title), LONGEST_CHOICE)
    yield Target("story", MuteScope.STORY, alert.story_id, title)
    for number, name in enumerate(alert.rules[:MOST_RULES]):
        label = rules[name].title if name in rules else name
        yield Target(f"rule-{number}", MuteScope.RULE, name, label)
    if card.domain:
        label = f"{card.source} ({card.domain})" if card.source else card.domain
        yield Target("source", MuteScope.SOURCE, card.domain, label)


def _form(targets: Sequence[Target], draft: Draft) -> Form:
    durations = [Choice(value=each, label=spoken(read_duration(each))) for each in DURATIONS]
    places = [
        Choice(value=HERE, label="In this channel"),
        Choice(value=EVERYWHERE, label="Everywhere in this workspace"),
    ]
    return Form(
        name=NAME,
        title="Mute",
        submit="Mute",
        draft=draft.id,
        fields=(
            _choice("what", "What is to be silent", [target.choice for target in targets]),
            _choice("where", "Where", places),
            _choice("how-long", "How long", durations),
        ),
    )


def _choice(name: str, label: str, choices: Sequence[Choice]) -> FormField:
    """Return a field that offers choices; the first, of which least is lost, is chosen."""
    return FormField(
        name=name,
        label=label,
        kind=FieldKind.CHOICE,
        choices=tuple(choices),
        values=(choices[0].value,),
    )


async def reopen(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Open the form as it was left."""
    posted = await posted_alert(draft.subject, replace(request, channel_id=draft.channel_id), desk)
    if posted is None:
        return gone_card()
    form = _form(list(targets_of(posted, desk)), draft)
    return replace(form, fields=tuple(_as_left(each, draft) for each in form.fields))


def _as_left(field: FormField, draft: Draft) -> FormField:
    """Return the field with what was chosen, as far as it is offered."""
    left = draft.value(field.name)
    offered = left in {choice.value for choice in field.choices}
    return replace(field, values=(left,)) if offered else field


async def mute(submission: Submission, desk: Desk) -> Reply:
    """Mute what was chosen, and show it on the alert's card.

    Raises:
        OrderError: the form is not the asker's, or no longer kept.
    """
    draft = await own_draft(submission.draft, submission, desk, NAME)
    asked = replace(submission, channel_id=draft.channel_id)
    posted = await posted_alert(draft.subject, asked, desk)
    if posted is None:
        return gone_card()
    targets = list(targets_of(posted, desk))
    checked = _checked(_form(targets, draft), asked, desk)
    if checked.has_mistakes:
        await desk.register.keep_draft(replace(draft, values=submission.values))
        return checked
    chosen = next(target for target in targets if target.value == submission.value("what"))
    made = _made(chosen, posted, asked, desk)
    await decided(change_of(asked, desk, "watch mute", after=made), desk)
    return await marked(posted, asked, desk)


def _checked(form: Form, submission: Submission, desk: Desk) -> Form:
    """Return the form as it was filled in, with what is wrong at its fields."""
    fields = [_checked_field(each, submission) for each in form.fields]
    if submission.value("where") == EVERYWHERE and not edits_everywhere(submission, desk):
        fields[1] = replace(fields[1], mistake="You may mute things in this channel only.")
    return replace(form, fields=tuple(fields))


def _checked_field(field: FormField, submission: Submission) -> FormField:
    given = submission.value(field.name)
    if given in {choice.value for choice in field.choices}:
        return replace(field, values=(given,))
    return replace(field, mistake="Choose one of these.")


def _made(chosen: Target, posted: PostedAlert, submission: Submission, desk: Desk) -> Mute:
    now = desk.clock.now()
    here = submission.value("where") == HERE
    return Mute(
        id=new_id(),
        scope=chosen.scope,
        target=chosen.target,
        label=chosen.label,
        workspace=submission.workspace,
        user_id=submission.user_id,
        at=now,
        until=now + read_duration(submission.value("how-long")),
        channel=posted.alert.channel if here else None,
        urgency=posted.alert.urgency,
    )


PRESS = Press(Action.MUTE, Role.EDITOR, open_form)
FORM = FormDesk(NAME, Role.EDITOR, mute)
STEP = Step(NAME, Action.FORM, Role.EDITOR, reopen)
