"""Who asks, as Discord says."""

from __future__ import annotations

import dataclasses
from collections.abc import Set
from typing import Any, Final

import discord

from bot.model import Asked, Standing

PLATFORM: Final = "discord"


def asked_by(interaction: discord.Interaction[Any], named: Set[str]) -> Asked:
    """Return who asks, where, and under which id.

    Args:
        interaction: what somebody did.
        named: the groups that the settings name, each as `platform:id`; other roles are left out.
    """
    return Asked(
        workspace=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""),
        user_id=str(interaction.user.id),
        standing=standing_of(interaction),
        groups=_roles(interaction, named),
        platform=PLATFORM,
        id=f"{PLATFORM}:{interaction.id}",
    )


def fields_of(asked: Asked) -> dict[str, Any]:
    """Return who asks as the arguments of what is asked."""
    return {field.name: getattr(asked, field.name) for field in dataclasses.fields(Asked)}


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


def _roles(interaction: discord.Interaction[Any], named: Set[str]) -> tuple[str, ...]:
    """Return the named ones among the roles of the person who asks."""
    user = interaction.user
    if not isinstance(user, discord.Member):
        return ()
    ids = (str(role.id) for role in user.roles)
    return tuple(one for one in ids if f"{PLATFORM}:{one}" in named)
