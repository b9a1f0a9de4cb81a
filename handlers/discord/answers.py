"""What is answered at once, and what is answered where nothing else can be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from typing import Any

import discord
from discord.app_commands import Choice

from handlers.discord.errors import describe

log = logging.getLogger("redline.discord")

REQUEST_WITHIN = 20.0
"""Seconds for one request to Discord; aiohttp's own limit is five minutes."""
UNKNOWN = "This button, form or command is not one that this version of Redline knows."


async def deferred(interaction: discord.Interaction[Any], *, in_place: bool) -> bool:
    """Acknowledge; False where it is too late or another process did (10062, 40060).

    Where the connection broke nobody knows, and the answer is tried all the same.

    Args:
        interaction: what somebody did.
        in_place: the answer may take the place of the message on which a button was pressed.
    """
    try:
        async with asyncio.timeout(REQUEST_WITHIN):
            await interaction.response.defer(ephemeral=True, thinking=not in_place)
    except discord.HTTPException as error:
        log.warning("a press, form or command could not be acknowledged (%s)", error.code)
        return False
    except Exception as error:  # noqa: BLE001 - aiohttp's errors come through, unnamed here
        log.warning("a press, form or command may not be acknowledged (%s)", describe(error))
    return True


async def opened(interaction: discord.Interaction[Any], modal: discord.ui.Modal) -> bool:
    """Open a form as the first answer; False where Discord does not take it."""
    modal.stop()  # Nothing of it is kept in memory: what is sent of it says all.
    return await _sent(interaction.response.send_modal(modal), "a form could not be opened")


async def say(interaction: discord.Interaction[Any], text: str) -> None:
    """Answer privately, in one step."""
    sending = interaction.response.send_message(
        text, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )
    await _sent(sending, "an unknown interaction could not be acknowledged")


async def complete(interaction: discord.Interaction[Any], choices: Sequence[Choice[str]]) -> None:
    """Offer what may complete an option."""
    await _sent(interaction.response.autocomplete(choices), "suggestions could not be given")


async def _sent(sending: Awaitable[object], failure: str) -> bool:
    """Send a first answer; where that fails, log it and return False."""
    try:
        async with asyncio.timeout(REQUEST_WITHIN):
            await sending
    except Exception as error:  # noqa: BLE001 - aiohttp's errors come through, unnamed here
        log.warning("%s (%s)", failure, describe(error))
        return False
    return True
