"""The form in which a rule is written: its fields, what is wrong with them, and the rule itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot.commands.answers import mistake_line
from bot.commands.desk import Desk
from bot.commands.drafts import with_values
from bot.commands.watch_channels import channels_of, ids_of
from bot.commands.watch_words import urgency_words
from bot.errors import OrderError, RuleError
from bot.model import (
    Asked,
    ChannelRef,
    Choice,
    Draft,
    FieldKind,
    Form,
    FormField,
    Origin,
    Rule,
    Urgency,
)
from bot.rules import CompiledRule, read_rule
from bot.rules.read import read_text
from bot.text import one_line

NAME: Final = "watch.edit"
LONGEST_TITLE: Final = 100
LONGEST_TEXT: Final = 3_000
"""https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element; Discord takes
4,000 characters."""
PRIVATE: Final = "yes"

_CHOICES: Final = tuple(
    Choice(value=one.value, label=urgency_words(one).capitalize())
    for one in (Urgency.NOW, Urgency.DIGEST, Urgency.CRITICAL)
)
_FIELDS: Final = (
    FormField(
        name="title",
        label="Name",
        help="What people call it, such as Rafah and the red line",
        longest=LONGEST_TITLE,
    ),
    FormField(
        name="when",
        label="When an article says",
        kind=FieldKind.TEXT,
        help='In the language of rules: place:Rafah AND ("red line" OR sanction*)',
        longest=LONGEST_TEXT,
    ),
    FormField(
        name="except",
        label="Except when it says",
        kind=FieldKind.TEXT,
        help="What such an article must not say; may stay empty",
        required=False,
        longest=LONGEST_TEXT,
    ),
    FormField(
        name="channels",
        label="Tell these channels",
        kind=FieldKind.CHANNELS,
        help="Each is told of a development once",
    ),
    FormField(
        name="urgency",
        label="How soon",
        kind=FieldKind.CHOICE,
        help="The digest gathers them; critical ones stand out",
        choices=_CHOICES,
    ),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a rule to be; `mistakes` say at which field it cannot be so.

    `rule` is None where there are mistakes.
    """

    rule: CompiledRule | None = None
    mistakes: Mapping[str, str] = field(default_factory=dict)


def form_of(draft: Draft, mistakes: Mapping[str, str] | None = None) -> Form:
    """Return the form as its draft left it."""
    said = mistakes or {}
    return Form(
        name=NAME,
        title="Edit a watch rule" if draft.subject else "Add a watch rule",
        fields=tuple(
            replace(each, values=draft.all(each.name), mistake=said.get(each.name, ""))
            for each in _FIELDS
        ),
        draft=draft.id,
        submit="See what it finds",
    )


def filled_from(draft: Draft, rule: Rule, asked: Asked, desk: Desk) -> Draft:
    """Return a draft that holds a rule as it is.

    Raises:
        OrderError: the rule is too long for a form.
    """
    check_length(rule)
    values = {
        "title": rule.title[:LONGEST_TITLE],
        "when": rule.when,
        "except": rule.unless,
        "channels": ids_of(rule.to, asked, desk),
        "urgency": rule.urgency.value,
        "private": PRIVATE if rule.private else "",
        "basis": basis_of(rule) if draft.subject else "",
    }
    return with_values(draft, values)


def check_length(rule: Rule) -> None:
    """Refuse a rule that a form cannot hold.

    Raises:
        OrderError: it is too long.
    """
    for text in (rule.when, rule.unless):
        if len(text) > LONGEST_TEXT:
            raise OrderError(
                "",
                f"“{rule.title}” is too long to be edited in chat",
                advice=f"A form takes {LONGEST_TEXT:,} characters. Keep it in rules.yaml, or make "
                "a set of its words there.",
            )


def basis_of(rule: Rule) -> str:
    """Return what tells a rule from every other state of it."""
    return hashlib.sha256(repr(rule).encode("utf-8", "surrogatepass")).hexdigest()


def read_wish(draft: Draft, current: Rule | None, asked: Asked, desk: Desk) -> Wish:
    """Read what was filled in; `current` is the rule that is edited, None for a new one."""
    title, mistakes = one_line(draft.value("title")), {}
    if not title:
        mistakes["title"] = "Give it a name"
    elif len(title) > LONGEST_TITLE:
        mistakes["title"] = f"A name has at most {LONGEST_TITLE} characters"
    channels = _channels(draft, current, asked, desk)
    if not channels:
        mistakes["channels"] = "Choose a channel that Redline is in, here"
    urgency = next((one for one in Urgency if one.value == draft.value("urgency")), None)
    if urgency is None:
        mistakes["urgency"] = "Choose one of the three"
    rule = Rule(
        name=current.name if current else "",
        title=title,
        when=_kept(draft.value("when")),
        unless=_kept(draft.value("except")),
        to=channels,
        urgency=urgency or Urgency.NOW,
        origin=Origin.CHAT,
        workspace=asked.workspace,
        private=draft.value("private") == PRIVATE,
    )
    compiled, wrong = _read(rule, desk)
    mistakes |= wrong
    return Wish(mistakes=mistakes) if mistakes else Wish(compiled)


def _kept(text: str) -> str:
    """Return a text as it can be stored; what its blanks mean is the language's affair."""
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8").strip()


def _channels(
    draft: Draft, current: Rule | None, asked: Asked, desk: Desk
) -> tuple[ChannelRef, ...]:
    """Return the chosen channels, and those that the rule has and no form here can show."""
    chosen = channels_of(draft.all("channels"), asked, desk)
    if not all(desk.is_here(each, asked.workspace) for each in chosen):
        return ()
    elsewhere = (
        [] if current is None else [each for each in current.to if not ids_of((each,), asked, desk)]
    )
    return tuple(dict.fromkeys((*chosen, *elsewhere)))


def _read(rule: Rule, desk: Desk) -> tuple[CompiledRule | None, dict[str, str]]:
    """Return the rule read, or what is wrong with its texts, each at its own field."""
    mistakes = {}
    for name, text in (("when", rule.when), ("except", rule.unless)):
        if len(text) > LONGEST_TEXT:
            mistakes[name] = f"At most {LONGEST_TEXT:,} characters"
        elif name == "when" or text:
            try:
                read_text(text, desk.names)
            except RuleError as error:
                mistakes[name] = mistake_line(error)
    if mistakes:
        return None, mistakes
    try:
        return read_rule(rule, desk.names), {}
    except RuleError as error:
        return None, {"when": mistake_line(error)}
