"""A form that cannot be opened now: what was wrong in it, and the button that opens it again.

Discord opens a form in answer to a command or press only, and only at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.model import Action, Button, Card, Form, FormField
from bot.text import one_line, shorten, utf16_length
from handlers.discord import cards, markdown

_TITLE: Final = "Please look at the form again"
_LABEL: Final = 60
_MISTAKE: Final = 600


def card_of_form(form: Form) -> cards.Rendered:
    """Return the message that says what is wrong, or only that the form can be opened."""
    if not form.has_mistakes:
        return cards.render(_card(form.title, "The form is ready.", "Open the form", form.draft))
    shown = cards.render(_card(_TITLE, "What you filled in is kept.", "Edit again", form.draft))
    assert shown.embed is not None  # the full form is an embed
    said = "\n\n".join([*_mistakes(form), shown.embed.description])
    return replace(shown, embed=replace(shown.embed, description=said))


def could_not_read(why: str, draft: str) -> Card:
    """Say why a file that was sent with a form was not taken."""
    return _card("The file was not taken", one_line(why), "Edit again", draft)


def _card(title: str, note: str, label: str, draft: str) -> Card:
    button = Button(action=Action.FORM, label=label, target=draft, main=True)
    return Card(title=title, notes=(note,), buttons=(button,))


def _mistakes(form: Form) -> Iterator[str]:
    """Yield each field's label with what is wrong with it."""
    for field in form.fields:
        if field.mistake:
            yield f"**{_label(field)}**\n{_said(field.mistake)}"


def _label(field: FormField) -> str:
    return markdown.escape(markdown.fit(field.label, _LABEL)) or field.name


def _said(mistake: str) -> str:
    """Return a mistake; where a caret points at the place, every character keeps its column."""
    lines = mistake.splitlines()
    if len(lines) < 2:
        return markdown.escape(markdown.fit(mistake, _MISTAKE)) or "is not right"
    shown = "\n".join("".join(map(_plain, line)) for line in lines)
    return f"```\n{shorten(shown, _MISTAKE, measure=utf16_length)}\n```"


def _plain(character: str) -> str:
    """Return a character for a block of code, which only backticks end."""
    if character == "`":
        return "'"
    return " " if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else character
