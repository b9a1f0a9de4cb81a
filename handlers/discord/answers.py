"""Answers that one person alone sees."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from typing import Any

import discord
from discord.app_commands import Choice

from bot.errors import RedlineError, whereabouts
from bot.model import Card, Form, Reply, Revised
from handlers.discord import cards
from handlers.discord.view import embed_of, view_of

log = logging.getLogger("redline.discord")

ANSWER_WITHIN = 60.0
UNKNOWN = "This button or command is not one that this version of Redline knows."
FAILED = "Redline could not answer that. The reason is in its log; please tell an admin."
_REMEMBERED = 2_000


class Once:
    """Remembers the last interactions: a resumed gateway may deliver one again."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, None] = OrderedDict()

    def first(self, interaction_id: int) -> bool:
        """Whether this delivery is the first of its interaction."""
        if interaction_id in self._seen:
            return False
        self._seen[interaction_id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True


def shown(reply: Reply) -> Card:
    """Return the card of a reply."""
    match reply:
        case Form():
            return Card(title=reply.title)
        case Revised():
            return reply.card
        case _:
            return reply


async def card_of(asked: Awaitable[Reply], about: str) -> Card:
    """Return the card that was asked for; where it fails, a card that says so.

    Args:
        asked: what the service was asked.
        about: what was asked, such as "a command", for the log.
    """
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return shown(await asked)
    except RedlineError as error:
        return Card(title="Redline cannot answer that", notes=(str(error),))
    except Exception as error:  # noqa: BLE001 - whoever asked hears that it failed
        log.error(  # noqa: TRY400 - the text of an error may hold a secret
            "no answer to %s: %s", about, whereabouts(error)
        )
        return Card(title=FAILED)


async def deferred(interaction: discord.Interaction[Any], *, in_place: bool = False) -> bool:
    """Acknowledge; False where it is too late or another process did (10062, 40060).

    Args:
        interaction: what somebody did.
        in_place: the answer takes the place of the message on which a button was pressed.
    """
    try:
        await interaction.response.defer(ephemeral=True, thinking=not in_place)
    except discord.HTTPException as error:
        log.warning("a press or command could not be acknowledged (%s)", error.code)
        return False
    return True


async def show(interaction: discord.Interaction[Any], card: Card) -> None:
    """Put the answer where the acknowledgement stands; an edit, so repeating it does no harm."""
    shown = cards.render(card)
    assert shown.embed is not None  # the full form is an embed
    try:
        await interaction.edit_original_response(
            embed=embed_of(shown.embed),
            view=view_of(shown.buttons) if shown.buttons else None,
            allowed_mentions=discord.AllowedMentions.none(),
        )
    except discord.HTTPException as error:
        log.warning("a press or command could not be answered (%s)", error.code)


async def say(interaction: discord.Interaction[Any], text: str) -> None:
    """Answer privately, in one step."""
    try:
        await interaction.response.send_message(
            text, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )
    except discord.HTTPException as error:
        log.warning("an unknown interaction could not be acknowledged (%s)", error.code)


async def complete(interaction: discord.Interaction[Any], choices: Sequence[Choice[str]]) -> None:
    """Offer what may complete an option."""
    try:
        await interaction.response.autocomplete(choices)
    except discord.HTTPException as error:
        log.warning("suggestions could not be given (%s)", error.code)
