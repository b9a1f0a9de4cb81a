"""Channels: what people write, where that is, and what the bot may do there."""

from __future__ import annotations

import re
from dataclasses import dataclass

import discord

from bot.model import ChannelRef, Unwelcome
from handlers.discord.errors import unserved

_SNOWFLAKE = re.compile(r"[1-9]\d{14,19}")

_WRITE_IT = "Write the channel's id: Developer Mode on, right-click the channel, Copy Channel ID"


@dataclass(frozen=True, slots=True)
class Place:
    """A channel with the server it is in; `workspace` is empty where nobody says which."""

    workspace: str
    channel_id: int


async def place_of(client: discord.Client, channel: ChannelRef) -> Place | Unwelcome:
    """Find the channel that `channel` means: a numeric id, or `#name` where that is unambiguous.

    Raises:
        Exception: whatever discord.py raises when it has to ask Discord.
    """
    name = channel.name.removeprefix("#")
    if not channel.name.startswith("#") and _SNOWFLAKE.fullmatch(name):
        return await _by_id(client, int(name))
    return await _by_name(client, channel, name)


def home_of(client: discord.Client, channel: ChannelRef) -> str | None:
    """Return the server that a channel lies in, from what the gateway has told us.

    A name that several servers have means none of them; where there is one server only, it is the
    home of all channels, also of those that the bot may not see.
    """
    if len(client.guilds) == 1:
        return str(client.guilds[0].id)
    name = channel.name.removeprefix("#")
    homes = {
        str(guild.id)
        for guild in client.guilds
        for found in (*guild.channels, *guild.threads)
        if name in {str(found.id), found.name}
    }
    return homes.pop() if len(homes) == 1 else None


def id_of(client: discord.Client, channel: ChannelRef) -> str | None:
    """Return the id of a channel that is written as one, or of the only one with its name."""
    name = channel.name.removeprefix("#")
    if not channel.name.startswith("#") and _SNOWFLAKE.fullmatch(name):
        return name
    ids = {str(one.id) for guild in client.guilds for one in guild.channels if one.name == name}
    return ids.pop() if len(ids) == 1 else None


async def permissions_at(client: discord.Client, place: Place) -> discord.Permissions:
    """Ask Discord what the bot may do in a channel; where it does not say, the gateway has.

    The gateway's knowledge may be a moment old, so it comes second.

    Raises:
        LookupError: nobody says which server the channel is in.
        Exception: whatever discord.py raises, where the gateway has not told us either.
    """
    if not place.workspace:
        raise LookupError(f"nobody says which server {place.channel_id} is in")
    try:
        return await _asked_permissions(client, place)
    except discord.HTTPException:
        told = _told_permissions(client, place)
        if told is None:
            raise
        return told


def _told_permissions(client: discord.Client, place: Place) -> discord.Permissions | None:
    """Return what the bot may do in a channel, as far as the gateway has told us."""
    guild = client.get_guild(int(place.workspace))
    channel = guild.get_channel_or_thread(place.channel_id) if guild else None
    us = guild.get_member(client.user.id) if guild and client.user else None
    return channel.permissions_for(us) if channel and us else None


async def _asked_permissions(client: discord.Client, place: Place) -> discord.Permissions:
    assert client.user is not None  # login sets it
    guild = await client.fetch_guild(int(place.workspace), with_counts=False)
    member = await guild.fetch_member(client.user.id)
    channel = await guild.fetch_channel(place.channel_id)
    if isinstance(channel, discord.Thread):
        channel = await guild.fetch_channel(channel.parent_id)
    assert not isinstance(channel, discord.Thread)  # threads have no threads
    return channel.permissions_for(member)


async def _by_id(client: discord.Client, channel_id: int) -> Place | Unwelcome:
    """Find a channel by its id, asking Discord only where the gateway has not told us of it.

    Where Discord does not serve the question, the channel is posted to unseen: a refusal then says
    what is wrong with it.
    """
    try:
        found = client.get_channel(channel_id) or await client.fetch_channel(channel_id)
    except discord.HTTPException as error:
        if not unserved(error):
            raise
        homes = [str(guild.id) for guild in client.guilds]
        return Place(homes[0] if len(homes) == 1 else "", channel_id)
    if isinstance(found, discord.abc.GuildChannel | discord.Thread):
        return Place(str(found.guild.id), found.id)
    return Unwelcome("not_a_server_channel", f"{channel_id} is no channel of a server. {_WRITE_IT}")


async def _by_name(client: discord.Client, channel: ChannelRef, name: str) -> Place | Unwelcome:
    """Find the one text channel of that name."""
    named = [found for found in await _text_channels(client) if found.name == name]
    if len(named) == 1:
        return Place(str(named[0].guild.id), named[0].id)
    if named:
        return Unwelcome(
            "ambiguous_name", f"{len(named)} channels are called {channel.name}. {_WRITE_IT}"
        )
    return Unwelcome("unknown_name", f"The bot sees no channel {channel.name}. {_WRITE_IT}")


async def _text_channels(client: discord.Client) -> list[discord.TextChannel]:
    """Return all text channels that the bot can know of."""
    if client.is_ready():
        return [channel for guild in client.guilds for channel in guild.text_channels]
    found: list[discord.TextChannel] = []
    async for guild in client.fetch_guilds(with_counts=False):
        channels = await guild.fetch_channels()
        found += [channel for channel in channels if isinstance(channel, discord.TextChannel)]
    return found
