"""Slash commands: acknowledged at once, carried out afterwards, answered to whoever gave them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord.app_commands import Choice as DiscordChoice

from bot.model import Argument, Choice, CommandSpec, Menu, Order
from bot.ports import Serve
from bot.text import one_line, shorten, storable, utf16_length
from handlers.discord.answers import UNKNOWN, complete, say
from handlers.discord.people import asked_by, fields_of
from handlers.discord.reception import Reception, Visit

log = logging.getLogger("redline.discord")

Json = dict[str, Any]

SUGGEST_WITHIN = 2.0
"""Seconds; Discord waits for 3."""
CHOICES = 25
CHOICE = 100
"""https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-choice-structure"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A command of the menu as it was given. `focused` is the option that is being typed."""

    spec: CommandSpec
    arguments: tuple[Argument, ...]
    focused: Argument | None = None


def given(data: Any, menu: Menu) -> Given | None:
    """Read the data of an interaction; None where it is no command of the menu."""
    below = _options(data)
    if len(below) != 1 or not isinstance(data, dict):
        return None
    verb = below[0]
    spec = _spec(menu, data.get("name"), verb.get("name"))
    options = _options(verb)
    names = {option.name for option in spec.options} if spec else set()
    if spec is None or not all(_is_given(option, names) for option in options):
        return None
    arguments = [(_argument(option), option.get("focused") is True) for option in options]
    return Given(
        spec=spec,
        arguments=tuple(argument for argument, _ in arguments),
        focused=next((argument for argument, focused in arguments if focused), None),
    )


def _options(part: Any) -> list[Json]:
    options = part.get("options") if isinstance(part, dict) else None
    whole = isinstance(options, list) and all(isinstance(option, dict) for option in options)
    return options if whole and options else []


def _spec(menu: Menu, name: Any, verb: Any) -> CommandSpec | None:
    named = (c for c in menu.commands if (f"{menu.prefix}{c.group}", c.verb) == (name, verb))
    return next(named, None)


def _is_given(option: Json, names: set[str]) -> bool:
    name, value = option.get("name"), option.get("value")
    return isinstance(name, str) and name in names and isinstance(value, str)


def _argument(option: Json) -> Argument:
    return Argument(name=option["name"], value=storable(option["value"]))


class Orders:
    """Carries out the commands of the menu."""

    def __init__(self, serve: Serve, reception: Reception) -> None:
        self._serve = serve
        self._reception = reception

    async def carry_out(self, interaction: discord.Interaction[Any]) -> None:
        """Take a command that somebody gave."""
        what = given(interaction.data, self._serve.menu)
        if what is None:
            await say(interaction, UNKNOWN)
            return
        asked = self._order(interaction, what)
        visit = Visit(interaction=interaction, asked=asked, may_open=what.spec.opens_form)
        await self._reception.attend(visit)

    async def suggest(self, interaction: discord.Interaction[Any]) -> None:
        """Complete what is being typed; where that fails, with nothing."""
        what = given(interaction.data, self._serve.menu)
        choices = await self._choices(interaction, what) if what and what.focused else ()
        await complete(interaction, _shown(choices))

    async def _choices(
        self, interaction: discord.Interaction[Any], what: Given
    ) -> Sequence[Choice]:
        assert what.focused  # the caller looked
        typed = what.focused.value
        kind = next(one.kind for one in what.spec.options if one.name == what.focused.name)
        try:
            async with asyncio.timeout(SUGGEST_WITHIN):
                return await self._serve.suggest(self._order(interaction, what), kind, typed)
        except Exception as error:  # noqa: BLE001 - who types can type on without suggestions
            log.warning("nothing could be suggested (%s)", type(error).__name__)
            return ()

    def _order(self, interaction: discord.Interaction[Any], what: Given) -> Order:
        return Order(
            **fields_of(asked_by(interaction, self._serve.groups)),
            group=what.spec.group,
            verb=what.spec.verb,
            arguments=what.arguments,
        )


def _shown(choices: Sequence[Choice]) -> list[DiscordChoice[str]]:
    """Return the choices that Discord takes; a value that is too long would be another value."""
    return [
        DiscordChoice(name=label, value=choice.value)
        for choice in choices
        if utf16_length(choice.value) <= CHOICE
        and (label := shorten(one_line(choice.label), CHOICE, measure=utf16_length))
    ][:CHOICES]
