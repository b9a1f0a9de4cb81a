"""Presses on our buttons: acknowledged at once, answered to the one who pressed."""

from __future__ import annotations

from typing import Any

import discord

from bot.model import Action, Request
from bot.ports import Serve
from handlers.discord import cards
from handlers.discord.answers import UNKNOWN, Once, card_of, deferred, say, show
from handlers.discord.people import standing_of


class Presses:
    """Answers presses, each delivery once."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._once = Once()

    async def answer(self, interaction: discord.Interaction[Any], action: str, target: str) -> None:
        """Acknowledge a press within Discord's 3 seconds, and then answer it privately.

        A page takes the place of the private answer that it was asked on.
        """
        if not self._once.first(interaction.id):
            return
        request = _request(interaction, action, target)
        if request is None:
            await say(interaction, UNKNOWN)
            return
        turns = request.action is Action.PAGE and _is_private(interaction)
        if await deferred(interaction, in_place=turns):
            await show(interaction, await card_of(self._serve.answer(request), "a press"))

    async def answer_unknown(self, interaction: discord.Interaction[Any]) -> None:
        """Acknowledge what is not one of our buttons; their items answer for themselves."""
        data: Any = interaction.data or {}
        ours = cards.TEMPLATE.fullmatch(str(data.get("custom_id", "")))
        if interaction.type is discord.InteractionType.component and ours:
            return
        ping = interaction.type is discord.InteractionType.ping
        if not ping and self._once.first(interaction.id):
            await say(interaction, UNKNOWN)


def _is_private(interaction: discord.Interaction[Any]) -> bool:
    """Whether the message with the button is seen by one person alone."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def _request(interaction: discord.Interaction[Any], action: str, target: str) -> Request | None:
    """Return what was asked, None where this version does not know it."""
    if action not in set(Action):
        return None
    return Request(
        workspace=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""),
        user_id=str(interaction.user.id),
        action=Action(action),
        target=target,
        standing=standing_of(interaction),
    )
