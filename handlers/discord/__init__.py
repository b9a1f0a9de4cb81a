"""Discord as a platform."""

from __future__ import annotations

from bot.ports import Chat, Platform, Serve
from handlers.discord.chat import DiscordChat
from handlers.discord.options import DiscordOptions


def _lacks(options: DiscordOptions) -> str:
    """Say which token is to be set before Redline can connect."""
    return "" if options.token else "Set DISCORD_TOKEN in the environment or in .env"


def _connect(options: DiscordOptions, serve: Serve) -> Chat:
    """Make the Chat, without yet reaching for the network."""
    return DiscordChat(options, serve)


DISCORD = Platform(name="discord", options=DiscordOptions, lacks=_lacks, connect=_connect)

__all__ = ["DISCORD"]
