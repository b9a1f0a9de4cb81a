"""The form in which a feed is changed before it is added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.commands.desk import Desk, FormDesk, Step
from bot.commands.drafts import own_draft, with_values
from bot.commands.durations import read_duration
from bot.commands.feeds_found import ADD
from bot.commands.feeds_new import add_feed
from bot.errors import OrderError
from bot.feeds.naming import is_language
from bot.model import (
    Action,
    Choice,
    Draft,
    FieldKind,
    Form,
    FormField,
    Fulltext,
    Reply,
    Request,
    Revised,
    Role,
    Submission,
    Tier,
)
from bot.text import one_line

LONGEST_TITLE: Final = 150
_TIERS: Final[Mapping[StrEnum, str]] = {
    Tier.NEWS: "News",
    Tier.OFFICIAL: "Official: a government or institution",
    Tier.WIRE: "Wire: a news agency",
    Tier.ANALYSIS: "Analysis: a think tank or journal",
    Tier.BLOG: "Blog",
}
_FULLTEXTS: Final[Mapping[StrEnum, str]] = {
    Fulltext.AUTO: "Where the feed has only a teaser",
    Fulltext.ALWAYS: "Always",
    Fulltext.NEVER: "Never: the feed alone",
}


async def open_form(draft: Draft, _request: Request, _desk: Desk) -> Reply:
    """Show the form as the draft stands."""
    return form_of(draft)


def form_of(draft: Draft) -> Form:
    """Return the form, filled as a draft was left."""
    seconds = draft.value("interval")
    fields = (
        FormField(
            name="title",
            label="Name of the source",
            help="As cards name it",
            values=_filled(draft.value("title")),
            longest=LONGEST_TITLE,
        ),
        _choice("tier", "Kind of publisher", _TIERS, draft),
        FormField(
            name="interval",
            label="Time between polls",
            help="For example 30m or 6h. Left empty, the feed's own rhythm decides.",
            values=_filled(f"{int(seconds) // 60}m" if seconds else ""),
            required=False,
            longest=20,
        ),
        FormField(
            name="language",
            label="Language",
            help="Where the feed does not say it itself, such as ar or pt-BR",
            values=_filled(draft.value("language")),
            required=False,
            longest=35,
        ),
        _choice("fulltext", "Read the articles' pages too", _FULLTEXTS, draft),
    )
    return Form(name=ADD, title="Add a feed", fields=fields, draft=draft.id, submit="Add")


def _filled(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _choice(name: str, label: str, offered: Mapping[StrEnum, str], draft: Draft) -> FormField:
    return FormField(
        name=name,
        label=label,
        kind=FieldKind.CHOICE,
        choices=tuple(Choice(value=one.value, label=said) for one, said in offered.items()),
        values=(draft.value(name) or next(iter(offered)).value,),
    )


async def submit(submission: Submission, desk: Desk) -> Reply:
    """Add the feed as the form says.

    Raises:
        OrderError: the form is not the asker's, or no longer kept.
    """
    draft = await own_draft(submission.draft, submission, desk, ADD)
    checked = _checked(form_of(draft), submission)
    if checked.has_mistakes:
        return checked
    filled = with_values(draft, _values(submission))
    return Revised(await add_feed(filled, submission, desk))


def _values(submission: Submission) -> dict[str, str]:
    interval = submission.value("interval").strip()
    seconds = int(read_duration(interval).total_seconds()) if interval else 0
    return {
        "title": one_line(submission.value("title")),
        "tier": submission.value("tier"),
        "interval": str(seconds or ""),
        "language": submission.value("language").strip(),
        "fulltext": submission.value("fulltext"),
    }


def _checked(form: Form, submission: Submission) -> Form:
    """Return the form as it was filled in, with what is wrong at its fields."""
    fields = tuple(
        replace(
            field,
            values=submission.all(field.name)[:1],
            mistake=_mistake(field, submission.value(field.name).strip()),
        )
        for field in form.fields
    )
    return replace(form, fields=fields)


def _mistake(field: FormField, given: str) -> str:
    if field.kind is FieldKind.CHOICE:
        offered = {choice.value for choice in field.choices}
        return "" if given in offered else "Choose one of these."
    if len(given) > field.longest:
        return f"It has {len(given)} characters; {field.longest} is the most."
    match field.name:
        case "title":
            return "" if one_line(given) else "A source needs a name."
        case "interval":
            return _mistaken_interval(given)
        case _:
            return "" if not given or is_language(given) else "Write it as ar, de or pt-BR."


def _mistaken_interval(given: str) -> str:
    try:
        interval = read_duration(given) if given else timedelta(hours=1)
    except OrderError as error:
        return f"{error.problem}. Write it as 30m, 6h or 1d."
    return "" if interval >= timedelta(minutes=1) else "One minute is the shortest."


FORM = FormDesk(ADD, Role.EDITOR, submit)
STEP = Step(ADD, Action.FORM, Role.EDITOR, open_form)
