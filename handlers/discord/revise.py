"""Changing a message that everybody sees, whoever looks for its mark later."""

from __future__ import annotations

import base64
import binascii

import discord

from bot.model import Card
from handlers.discord import cards
from handlers.discord.view import custom_ids, outgoing


async def replace_card(
    client: discord.Client, channel_id: int, message_id: int, card: Card
) -> discord.Message:
    """Replace the card of a message of ours. New buttons carry the mark of those that stood there.

    Where the mark cannot be read, the buttons stay as they are, and with them the mark.

    Raises:
        Exception: whatever discord.py raises.
    """
    partial = client.get_partial_messageable(channel_id).get_partial_message(message_id)
    key = await _key_of(partial) if card.buttons else ""
    message = outgoing(cards.render(card, key=key))
    return await partial.edit(
        content=None,
        embed=message.embed,
        view=message.view if key else discord.utils.MISSING,
        attachments=message.files,
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def _key_of(partial: discord.PartialMessage) -> str:
    try:
        return cards.key_on(custom_ids(await partial.fetch()))
    except discord.Forbidden:
        return ""


def code_of(message_id: int) -> str:
    """Write the id of a message so that it fits where a button carries a mark."""
    return base64.b32encode(message_id.to_bytes(8, "big")).decode("ascii").rstrip("=").lower()


def id_of(code: str) -> int | None:
    """Read what `code_of` wrote; None where it is something else."""
    if len(code) != len(code_of(0)):
        return None
    try:
        return int.from_bytes(base64.b32decode(code.upper() + "==="), "big")
    except binascii.Error:
        return None
