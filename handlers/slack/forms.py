"""Form to a modal, and a sent modal to values. Pure.

https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from bot.model import Argument, Card, Choice, FieldKind, Form, FormField
from bot.text import clean_text, one_line, shorten
from handlers.slack.askers import Asker, parsed
from handlers.slack.cards import layout
from handlers.slack.payloads import Json, objects, part, text, texts

# https://docs.slack.dev/reference/views/modal-views
TITLE_LENGTH = 24
METADATA_LENGTH = 3_000
CALLBACK_LENGTH = 255
# https://docs.slack.dev/reference/block-kit/blocks/input-block
LABEL_LENGTH = 2_000
HINT_LENGTH = 2_000
# https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
INPUT_LENGTH = 3_000
# https://docs.slack.dev/reference/block-kit/composition-objects/option-object
OPTION_LENGTH = 75
OPTION_VALUE_LENGTH = 150
OPTIONS = 100
# Ours: so few are seen at a glance, more are a menu.
RADIO_OPTIONS = 5
# Ours; Slack names no limit for what is said of a field.
MISTAKE_LENGTH = 600

FORM_PREFIX: Final = "redline:form:"
CARD_ID: Final = "redline:card"
HOME_ID: Final = "redline:home"
NAME_PREFIX: Final = "redline:name:"
FIELD_ID: Final = "redline:field"
FORMS: Final = re.compile(rf"^{FORM_PREFIX}")
NAMES: Final = re.compile(rf"^{NAME_PREFIX}")

# Channels C and G; direct messages are no place for a rule.
_CHANNEL = re.compile(r"[CG][A-Z0-9]{6,}")


class Sent(NamedTuple):
    """A form as it came back: claims, but for the values, which the person gave."""

    form: str
    draft: str
    values: tuple[Argument, ...]
    files: tuple[tuple[str, Json], ...]
    fields: frozenset[str]


# --- views ------------------------------------------------------------------------------------


def form_view(form: Form, asker: Asker, *, with_mistakes: bool = False) -> Json:
    """Return the modal of a form.

    Args:
        form: what is to be filled in.
        asker: who asked for it; where they did so goes with the modal and comes back.
        with_mistakes: say what is wrong above each field, where it cannot be said at the field
            because the modal is put in the place of another one.
    """
    blocks = [
        block
        for field in form.fields
        for block in ([*_said(field)] if with_mistakes else []) + [_input(field)]
    ]
    return {
        **_modal(form.title, blocks, asker, draft=form.draft),
        "callback_id": (FORM_PREFIX + form.name)[:CALLBACK_LENGTH],
        "submit": _plain(form.submit, TITLE_LENGTH, "Save"),
        "close": _plain("Cancel", TITLE_LENGTH),
    }


def loading_view(asker: Asker) -> Json:
    """Return what is shown while the answer is not ready."""
    return _modal("Redline", [_section("One moment…")], asker)


def card_view(card: Card, asker: Asker, picture: str = "") -> Json:
    """Return a modal that shows a card."""
    return _modal("Redline", layout(card, picture=picture, view=True).blocks, asker)


def home_view(card: Card) -> Json:
    """Return the App Home that shows a card."""
    return {"type": "home", "callback_id": HOME_ID, "blocks": layout(card, view=True).blocks}


def _modal(title: str, blocks: list[Json], asker: Asker, draft: str = "") -> Json:
    return {
        "type": "modal",
        "callback_id": CARD_ID,
        "title": _plain(title, TITLE_LENGTH, "Redline"),
        "close": _plain("Close", TITLE_LENGTH),
        "private_metadata": _metadata(asker, draft),
        "blocks": blocks,
    }


def _metadata(asker: Asker, draft: str) -> str:
    origin = {name: value for name, value in asker.written().items() if name != "view"}
    said = json.dumps({"draft": draft, "origin": origin}, separators=(",", ":"))
    return said if len(said) <= METADATA_LENGTH else json.dumps({"draft": draft[:255]})


# --- fields -----------------------------------------------------------------------------------


def _input(field: FormField) -> Json:
    hint = one_line(field.help)
    return {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, LABEL_LENGTH, field.name),
        "optional": not field.required,
        "element": _ELEMENTS[field.kind](field),
        **({"hint": _plain(hint, HINT_LENGTH)} if hint else {}),
    }


def _words(field: FormField) -> Json:
    multiline = field.kind is FieldKind.TEXT
    most = max(1, min(field.longest, INPUT_LENGTH))
    said = field.value if multiline else " ".join(field.value.split("\n"))
    initial = shorten(said, most)
    return {
        "type": "plain_text_input",
        "action_id": FIELD_ID,
        "multiline": multiline,
        "max_length": most,
        **({"initial_value": initial} if initial else {}),
    }


def _choice(field: FormField) -> Json:
    options = options_of(field.choices)
    if not options:
        return _words(field)
    few = field.required and len(options) <= RADIO_OPTIONS
    initial = [option for option in options if option["value"] == field.value]
    return {
        "type": "radio_buttons" if few else "static_select",
        "action_id": FIELD_ID,
        "options": options,
        **({"initial_option": initial[0]} if initial else {}),
    }


def _channels(field: FormField) -> Json:
    ids = [value for value in field.values if _CHANNEL.fullmatch(value)]
    return {
        "type": "multi_conversations_select",
        "action_id": FIELD_ID,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        **({"initial_conversations": ids} if ids else {}),
    }


def _name(field: FormField) -> Json:
    initial = options_of([Choice(value=field.value, label=field.value)]) if field.value else []
    return {
        "type": "external_select",
        "action_id": f"{NAME_PREFIX}{field.of or ''}",
        "min_query_length": 0,
        **({"initial_option": initial[0]} if initial else {}),
    }


def _file(_field: FormField) -> Json:
    return {"type": "file_input", "action_id": FIELD_ID, "max_files": 1}


_ELEMENTS: Final[Mapping[FieldKind, Callable[[FormField], Json]]] = {
    FieldKind.LINE: _words,
    FieldKind.TEXT: _words,
    FieldKind.CHOICE: _choice,
    FieldKind.CHANNELS: _channels,
    FieldKind.NAME: _name,
    FieldKind.FILE: _file,
}


def options_of(choices: Sequence[Choice]) -> list[Json]:
    """Return choices as Slack offers them, each once.

    One whose value is too long to come back is left out.
    """
    by_value = {one.value: one for one in choices if 0 < len(one.value) <= OPTION_VALUE_LENGTH}
    return [
        {"text": _plain(one.label, OPTION_LENGTH, one.value), "value": one.value}
        for one in list(by_value.values())[:OPTIONS]
    ]


def _said(field: FormField) -> Iterator[Json]:
    if field.mistake:
        yield _section(f"{one_line(field.label)}: {field.mistake}")


def _section(words: str) -> Json:
    return {"type": "section", "text": _plain(words, INPUT_LENGTH, lines=True)}


def _plain(words: str, limit: int, instead: str = "", *, lines: bool = False) -> Json:
    clean = (clean_text if lines else one_line)(words)
    shown = shorten(clean, limit).strip() or shorten(one_line(instead), limit) or "…"
    return {"type": "plain_text", "text": shown, "emoji": False}


# --- what comes back --------------------------------------------------------------------------


def errors_of(form: Form, fields: frozenset[str]) -> dict[str, str]:
    """Return what to say at which field of the open modal.

    Empty where a mistake is at a field that the modal does not have: Slack would refuse it.
    """
    said = {
        field.name: shorten(clean_text(field.mistake), MISTAKE_LENGTH) or "This cannot be taken"
        for field in form.fields
        if field.mistake
    }
    return said if said.keys() <= fields else {}


def sent_form(view: Json) -> Sent:
    """Read a modal that a person sent.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
    """
    state = part(part(view, "state"), "values")
    elements = [(name, element) for name in state for element in _elements(part(state, name))]
    return Sent(
        form=text(view, "callback_id").removeprefix(FORM_PREFIX),
        draft=text(parsed(text(view, "private_metadata")), "draft"),
        values=tuple(
            Argument(name=name, value=value)
            for name, element in elements
            for value in _values(element)
            if value
        ),
        files=tuple((name, one) for name, element in elements for one in objects(element, "files")),
        fields=frozenset(text(block, "block_id") for block in objects(view, "blocks")),
    )


def _elements(block: Json) -> Iterator[Json]:
    yield from (element for element in block.values() if isinstance(element, dict))


def _values(element: Json) -> Iterator[str]:
    yield text(element, "value")
    yield text(part(element, "selected_option"), "value")
    yield from texts(element, "selected_conversations")
