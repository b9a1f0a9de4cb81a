"""`/watch edit`: a rule of chat, by the form that it was written with."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.commands.desk import Command, Desk, Step
from bot.commands.drafts import new_draft, with_values
from bot.commands.lookups import RULE, rule_named
from bot.commands.watch_form import (
    LONGEST_TITLE,
    NAME,
    PRIVATE,
    check_length,
    filled_from,
    form_of,
)
from bot.errors import OrderError
from bot.model import (
    Action,
    Asked,
    Button,
    Card,
    CommandSpec,
    Draft,
    Option,
    Order,
    Origin,
    Reply,
    Request,
    Role,
    Rule,
)
from bot.text import shorten

SPEC = CommandSpec(
    group="watch",
    verb="edit",
    help="Change a rule that was written in chat; you see what it would find before it is saved",
    options=(
        RULE,
        Option(name="shown", help="private: people in its channels only; public: everybody here"),
    ),
    example="rafah-red-line",
    role=Role.EDITOR,
    opens_form=True,
)

_COPY: Final = " (copy)"
_SHOWN: Final = {"private": PRIVATE, "public": ""}


async def carry_out(order: Order, desk: Desk) -> Reply:
    """Open the form with the rule as it is."""
    shown = order.value("shown").casefold()
    if shown and shown not in _SHOWN:
        raise OrderError("", f"“{shown}” is not known here", advice="Write private or public")
    return await _open(order.value("rule"), order, desk, _SHOWN.get(shown))


async def press(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Open the form of the rule that a button names."""
    return await _open(draft.subject, request, desk, None)


async def _open(name: str, asked: Asked, desk: Desk, private: str | None) -> Reply:
    rule = rule_named(name, asked, desk).rule
    if rule.origin is Origin.YAML:
        return await _offer_copy(rule, asked, desk)
    draft = filled_from(new_draft(NAME, asked, desk, subject=rule.name), rule, asked, desk)
    if private is not None:
        draft = with_values(draft, {"private": private})
    await desk.register.keep_draft(draft)
    return form_of(draft)


async def _offer_copy(rule: Rule, asked: Asked, desk: Desk) -> Card:
    draft = copy_of(rule, asked, desk)
    await desk.register.keep_draft(draft)
    return Card(
        title=f"“{rule.title}” is not edited in chat",
        notes=(
            "It stands in config/rules.yaml; whoever keeps that file can change it there.",
            "A copy is yours to edit; then pause the one of the file.",
        ),
        buttons=(Button(action=Action.FORM, label="Copy it", target=draft.id, main=True),),
    )


def copy_of(rule: Rule, asked: Asked, desk: Desk) -> Draft:
    """Return the draft of a new rule that says the same.

    Raises:
        OrderError: the rule is too long for a form.
    """
    check_length(rule)
    title = shorten(rule.title, LONGEST_TITLE - len(_COPY)) + _COPY
    here = replace(rule, title=title, to=desk.channels_here(rule, asked.workspace))
    return filled_from(new_draft(NAME, asked, desk), here, asked, desk)


COMMAND = Command(SPEC, carry_out)
STEPS: Final = (Step("rule", Action.FORM, Role.EDITOR, press),)
