"""Cards and buttons as discord.py sends them.

A button says in its custom_id what it does, so buttons on old messages work after a restart and
nothing is kept per message.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from handlers.discord import cards


class Pressed(discord.ui.DynamicItem[discord.ui.Button[Any]], template=cards.TEMPLATE):
    """One of our buttons, on whatever message."""

    def __init__(self, button: discord.ui.Button[Any]) -> None:
        super().__init__(button)

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py's signature
        item: discord.ui.Item[Any],
        match: re.Match[str],  # noqa: ARG003 - the custom_id is read when it is pressed
        /,
    ) -> Self:
        """Wrap the button that was pressed."""
        assert isinstance(item, discord.ui.Button)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the service."""
        found = self.template.fullmatch(self.custom_id)
        assert found is not None  # the template is checked when the item is made
        await interaction.client.presses.answer(interaction, found["action"], found["target"])


def view_of(buttons: tuple[cards.Press, ...]) -> discord.ui.View:
    """Return the buttons as discord.py sends them; nothing of them is kept in memory."""
    view = discord.ui.View(timeout=None)
    for press in buttons:
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=press.label, custom_id=press.custom_id, style=discord.ButtonStyle.secondary
        )
        view.add_item(Pressed(button))
    return view


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
    return embed
