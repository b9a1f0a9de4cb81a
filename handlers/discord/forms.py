"""Form → a modal, and what a person filled in → Submission.

Limits: https://docs.discord.com/developers/components/reference#label
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.model import (
    LONGEST_FIELD_HELP,
    LONGEST_LABEL,
    MOST_FIELDS,
    Argument,
    Choice,
    FieldKind,
    Form,
    FormField,
)
from bot.text import one_line, shorten, storable, utf16_length

TEMPLATE: Final = re.compile(
    r"redline:form:(?P<form>[a-z0-9._-]{1,30}):(?P<draft>[a-z0-9._-]{1,55})"
)
"""A modal's custom_id: which form it is, and whose draft it fills."""

TITLE: Final = 45
TEXT: Final = 4_000
OPTIONS: Final = 25
OPTION: Final = 100
_ID: Final = re.compile(r"[0-9]{1,20}")
_LABEL_TYPE, _ROW_TYPE, _FILE_TYPE = 18, 1, 19

Offered = Mapping[str, Sequence[Choice]]
"""What the fields of a form that take a NAME offer, by the field's name."""


def modal_of(form: Form, offered: Offered) -> discord.ui.Modal:
    """Lay a form out as Discord shows it.

    A modal completes nothing while it is typed. A NAME is chosen from what is offered; where that
    may be a part only, it is typed.
    """
    modal = discord.ui.Modal(
        title=_fit(form.title, TITLE) or "Redline",
        custom_id=f"redline:form:{form.name}:{form.draft}",
    )
    for field in form.fields[:MOST_FIELDS]:
        modal.add_item(_labelled(field, offered.get(field.name, ())))
    return modal


def _labelled(field: FormField, offered: Sequence[Choice]) -> discord.ui.Label[Any]:
    return discord.ui.Label(
        text=_fit(field.label, LONGEST_LABEL) or field.name,
        description=_fit(field.mistake or field.help, LONGEST_FIELD_HELP) or None,
        component=_component(field, offered),
    )


def _component(field: FormField, offered: Sequence[Choice]) -> discord.ui.Item[Any]:
    match field.kind:
        case FieldKind.CHOICE if field.choices:
            return _select(field, field.choices)
        case FieldKind.NAME if _is_whole(field, offered):
            return _select(field, offered)
        case FieldKind.CHANNELS:
            return _channels(field)
        case FieldKind.FILE:
            return discord.ui.FileUpload(
                custom_id=field.name,
                required=field.required,
                min_values=int(field.required),
                max_values=1,
            )
        case _:
            return _text(field)


def _is_whole(field: FormField, offered: Sequence[Choice]) -> bool:
    """Whether every name that can be meant is offered, the one that stands there included."""
    values = {choice.value for choice in offered}
    fits = all(utf16_length(value) <= OPTION for value in values)
    return 0 < len(offered) < OPTIONS and fits and (not field.value or field.value in values)


def _select(field: FormField, choices: Sequence[Choice]) -> discord.ui.Select[Any]:
    return discord.ui.Select(
        custom_id=field.name,
        required=field.required,
        min_values=int(field.required),
        options=[
            discord.SelectOption(
                label=_fit(choice.label, OPTION) or choice.value,
                value=choice.value,
                default=choice.value == field.value,
            )
            for choice in choices[:OPTIONS]
        ],
    )


class Chosen(discord.SelectDefaultValue):
    """A channel that a select begins with.

    discord.py writes its id as a number, Discord's specification as a text, as everywhere else.
    """

    def __init__(self, channel_id: int) -> None:
        super().__init__(id=channel_id, type=discord.SelectDefaultValueType.channel)

    def to_dict(self) -> Any:
        """Return it as it is sent."""
        return {**super().to_dict(), "id": str(self.id)}


def _channels(field: FormField) -> discord.ui.ChannelSelect[Any]:
    ids = [int(value) for value in dict.fromkeys(field.values) if _ID.fullmatch(value)]
    return discord.ui.ChannelSelect(
        custom_id=field.name,
        required=field.required,
        min_values=int(field.required),
        max_values=OPTIONS,
        channel_types=[discord.ChannelType.text, discord.ChannelType.news],
        default_values=[Chosen(one) for one in ids[:OPTIONS]],
    )


def _text(field: FormField) -> discord.ui.TextInput[Any]:
    longest = min(field.longest, TEXT)
    paragraph = field.kind is FieldKind.TEXT
    return discord.ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph if paragraph else discord.TextStyle.short,
        default=_cut(field.value, longest) or None,
        required=field.required,
        max_length=longest,
    )


def _cut(value: str, longest: int) -> str:
    """Return what of a value can be shown; forms do not take more than they hold."""
    return value.encode("utf-16-le", "replace")[: 2 * longest].decode("utf-16-le", "ignore")


def _fit(words: str, limit: int) -> str:
    return shorten(one_line(words), limit, measure=utf16_length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form as it came back. `files` are the attachments of fields that take a file, as given."""

    form: str
    draft: str
    values: tuple[Argument, ...]
    files: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def filled(data: Any) -> Filled | None:
    """Read the data of a modal; None where it is none of ours. Strange parts are left out."""
    if not isinstance(data, dict):
        return None
    found = TEMPLATE.fullmatch(str(data.get("custom_id", "")))
    if found is None:
        return None
    parts = list(_parts(data.get("components")))
    return Filled(
        form=found["form"],
        draft=found["draft"],
        values=tuple(value for part in parts for value in _values(part)),
        files=tuple(_files(parts, data.get("resolved"))),
    )


def _parts(components: Any) -> Iterator[dict[str, Any]]:
    """Yield what was filled in, without the labels around it."""
    for component in components if isinstance(components, list) else ():
        if not isinstance(component, dict):
            continue
        kind = component.get("type")
        if kind == _LABEL_TYPE:
            yield from _parts([component.get("component")])
        elif kind == _ROW_TYPE:
            yield from _parts(component.get("components"))
        elif isinstance(component.get("custom_id"), str):
            yield component


def _values(part: dict[str, Any]) -> Iterator[Argument]:
    if part.get("type") == _FILE_TYPE:
        return
    values = part.get("values")
    given = values if isinstance(values, list) else [part.get("value")]
    for value in given:
        if isinstance(value, str) and value:
            yield Argument(name=storable(part["custom_id"]), value=storable(value))


def _files(
    parts: Sequence[dict[str, Any]], resolved: Any
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    known = resolved.get("attachments") if isinstance(resolved, dict) else None
    for part in parts:
        values = part.get("values") if part.get("type") == _FILE_TYPE else None
        for value in values if isinstance(values, list) else ():
            file = known.get(value) if isinstance(known, dict) and isinstance(value, str) else None
            if isinstance(file, dict):
                yield part["custom_id"], file
