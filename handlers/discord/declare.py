"""Telling Discord which commands there are.

Limits: https://docs.discord.com/developers/interactions/application-commands
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.model import CommandSpec, Menu, Option, OptionKind
from bot.text import one_line, shorten, utf16_length

Json = dict[str, Any]

DESCRIPTION: Final = 100
_SLASH, _SUBCOMMAND, _STRING = 1, 1, 3
_IN_SERVERS: Final = 0
"""Both as a context and as a way of installing: in a server, by the server."""


def declared(menu: Menu) -> list[Json]:
    """Return the commands as Discord takes them: one for each group, its verbs below it."""
    return [
        {
            "type": _SLASH,
            "name": f"{menu.prefix}{group}",
            "description": _fit("; ".join(command.help for command in of_group)),
            "options": [_verb(command) for command in of_group],
            "contexts": [_IN_SERVERS],
            "integration_types": [_IN_SERVERS],
        }
        for group in menu.groups()
        if (of_group := [command for command in menu.commands if command.group == group])
    ]


def _verb(command: CommandSpec) -> Json:
    # Discord wants the options that must be given before those that may be.
    options = sorted(command.options, key=lambda option: not option.required)
    return {
        "type": _SUBCOMMAND,
        "name": command.verb,
        "description": _fit(command.help),
        "options": [_option(option) for option in options],
    }


def _option(option: Option) -> Json:
    return {
        "type": _STRING,
        "name": option.name,
        "description": _fit(option.help),
        "required": option.required,
        "autocomplete": option.kind is not OptionKind.TEXT,
    }


def _fit(words: str) -> str:
    return shorten(one_line(words), DESCRIPTION, measure=utf16_length) or "Redline"


async def declare(client: discord.Client, menu: Menu) -> bool:
    """Declare the commands where Discord has others; return whether it had.

    Discord takes 200 new commands a day, and a new declaration takes a moment to reach people.

    Raises:
        Exception: whatever discord.py raises.
    """
    assert client.application_id is not None  # login sets it
    wanted = declared(menu)
    known: Any = await client.http.get_global_commands(client.application_id)
    if same(known, wanted):
        return False
    await client.http.bulk_upsert_global_commands(client.application_id, wanted)
    return True


def same(known: Sequence[Json], wanted: Sequence[Json]) -> bool:
    """Whether Discord's commands are the wanted ones, as far as a declaration says."""
    return sorted(map(_written, known), key=str) == sorted(map(_written, wanted), key=str)


def _written(command: Json) -> Json:
    """Return what a declaration says; Discord leaves out what is false or empty."""
    return {
        "type": command.get("type", _SLASH),
        "name": command.get("name"),
        "description": command.get("description"),
        "required": bool(command.get("required")),
        "autocomplete": bool(command.get("autocomplete")),
        "contexts": sorted(command.get("contexts") or ()),
        "integration_types": sorted(command.get("integration_types") or ()),
        "options": [_written(option) for option in command.get("options") or ()],
    }
