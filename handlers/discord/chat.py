"""Discord as a Chat: send, edit, find, inspect. One try each; the core owns trying again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar

import discord

from bot.errors import ChatError
from bot.model import (
    Card,
    ChannelRef,
    Finding,
    InDoubt,
    Malformed,
    MessageRef,
    Outcome,
    Post,
    Posted,
    Postponed,
    ShutOut,
    Sighting,
    Unseen,
    Unwelcome,
    Verdict,
)
from bot.ports import Serve
from bot.text import one_line, shorten, utf16_length
from handlers.discord import cards
from handlers.discord.check import check
from handlers.discord.connection import Connection, RedlineClient, Tuning
from handlers.discord.errors import (
    DELETED,
    THREAD_EXISTS,
    describe,
    outcome_of,
    unreached,
)
from handlers.discord.look import GONE, At, look, spots
from handlers.discord.options import DiscordOptions
from handlers.discord.places import Place, home_of, id_of, place_of
from handlers.discord.revise import replace_card
from handlers.discord.view import embed_of, files_of, view_of

T = TypeVar("T")
Refusal = Postponed | InDoubt | Unwelcome | ShutOut | Malformed

THREAD_NAME = 100
"""https://docs.discord.com/developers/resources/channel#start-thread-from-message"""

THREAD_SLEEPS_AFTER: Final = 10_080
"""Minutes without a message after which Discord archives a thread: a week; a message wakes it."""

_MOST_THREADS = 5_000


class DiscordChat:
    """Discord, through discord.py's own client."""

    platform = "discord"

    def __init__(self, options: DiscordOptions, serve: Serve, tuning: Tuning | None = None) -> None:
        self._options = options
        self._serve = serve
        self._tuning = tuning or Tuning()
        self._connection = Connection(options, serve, self._tuning)
        self._threads: set[int] = set()

    async def open(self) -> None:
        """Log in, connect to the gateway and listen for presses."""
        await self._connection.open()

    async def close(self) -> None:
        """Disconnect."""
        await self._connection.close()

    # --- sending ------------------------------------------------------------------------------

    async def send(self, post: Post) -> Outcome:
        """Post under the key as an enforced nonce, so that a repetition is the same message."""
        client = self._ready_client()
        if not isinstance(client, RedlineClient):
            return client
        deadline = self._deadline()
        place = await self._try(place_of(client, post.channel), deadline)
        if not isinstance(place, Place):
            return place
        outcome: Outcome = InDoubt("nothing was tried")
        for spot in spots(post, place):
            outcome = await self._post_at(client, post, At(place, spot, deadline))
            if not isinstance(outcome, Unwelcome):
                break
            self._threads.discard(spot.channel_id)
        return outcome

    async def _post_at(self, client: RedlineClient, post: Post, at: At) -> Outcome:
        """Post at one spot; Unwelcome says that the next one may be tried."""
        if at.spot.opens_thread:
            refused = await self._open_thread(client, post, at)
            if refused:
                return refused
        sent = await self._try(_message(client, post, at), at.deadline, posting=True)
        bare = _without_files(post)
        if isinstance(sent, Unwelcome) and bare != post:
            # The role may lack Attach Files only; what was refused was not posted.
            sent = await self._try(_message(client, bare, at), at.deadline, posting=True)
        if isinstance(sent, discord.Message):
            return Posted(at.message(str(sent.id)))
        # Discord keeps the nonce of a message that was posted and deleted, and answers so.
        return Posted(at.message(GONE)) if sent == DELETED else sent

    async def _open_thread(self, client: RedlineClient, post: Post, at: At) -> Refusal | None:
        """Make the thread on the parent message, if there is none: its id is the message's."""
        assert post.thread is not None  # only a reply has a spot in a thread
        if at.spot.channel_id in self._threads:
            return None
        name = shorten(one_line(post.card.title), THREAD_NAME, measure=utf16_length) or "Updates"
        request = client.http.start_thread_with_message(
            int(post.thread.channel_id), int(post.thread.message_id), name=name,
            auto_archive_duration=THREAD_SLEEPS_AFTER,
        )  # fmt: skip
        answer = await self._try(request, at.deadline)
        if isinstance(answer, Unwelcome) and answer.code != str(THREAD_EXISTS):
            return answer
        if isinstance(answer, Postponed | InDoubt | ShutOut | Malformed):
            return answer
        self._remember_thread(at.spot.channel_id)
        return None

    def _remember_thread(self, thread_id: int) -> None:
        """Remember that a thread exists, to save a request; forgetting it does no harm."""
        if len(self._threads) >= _MOST_THREADS:
            self._threads.clear()
        self._threads.add(thread_id)

    # --- editing ------------------------------------------------------------------------------

    async def edit(self, message: MessageRef, card: Card) -> Outcome:
        """Replace the card. New buttons carry the mark of those that stood there.

        A message that was deleted needs no edit any more.
        """
        client = self._ready_client()
        if not isinstance(client, RedlineClient):
            return client
        request = replace_card(client, int(message.channel_id), int(message.message_id), card)
        answer = await self._try(request, self._deadline(), posting=True)
        if isinstance(answer, discord.Message) or answer == DELETED:
            return Posted(message)
        return answer

    # --- looking ------------------------------------------------------------------------------

    async def find(self, post: Post, since: datetime) -> Sighting:
        """Look for the post's key wherever `send` may have put it."""
        client = self._ready_client()
        if not isinstance(client, RedlineClient):
            return Unseen("there is no connection to Discord")
        try:
            place = await place_of(client, post.channel)
            if isinstance(place, Unwelcome):
                return Unseen(place.advice)
            return await look(client, post, place, since)
        except Exception as error:  # noqa: BLE001 - whatever broke the look, the doubt remains
            return Unseen(f"the channel's history could not be read: {describe(error)}")

    # --- checking -----------------------------------------------------------------------------

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        """Log in, without the gateway where none is open, and look at each channel."""
        if self._connection.is_open:
            return await check(self._connection.client, channels)
        passing = Connection(self._options, self._serve, self._tuning)
        try:
            await passing.login()
            return await check(passing.client, channels)
        except ChatError as error:
            return [_bad_login(error)]
        finally:
            await passing.close()

    def home_of(self, channel: ChannelRef) -> str | None:
        """Return the server of the channel, as far as the gateway has told us of it."""
        ours = channel.platform == self.platform and self._connection.is_open
        return home_of(self._connection.client, channel) if ours else None

    def id_of(self, channel: ChannelRef) -> str | None:
        """Return the id of a channel, as far as the gateway has told us of it."""
        ours = channel.platform == self.platform and self._connection.is_open
        return id_of(self._connection.client, channel) if ours else None

    # --- one request --------------------------------------------------------------------------

    def _ready_client(self) -> RedlineClient | ShutOut | Postponed:
        """Return the client, or why there is none."""
        if self._connection.refusal:
            return self._connection.refusal
        if not self._connection.is_open:
            return unreached("there is no connection")
        return self._connection.client

    def _deadline(self) -> float:
        """Return when a try is given up, in the loop's time."""
        return asyncio.get_running_loop().time() + self._tuning.request

    async def _try(
        self, request: Awaitable[T], deadline: float, *, posting: bool = False
    ) -> T | Refusal:
        """Await a request; whatever goes wrong becomes an outcome."""
        try:
            async with asyncio.timeout_at(deadline):
                return await request
        except Exception as error:  # noqa: BLE001 - aiohttp's errors come through, unnamed here
            outcome = outcome_of(error, posting=posting)
            assert not isinstance(outcome, Posted)  # no error says that
            return outcome


def _without_files(post: Post) -> Post:
    return replace(post, card=replace(post.card, picture=None, document=None))


async def _message(client: RedlineClient, post: Post, at: At) -> discord.Message:
    """Post the message at a spot."""
    shown = cards.render(post.card, key=post.key, plain=post.plain)
    channel = client.get_partial_messageable(at.spot.channel_id)
    parent = at.spot.replies_to
    return await channel.send(
        shown.content,
        embed=embed_of(shown.embed) if shown.embed else discord.utils.MISSING,
        view=view_of(shown.buttons),
        files=files_of(shown),
        nonce=post.key,
        reference=_reference(parent),
        allowed_mentions=discord.AllowedMentions.none(),
    )


def _reference(parent: MessageRef | None) -> Any:
    """Return the reference of a reply; one whose parent is gone is posted without it."""
    if parent is None:
        return None
    return discord.MessageReference(
        message_id=int(parent.message_id),
        channel_id=int(parent.channel_id),
        fail_if_not_exists=False,
    )


def _bad_login(error: ChatError) -> Finding:
    """Say that there is no login."""
    return Finding(about="discord", verdict=Verdict.BAD, said=error.problem, advice=error.advice)
