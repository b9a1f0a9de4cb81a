"""A form that cannot be opened now: what was wrong in it, and the button that opens it again.

Discord opens a form in answer to a command or press only, and only at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.model import Action, Button, Card, FieldKind, Form, FormField
from bot.text import shorten, utf16_length
from handlers.discord import cards, markdown

_TITLE: Final = "Please look at the form again"
_KEPT: Final = "What you filled in is kept."
_LABEL: Final = 60
_MISTAKE: Final = 600


def card_of_form(form: Form, origin: str = "") -> cards.Rendered:
    """Return the message that says what is wrong, or only that the form can be opened.

    Args:
        form: the form.
        origin: what the button carries of the message that the form is about.
    """
    again = form.has_mistakes
    label, note = ("Edit again", _KEPT) if again else ("Open the form", "The form is ready.")
    button = Button(action=Action.FORM, label=label, target=form.draft, main=True)
    card = Card(title=_TITLE if again else form.title, notes=(note,), buttons=(button,))
    shown = cards.render(card, key=origin)
    assert shown.embed is not None  # the full form is an embed
    said = "\n\n".join([*_mistakes(form), shown.embed.description])
    return replace(shown, embed=replace(shown.embed, description=said))


def unread(why: str, name: str, draft: str) -> Form:
    """Return the form whose file was not taken, with the reason."""
    file = FormField(name="file", label="File", kind=FieldKind.FILE, mistake=why)
    return Form(name=name, title=_TITLE, fields=(file,), draft=draft)


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
