"""Names that are completed while they are typed into a form."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from slack_bolt.async_app import AsyncAck

from bot.errors import whereabouts
from bot.model import Asked, Choice, OptionKind
from bot.ports import Serve
from handlers.slack.askers import asker_of_press
from handlers.slack.errands import PLATFORM, Errands
from handlers.slack.errors import library_logger
from handlers.slack.forms import NAME_PREFIX, options_of
from handlers.slack.payloads import Json, part, text

SUGGEST_WITHIN = 2.0
"""Seconds; Slack waits for three."""


class Suggestions:
    """Offers names."""

    def __init__(self, errands: Errands, serve: Serve) -> None:
        """Ask `serve` for names, on behalf of whom `errands` recognise."""
        self._errands = errands
        self._serve = serve

    async def asked(self, ack: AsyncAck, body: Json) -> None:
        """Offer what may be meant; nothing where that cannot be said in time.

        https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
        """
        try:
            async with asyncio.timeout(SUGGEST_WITHIN):
                choices = await self._choices(body)
        except Exception as error:  # noqa: BLE001 - an empty list is an answer
            library_logger().warning("no names are suggested: %s", whereabouts(error))
            choices = ()
        await ack(options=options_of(choices))

    async def _choices(self, body: Json) -> Sequence[Choice]:
        kind = text(body, "action_id").removeprefix(NAME_PREFIX)
        asker = asker_of_press(body)
        if kind not in set(OptionKind) or not asker.user_id:
            return ()
        asked = Asked(
            platform=PLATFORM,
            workspace=text(part(body, "team"), "id"),
            channel_id=asker.channel_id,
            user_id=asker.user_id,
        )
        _, who = await self._errands.recognise(asked)
        return await self._serve.suggest(who, OptionKind(kind), text(body, "value"))
