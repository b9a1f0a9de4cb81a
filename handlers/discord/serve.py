"""Presses on our buttons: acknowledged at once, answered to the one who pressed.

A button says in its custom_id what it does, so buttons on old messages work after a restart and
nothing is kept per message.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from typing import Any, Self

import discord

from bot.errors import RedlineError
from bot.model import Action, Card, Request
from bot.ports import Serve
from handlers.discord import cards

log = logging.getLogger("redline.discord")

_REMEMBERED = 2_000
_ANSWER_WITHIN = 60.0
UNKNOWN = "This button or command is not one that this version of Redline knows."
FAILED = "Redline could not answer that. The reason is in its log; please tell an admin."


class Presses:
    """Answers presses, each delivery once."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._seen: OrderedDict[int, None] = OrderedDict()

    async def answer(self, interaction: discord.Interaction[Any], action: str, target: str) -> None:
        """Acknowledge a press privately, within Discord's 3 seconds, and then answer it."""
        if not self._first(interaction):
            return
        request = _request(interaction, action, target)
        if request is None:
            await _say(interaction, UNKNOWN)
        elif await _deferred(interaction):
            await _show(interaction, await self._card(request))

    async def answer_unknown(self, interaction: discord.Interaction[Any]) -> None:
        """Acknowledge what is not one of our buttons; their items answer for themselves."""
        data: Any = interaction.data or {}
        ours = cards.TEMPLATE.fullmatch(str(data.get("custom_id", "")))
        if interaction.type is discord.InteractionType.component and ours:
            return
        if interaction.type is discord.InteractionType.ping or not self._first(interaction):
            return
        if interaction.type is discord.InteractionType.autocomplete:
            await _suggest_nothing(interaction)
        else:
            await _say(interaction, UNKNOWN)

    def _first(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether this delivery is the first of its interaction; a resumed gateway may repeat."""
        if interaction.id in self._seen:
            return False
        self._seen[interaction.id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True

    async def _card(self, request: Request) -> Card:
        """Ask the service; trouble becomes a card, too."""
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                return await self._serve.answer(request)
        except RedlineError as error:
            return Card(title=str(error))
        except Exception:
            log.exception("no answer to %s %s", request.action.value, request.target)
            return Card(title=FAILED)


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
        presses: Presses = interaction.client.presses
        await presses.answer(interaction, found["action"], found["target"])


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


def _request(interaction: discord.Interaction[Any], action: str, target: str) -> Request | None:
    """Return what was asked, None where this version does not know it."""
    if action not in set(Action):
        return None
    return Request(
        workspace=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""),
        user_id=str(interaction.user.id),
        action=Action(action),
        target=target,
    )


async def _deferred(interaction: discord.Interaction[Any]) -> bool:
    """Acknowledge; False where it is too late or another process did (10062, 40060)."""
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
    except discord.HTTPException as error:
        log.warning("a press could not be acknowledged (%s)", error.code)
        return False
    return True


async def _show(interaction: discord.Interaction[Any], card: Card) -> None:
    """Put the answer where the acknowledgement stands; an edit, so repeating it does no harm."""
    shown = cards.render(card)
    assert shown.embed is not None
    try:
        await interaction.edit_original_response(
            embed=embed_of(shown.embed), allowed_mentions=discord.AllowedMentions.none()
        )
    except discord.HTTPException as error:
        log.warning("a press could not be answered (%s)", error.code)


async def _say(interaction: discord.Interaction[Any], text: str) -> None:
    """Answer privately, in one step."""
    try:
        await interaction.response.send_message(
            text, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )
    except discord.HTTPException as error:
        log.warning("an unknown interaction could not be acknowledged (%s)", error.code)


async def _suggest_nothing(interaction: discord.Interaction[Any]) -> None:
    """Answer a request for suggestions with none."""
    try:
        await interaction.response.autocomplete([])
    except discord.HTTPException as error:
        log.warning("suggestions could not be refused (%s)", error.code)
