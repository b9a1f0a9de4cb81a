"""What Discord says of the people who ask."""

from __future__ import annotations

from typing import Any

import discord

from bot.model import Standing


def standing_of(interaction: discord.Interaction[Any]) -> Standing:
    """Return how the person who asks stands in the server, as the interaction itself says.

    Where a person brought the bot along and the server did not install it, they are a stranger to
    our workspace, whatever they may do there.
    """
    user = interaction.user
    if user.bot:
        return Standing.BOT
    if not isinstance(user, discord.Member) or not interaction.is_guild_integration():
        return Standing.EXTERNAL
    if user.flags.guest:
        return Standing.GUEST
    permissions = interaction.permissions
    leads = permissions.administrator or permissions.manage_guild
    return Standing.ADMIN if leads else Standing.MEMBER
