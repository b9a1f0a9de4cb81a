"""Reading the text of a file that was sent with a form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import discord

from handlers.discord.errors import describe

LARGEST: Final = 1 << 20
"""Bytes; an OPML file of a thousand feeds has about 200 kB."""

READ_WITHIN: Final = 20.0


class UnreadableError(Exception):
    """A file cannot be taken; the text says why, in words for who sent it."""


async def text_of(client: discord.Client, file: Mapping[str, Any]) -> str:
    """Return the text of an attachment.

    Raises:
        UnreadableError: it is too large, no text, or Discord does not give it.
    """
    if not isinstance(size := file.get("size"), int) or size > LARGEST:
        raise UnreadableError(f"It is larger than {LARGEST >> 20} MiB.")
    try:
        async with asyncio.timeout(READ_WITHIN):
            content = await client.http.get_from_cdn(str(file.get("url")))
    except Exception as error:  # noqa: BLE001 - aiohttp's errors come through, unnamed here
        raise UnreadableError(f"Discord did not hand it over ({describe(error)}).") from None
    if len(content) > LARGEST:
        raise UnreadableError(f"It is larger than {LARGEST >> 20} MiB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("It is no text in UTF-8.") from None
