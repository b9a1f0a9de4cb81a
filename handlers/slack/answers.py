"""Answers that one person alone sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import NamedTuple

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.errors import RedlineError, whereabouts
from bot.model import Card, Form, Reply, Revised
from handlers.slack.cards import Layout, layout
from handlers.slack.errors import library_logger, outcome_of_error

TIMEOUT_SECONDS = 15
ANSWER_WITHIN = 60.0


class Asker(NamedTuple):
    """Who asked, and where the answer goes.

    `response_url` takes five answers within thirty minutes and needs no membership:
    https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
    """

    channel_id: str
    user_id: str
    response_url: str = ""
    thread: str | None = None


def shown(reply: Reply) -> Card:
    """Return the card of a reply."""
    match reply:
        case Form():
            return Card(title=reply.title)
        case Revised():
            return reply.card
        case _:
            return reply


async def card_of(asked: Awaitable[Reply], about: str) -> Card:
    """Return the card that was asked for; where it fails, a card that says so.

    Args:
        asked: what the service was asked.
        about: what was asked, such as "a command", for the log.
    """
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return shown(await asked)
    except RedlineError as error:
        return Card(title="Redline cannot answer that", notes=(str(error),))
    except Exception as error:  # noqa: BLE001 - whoever asked hears that it failed
        library_logger().error("no answer to %s: %s", about, whereabouts(error))
        return Card(title="Redline could not answer that; its log says why")


class Answers:
    """Gives private answers."""

    def __init__(self, client: AsyncWebClient) -> None:
        """Answer through `client`, or through what Slack hands out with each question."""
        self._client = client

    async def beside(self, asker: Asker, card: Card) -> None:
        """Answer where the card stands, in its thread; where that fails, by the response_url."""
        shown = layout(card)
        if not await self._whisper(asker, shown):
            await self._respond(asker, shown)

    async def through(self, asker: Asker, card: Card, *, replace: bool = False) -> None:
        """Answer by the response_url, which works in channels without Redline, too.

        Args:
            asker: who asked.
            card: the answer.
            replace: put it in the place of the private answer on which a button was pressed.
        """
        shown = layout(card)
        if not await self._respond(asker, shown, replace=replace):
            await self._whisper(asker, shown)

    async def _whisper(self, asker: Asker, shown: Layout) -> bool:
        try:
            await self._client.chat_postEphemeral(
                channel=asker.channel_id,
                user=asker.user_id,
                text=shown.text,
                blocks=shown.blocks,
                thread_ts=asker.thread,
            )
        except Exception as error:  # noqa: BLE001 - judged by the table, like every other
            library_logger().info("no private message was taken: %s", outcome_of_error(error))
            return False
        return True

    async def _respond(self, asker: Asker, shown: Layout, *, replace: bool = False) -> bool:
        # The library's own retries would answer twice where an answer's receipt was lost.
        webhook = AsyncWebhookClient(
            asker.response_url, TIMEOUT_SECONDS, retry_handlers=[], logger=library_logger()
        )
        try:
            receipt = await webhook.send(
                text=shown.text,
                blocks=shown.blocks,
                response_type="ephemeral",
                replace_original=replace,
                unfurl_links=False,
                unfurl_media=False,
            )
        except Exception as error:  # noqa: BLE001 - the address is Slack's word, whatever it is
            library_logger().info("no response was taken: %s", type(error).__name__)
            return False
        return receipt.status_code == 200
