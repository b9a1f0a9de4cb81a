"""Slack as a Chat: send once, edit, look for a key, inspect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChatError
from bot.model import (
    Absent,
    Card,
    ChannelRef,
    Finding,
    Found,
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
)
from bot.ports import Serve
from handlers.slack import checks
from handlers.slack.cards import layout
from handlers.slack.channels import Directory, bare
from handlers.slack.errors import (
    CHANNEL_NOT_FOUND,
    MISSING_SCOPE,
    UNREACHABLE_PAUSE,
    Refusal,
    advice_for,
    code_of,
    keeps_back,
    library_logger,
    outcome_of_error,
)
from handlers.slack.options import SlackOptions
from handlers.slack.payloads import Json, asked_for, objects, part, text
from handlers.slack.people import People
from handlers.slack.serve import Listener

# Under the 20 seconds that delivery gives a send, so that the answer is ours to judge.
TIMEOUT_SECONDS = 15
EVENT_TYPE = "redline_alert"
_KEYS = UUID("5e0f4f5e-2d0b-5d43-9a3a-6f1f6f0c7b51")
# Slack's clock stamps the messages, ours the intent; they may differ.
CLOCK_SKEW = timedelta(seconds=60)
# https://docs.slack.dev/reference/methods/conversations.history recommends at most 200 a page.
HISTORY_PAGE = 200
# How Slack may refuse an argument that it does not know.
_OF_ARGUMENTS = (Malformed("invalid_arg_name"), Malformed("invalid_arguments"))
# How soon a way in that was refused is tried again: at first, and at most.
LISTEN_AGAIN = timedelta(seconds=30)
LISTEN_AGAIN_AT_MOST = timedelta(minutes=10)


def web_client(options: SlackOptions) -> AsyncWebClient:
    """Return a client that tries once.

    The library's own retries post a message again whose answer was lost, so they are off.
    """
    return AsyncWebClient(
        token=options.bot_token.reveal() if options.bot_token else None,
        base_url=options.api_url,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=[],
        logger=library_logger(),
    )


class SlackChat:
    """One Slack workspace, which is the one that the bot token belongs to."""

    platform = "slack"

    def __init__(self, options: SlackOptions, serve: Serve) -> None:
        """Make the adapter; nothing is sent before it is opened or used."""
        self._options = options
        self._client = web_client(options)
        self._directory = Directory(self._client, serve.clock)
        self._groups = serve.groups
        self._listener = Listener(
            options,
            self._client,
            serve,
            People(self._client, serve.clock, self._who, serve.groups),
        )
        self._clock = serve.clock
        self._listening: asyncio.Task[None] | None = None
        self._workspace = ""
        # Slack knows the argument in its errors, and not in its list of arguments. Should it begin
        # to refuse it, the metadata is still there.
        self._with_message_id = True

    async def open(self) -> None:
        """Learn who we are and begin to listen; an unreachable Slack is tried again and again.

        So is a way in that is refused: an app token, or a port that is taken.

        Raises:
            ChatError: Slack refuses the bot token.
        """
        try:
            await self._who()
        except Exception as error:  # noqa: BLE001 - judged by the table, like every other
            outcome = outcome_of_error(error)
            if isinstance(outcome, ShutOut):
                problem = f"refuses the bot token: {outcome.code}"
                raise ChatError(self.platform, problem, advice=outcome.advice) from None
            library_logger().warning("Slack cannot be reached yet, Redline keeps trying")
        if not await self._listens(LISTEN_AGAIN):
            self._listening = asyncio.create_task(self._listen_again())

    async def _listen_again(self) -> None:
        pause = LISTEN_AGAIN
        while True:
            await self._clock.sleep(pause.total_seconds())
            pause = min(pause * 2, LISTEN_AGAIN_AT_MOST)
            if await self._listens(pause):
                return

    async def _listens(self, pause: timedelta) -> bool:
        """Begin to listen; where that is refused, say so. Alerts need nobody to listen."""
        try:
            await self._listener.open()
        except ChatError as error:
            await self._listener.close()
            library_logger().error(
                "%s. Until then alerts are posted, and nobody is heard. Next try in %s",
                error,
                pause,
            )
            return False
        return True

    async def close(self) -> None:
        """Stop listening; may be called more than once."""
        if self._listening:
            self._listening.cancel()
            await asyncio.wait({self._listening})
            self._listening = None
        await self._listener.close()

    def home_of(self, channel: ChannelRef) -> str | None:
        """Return the token's workspace, once Slack has told us of it."""
        return (self._workspace or None) if channel.platform == self.platform else None

    def id_of(self, channel: ChannelRef) -> str | None:
        """Return the id of a channel that is written as one, or whose name was looked up."""
        return self._directory.known(channel.name) if channel.platform == self.platform else None

    async def _who(self) -> str:
        """Return the id of the workspace, asking for it once."""
        if not self._workspace:
            self._workspace = str(asked_for(await self._client.auth_test(), "team_id"))
        return self._workspace

    # --- sending ------------------------------------------------------------------------------

    async def send(self, post: Post) -> Outcome:
        """Try once to post a message, and say what became of it."""
        try:
            await self._who()
        except Exception as error:  # noqa: BLE001 - nothing was posted, whatever was raised
            return _not_begun(error)
        try:
            channel_id = await self._channel_id(post)
        except Exception as error:  # noqa: BLE001 - nothing was posted, whatever was raised
            unlisted = _not_begun(error)
            return await self._post_by_name(post, unlisted) if keeps_back(error) else unlisted
        if channel_id is None:
            return self._unknown(post.channel)
        outcome = await self._post_with_or_without_id(channel_id, post)
        if isinstance(outcome, Unwelcome) and outcome.code == CHANNEL_NOT_FOUND:
            self._directory.forget(channel_id)
        return outcome

    async def _channel_id(self, post: Post) -> str | None:
        """A reply goes where its parent is, even where the channel was renamed since."""
        return post.thread.channel_id if post.thread else await self._named(post.channel)

    async def _named(self, channel: ChannelRef) -> str | None:
        return await self._directory.find(channel.name)

    async def _post_by_name(self, post: Post, unlisted: Refusal) -> Outcome:
        """Post to a channel that Slack does not list by its name, which needs no other scope.

        https://docs.slack.dev/reference/methods/chat.postMessage takes names beside ids. Where
        Slack does not know the channel so either, `unlisted` says more than that.
        """
        outcome = await self._post_with_or_without_id(f"#{bare(post.channel.name)}", post)
        if isinstance(outcome, Posted):
            self._directory.learn(post.channel.name, outcome.message.channel_id)
        unknown = isinstance(outcome, Unwelcome) and outcome.code == CHANNEL_NOT_FOUND
        return unlisted if unknown and isinstance(unlisted, Unwelcome) else outcome

    async def _post_with_or_without_id(self, channel: str, post: Post) -> Outcome:
        outcome = await self._post(channel, post)
        if outcome in _OF_ARGUMENTS and self._with_message_id:
            self._with_message_id = False
            return await self._post(channel, post)
        return outcome

    async def _post(self, channel: str, post: Post) -> Outcome:
        try:
            answer = await self._client.chat_postMessage(**self._arguments(channel, post))
            where, ts = answer.get("channel") or channel, asked_for(answer, "ts")
            return Posted(self._message(str(where), str(ts)))
        except Exception as error:  # noqa: BLE001 - whatever the client raises has an outcome
            return outcome_of_error(error)

    def _arguments(self, channel: str, post: Post) -> Json:
        words, blocks = layout(post.card, plain=post.plain, names=False)
        arguments: Json = {
            "channel": channel,
            "text": words,
            "blocks": blocks,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": post.key}},
        }
        if self._with_message_id:
            arguments["client_msg_id"] = str(uuid5(_KEYS, post.key))
        if thread := _thread(post):
            arguments["thread_ts"] = thread.message_id
        return arguments

    def _message(self, channel_id: str, ts: str) -> MessageRef:
        return MessageRef(workspace=self._workspace, channel_id=channel_id, message_id=ts)

    def _unknown(self, channel: ChannelRef) -> Unwelcome:
        nearest = self._directory.nearest(channel.name)
        hint = f"Did you mean {nearest}? " if nearest else ""
        return Unwelcome(CHANNEL_NOT_FOUND, hint + advice_for(CHANNEL_NOT_FOUND))

    async def edit(self, message: MessageRef, card: Card) -> Outcome:
        """Replace the card of a message; idempotent. Its metadata stays."""
        words, blocks = layout(card)
        try:
            await self._client.chat_update(
                channel=message.channel_id, ts=message.message_id, text=words, blocks=blocks
            )
        except Exception as error:  # noqa: BLE001 - whatever the client raises has an outcome
            return outcome_of_error(error)
        return Posted(message)

    # --- looking ------------------------------------------------------------------------------

    async def find(self, post: Post, since: datetime) -> Sighting:
        """Look for a message with the post's key, sent at `since` or later.

        What was found is compared by its key and not kept.
        """
        try:
            await self._who()
            channel_id = await self._channel_id(post)
            if channel_id is None:
                return Unseen("the channel was not found")
            async for message in self._history(channel_id, post, since - CLOCK_SKEW):
                if post.key in _marks(message):
                    return Found(self._message(channel_id, str(message["ts"])))
        except Exception as error:  # noqa: BLE001 - an incomplete look leaves the doubt
            return Unseen(_why_unseen(error))
        return Absent()

    async def _history(self, channel_id: str, post: Post, oldest: datetime) -> AsyncIterator[Json]:
        """Yield every message since `oldest`, in the thread where the post is a reply."""
        question: Json = {
            "channel": channel_id,
            "oldest": f"{oldest.timestamp():.6f}",
            "inclusive": True,
            "include_all_metadata": True,
            "limit": HISTORY_PAGE,
        }
        more = True
        while more:
            page = await self._history_page(post, question)
            for message in asked_for(page, "messages"):
                yield message
            question["cursor"] = (page.get("response_metadata") or {}).get("next_cursor", "")
            more = bool(question["cursor"])
            if page.get("has_more") and not more:
                raise LookupError("Slack keeps the rest of the history back")

    async def _history_page(self, post: Post, question: Json) -> Any:
        if thread := _thread(post):
            return await self._client.conversations_replies(ts=thread.message_id, **question)
        return await self._client.conversations_history(**question)

    # --- inspecting ---------------------------------------------------------------------------

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        """Say of the tokens and of each channel whether we could post there, without posting."""
        inspection = checks.Inspection(self._options, self._client, self._directory, self._groups)
        return await inspection.findings(channels)


def _thread(post: Post) -> MessageRef | None:
    """Return the message to reply to.

    The plain form goes to the channel itself: a thread that is locked or gone may be the very
    reason for which the full form was refused.
    """
    return None if post.plain else post.thread


def _not_begun(error: Exception) -> Refusal:
    """Return what an error means that came before the message was on its way."""
    outcome = outcome_of_error(error)
    if isinstance(outcome, InDoubt | Malformed):
        return Postponed(outcome.why, UNREACHABLE_PAUSE)
    if isinstance(outcome, ShutOut) and outcome.code == MISSING_SCOPE:
        # Only names of channels need the scope that is missing; ids are posted to without it.
        return Unwelcome(outcome.code, outcome.advice)
    if isinstance(outcome, Postponed) and isinstance(error, SlackApiError):
        # The limit is on reading the list of channels; those whose ids are known are not waiting.
        return replace(outcome, whole_platform=False)
    return outcome


def _marks(message: Json) -> Iterator[str]:
    """Yield what a message may be known by: its metadata, and what its buttons are about.

    Metadata is shown where it is asked for; a proxy or an export may leave it out all the same.
    """
    metadata = part(message, "metadata")
    if text(metadata, "event_type") == EVENT_TYPE:
        yield text(part(metadata, "event_payload"), "key")
    for block in objects(message, "blocks"):
        yield from (text(element, "value") for element in objects(block, "elements"))


def _why_unseen(error: Exception) -> str:
    if isinstance(error, LookupError):
        return str(error)
    outcome = outcome_of_error(error)
    if isinstance(outcome, Postponed | InDoubt | Malformed):
        return outcome.why
    code = code_of(error) if isinstance(error, SlackApiError) else ""
    return f"Slack answered {code}. {advice_for(code)}"
