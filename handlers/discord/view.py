"""Cards and buttons as discord.py sends them.

A button says in its custom_id what it does, so buttons on old messages work after a restart and
nothing is kept per message.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.model import Document, Picture
from bot.text import one_line, shorten, utf16_length
from handlers.discord import cards

_STYLES: Final = {
    cards.Weight.PLAIN: discord.ButtonStyle.secondary,
    cards.Weight.MAIN: discord.ButtonStyle.primary,
    cards.Weight.DANGER: discord.ButtonStyle.danger,
}
_ALT: Final = 1_024
"""https://docs.discord.com/developers/resources/message#attachment-object"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message with an embed, as discord.py sends it."""

    embed: discord.Embed
    view: discord.ui.View | None
    files: Sequence[discord.File]


def outgoing(shown: cards.Rendered) -> Outgoing:
    """Return a message as discord.py sends it."""
    assert shown.embed is not None  # the full form is an embed
    return Outgoing(
        embed=embed_of(shown.embed),
        view=view_of(shown.buttons) if shown.buttons else None,
        files=files_of(shown),
    )


def view_of(buttons: tuple[cards.Press, ...]) -> discord.ui.View:
    """Return the buttons as discord.py sends them; nothing of them is kept in memory."""
    view = discord.ui.View(timeout=None)
    for press in buttons:
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=press.label, custom_id=press.custom_id, style=_STYLES[press.weight]
        )
        view.add_item(button)
    view.stop()
    return view


def custom_ids(message: discord.Message) -> list[str]:
    """Return what the buttons of a message say in their custom_ids."""
    items = (item for row in message.components for item in getattr(row, "children", ()))
    return [str(getattr(item, "custom_id", "") or "") for item in items]


def files_of(shown: cards.Rendered) -> list[discord.File]:
    """Return what goes with a message as discord.py sends it."""
    files = []
    if shown.picture:
        files.append(_picture(shown.picture))
    if shown.document:
        files.append(_document(shown.document))
    return files


def _picture(picture: Picture) -> discord.File:
    alt = shorten(one_line(picture.alt), _ALT, measure=utf16_length)
    return discord.File(io.BytesIO(picture.png), filename=cards.PICTURE, description=alt)


def _document(document: Document) -> discord.File:
    return discord.File(io.BytesIO(document.text.encode()), filename=document.name)


def embed_of(text: cards.EmbedText) -> discord.Embed:
    """Return the embed as discord.py sends it."""
    embed = discord.Embed(
        title=text.title,
        url=text.url,
        description=text.description or None,
        colour=text.colour,
        timestamp=text.timestamp,
    )
    if text.author:
        embed.set_author(name=text.author)
    if text.footer:
        embed.set_footer(text=text.footer)
    if text.picture:
        embed.set_image(url=f"attachment://{text.picture}")
    return embed
