"""Discord as a platform."""

from __future__ import annotations

from bot.ports import Chat, Platform, Serve
from handlers.discord.chat import DiscordChat
from handlers.discord.options import DiscordOptions


def _ready(options: DiscordOptions) -> bool:
    """Whether there is a token to connect with."""
    return options.token is not None


def _connect(options: DiscordOptions, serve: Serve) -> Chat:
    """Make the Chat, without yet reaching for the network."""
    return DiscordChat(options, serve)


DISCORD = Platform(name="discord", options=DiscordOptions, ready=_ready, connect=_connect)

__all__ = ["DISCORD"]
