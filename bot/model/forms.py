"""Form: what a person fills in, with no platform in it, and what comes back."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from bot.model.asking import Argument, Asked, Choice, OptionKind
from bot.model.cards import Card

MOST_FIELDS = 5
"""https://docs.discord.com/developers/components/reference#label: a modal has five at most."""

LONGEST_FORM_TITLE = 24
"""https://docs.slack.dev/reference/views/modal-views; Discord takes 45 characters."""

LONGEST_LABEL = 45
LONGEST_FIELD_HELP = 100
"""https://docs.discord.com/developers/components/reference#label"""


class FieldKind(enum.StrEnum):
    """What a field takes.

    A LINE or TEXT of words, one CHOICE of those it offers, the CHANNELS of the platform (their ids
    come back), the NAME of a thing that is completed while it is typed, or the text of a FILE.
    """

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    CHANNELS = "channels"
    NAME = "name"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field of a form.

    `values` is what it holds when it is opened: one value, or many for CHANNELS. `of` says what a
    NAME is the name of. `longest` counts characters. `mistake` says what is wrong with the value;
    it is shown at the field, and the values that were given stand in it.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.LINE
    help: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    of: OptionKind | None = None
    required: bool = True
    longest: int = 3000
    mistake: str = ""

    @property
    def value(self) -> str:
        """The one value, or the empty string."""
        return next(iter(self.values), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a person is asked to fill in: one to five fields.

    `name` says which form it is (`watch.edit`), `draft` is the id of the Draft that keeps what it
    is about and what was filled in so far.
    """

    name: str
    title: str
    fields: tuple[FormField, ...]
    draft: str
    submit: str = "Save"

    @property
    def has_mistakes(self) -> bool:
        """Whether it is shown again because of what was filled in."""
        return any(field.mistake for field in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission(Asked):
    """Somebody sent a form. `form` and `draft` are as the platform handed them back: claims.

    A field with many values is there once for each of them.
    """

    form: str
    draft: str
    values: tuple[Argument, ...] = ()

    def value(self, name: str) -> str:
        """Return the first value of a field, the empty string where there is none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return tuple(given.value for given in self.values if given.name == name and given.value)


@dataclass(frozen=True, slots=True)
class Revised:
    """The message that the button stands on, or that the form was opened from, now looks so.

    On an alert everybody sees it; on a private answer the one who asked.
    """

    card: Card


Reply = Card | Form | Revised
"""What a person gets: a private answer, a form to fill in, or the message they acted on, changed.

A Form in answer to a Submission is shown again with its mistakes.
"""
