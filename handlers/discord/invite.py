"""The link with which an admin lets the bot into a server."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

import discord

from bot.model import Secret

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    read_message_history=True,
    create_public_threads=True,
    send_messages_in_threads=True,
)
"""What Redline asks for, 309237730304 in all; docs/discord.md says what each is for."""


def invite_url(client_id: str) -> str:
    """Return the link that adds the application `client_id` to a server with what it needs."""
    query = urlencode(
        {
            "client_id": client_id,
            "scope": "bot applications.commands",
            "permissions": NEEDED.value,
        }
    )
    return f"https://discord.com/oauth2/authorize?{query}"


def client_id_of(token: Secret) -> str | None:
    """Return the application's id, which is the first part of its token, or None.

    https://docs.discord.com/developers/reference#authentication shows the form of a token. The
    bot's user id is its application's for every application made since 2016.
    """
    first = token.reveal().partition(".")[0]
    try:
        decoded = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return decoded if decoded.isdigit() else None
