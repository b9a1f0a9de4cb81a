"""Where an answer goes once it was acknowledged. Written down, it outlives a restart.

https://docs.discord.com/developers/interactions/receiving-and-responding#followup-messages
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import discord

from bot.model import Card, Form, Reply, Revised
from handlers.discord import cards
from handlers.discord.answers import REQUEST_WITHIN
from handlers.discord.errors import describe
from handlers.discord.mistakes import card_of_form
from handlers.discord.revise import id_of, replace_card
from handlers.discord.view import Outgoing, outgoing

log = logging.getLogger("redline.discord")

_ORIGINAL: Final[Any] = "@original"
"""Discord's name for the first answer: https://docs.discord.com/developers/interactions/receiving-and-responding#edit-original-interaction-response"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an answer belongs.

    `token` lets anybody answer in our place for fifteen minutes: a secret. `in_place` says that
    there is a message on which a button was pressed, or from which a form was opened; `key` is that
    message's mark. `replaces` says that the message is there for this form alone, so that private
    answers take its place. `origin` is the message in `channel_id` that everybody sees and that all
    this is about, as a button carries it.
    """

    application_id: int
    token: str = field(repr=False)
    in_place: bool = False
    replaces: bool = False
    key: str = ""
    channel_id: int = 0
    origin: str = ""

    def written(self) -> str:
        """Write it down for the inbox."""
        return json.dumps(asdict(self))


def address_of(written: str) -> Address | None:
    """Read an address; None where another version wrote it otherwise."""
    try:
        return Address(**json.loads(written))
    except (ValueError, TypeError):
        return None


class Window:
    """Answers at one address."""

    def __init__(self, client: discord.Client, address: Address) -> None:
        self._client = client
        self._address = address
        self._webhook = discord.Webhook.partial(
            address.application_id, address.token, client=client
        )
        # The webhook of an interaction: only such a one sends what one person alone sees.
        self._webhook.type = discord.WebhookType.application

    async def show(self, reply: Reply) -> bool:
        """Show a reply; False where nobody knows whether it arrived, so that it is owed still."""
        try:
            async with asyncio.timeout(REQUEST_WITHIN):
                await self._show(reply)
        except discord.HTTPException as error:
            log.warning("a press, form or command could not be answered (%s)", error.code)
        except Exception as error:  # noqa: BLE001 - whatever broke the connection, a restart answers
            log.warning("a press, form or command is not answered yet (%s)", describe(error))
            return False
        return True

    async def _show(self, reply: Reply) -> None:
        at = self._address
        match reply:
            case Revised() if at.replaces and (origin := id_of(at.origin)):
                await self._revise(origin, reply.card)
            case Revised():
                await self._edit(outgoing(cards.render(reply.card, key=at.key)))
            case Form():
                await self._answer(outgoing(card_of_form(reply, at.origin)))
            case Card():
                await self._answer(outgoing(cards.render(reply)))

    async def _revise(self, message_id: int, card: Card) -> None:
        """Change the message that everybody sees; the private one before it has done its work."""
        try:
            await replace_card(self._client, self._address.channel_id, message_id, card)
        except discord.HTTPException as error:
            log.warning("a message could not be changed (%s)", error.code)
            await self._edit(outgoing(cards.render(card)))
        else:
            await self._webhook.delete_message(_ORIGINAL)

    async def _answer(self, message: Outgoing) -> None:
        """Answer privately: where the acknowledgement stands, or beside the message."""
        if self._address.in_place and not self._address.replaces:
            await self._webhook.send(
                embed=message.embed,
                view=message.view or discord.utils.MISSING,
                files=message.files,
                ephemeral=True,
                allowed_mentions=discord.AllowedMentions.none(),
                wait=True,
            )
        else:
            await self._edit(message)

    async def _edit(self, message: Outgoing) -> None:
        """Put the message where the acknowledgement stands; repeating it does no harm."""
        await self._webhook.edit_message(
            _ORIGINAL,
            embed=message.embed,
            view=message.view,
            attachments=message.files,
            allowed_mentions=discord.AllowedMentions.none(),
        )
