"""Where a post may stand, and looking for it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.model import Absent, Found, MessageRef, Post, Sighting, Unseen
from handlers.discord import cards
from handlers.discord.errors import UNKNOWN_CHANNEL
from handlers.discord.places import Place, permissions_at
from handlers.discord.view import custom_ids

SKEW = timedelta(minutes=2)
"""How far Discord's clock may be behind ours when a message is looked for."""

MOST_LOOKED_AT = 5_000
"""Messages read in one look, 50 requests; a channel with more since then leaves the doubt."""

GONE = "0"
"""The id of a message that was posted and deleted before we learned its id."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where exactly a message is to stand: a channel or thread, perhaps as a reply."""

    channel_id: int
    opens_thread: bool = False
    replies_to: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class At:
    """One spot of a place, and until when (in the loop's time) it may be tried."""

    place: Place
    spot: Spot
    deadline: float

    def message(self, message_id: str) -> MessageRef:
        """Name a message at this spot."""
        return _named(self.place, self.spot.channel_id, message_id)


def spots(post: Post, place: Place) -> Iterator[Spot]:
    """Return where the post may go, best first.

    A reply goes into the thread of its parent, whose id is the parent's; where threads are not
    permitted it replies in the channel, and where that is not possible either it stands there by
    itself. A parent that is in a thread already is answered there.
    """
    parent = post.thread
    if parent and parent.message_id != GONE:
        if parent.channel_id == str(place.channel_id):
            yield Spot(int(parent.message_id), opens_thread=True)
            yield Spot(place.channel_id, replies_to=parent)
        else:
            yield Spot(int(parent.channel_id))
    yield Spot(place.channel_id)


async def look(client: discord.Client, post: Post, place: Place, since: datetime) -> Sighting:
    """Look for the post's key at all its spots.

    Raises:
        Exception: whatever discord.py raises; the look is not complete then.
    """
    everywhere = dict.fromkeys(spot.channel_id for spot in spots(post, place))
    for channel_id in everywhere:
        seen = await _search(client, post, channel_id, since)
        if isinstance(seen, str):
            return Found(_named(place, channel_id, seen))
        if seen >= MOST_LOOKED_AT:
            return Unseen(f"more than {MOST_LOOKED_AT} messages stand there since then")
    # Without the permission Discord answers with no messages instead of an error.
    allowed = await permissions_at(client, place)
    if not (allowed.view_channel and allowed.read_message_history):
        return Unseen("the bot's role lacks Read Message History in the channel")
    return Absent()


async def _search(
    client: discord.Client, post: Post, channel_id: int, since: datetime
) -> str | int:
    """Return the id of the message with the key, or how many messages were read without it."""
    count = 0
    channel = client.get_partial_messageable(channel_id)
    try:
        async for message in channel.history(limit=MOST_LOOKED_AT, after=since - SKEW):
            count += 1
            if _ours(client, message) and _carries(message, post.key):
                return str(message.id)
    except discord.NotFound as error:
        # The thread that a reply would have opened is not there, so the reply is not either.
        if error.code != UNKNOWN_CHANNEL or post.thread is None:
            raise
    return count


def _ours(client: discord.Client, message: discord.Message) -> bool:
    """Whether the bot itself wrote the message; others may copy our marks."""
    return client.user is not None and message.author.id == client.user.id


def _carries(message: discord.Message, key: str) -> bool:
    """Whether a button of the message carries the key."""
    return any(cards.carries(one, key) for one in custom_ids(message))


def _named(place: Place, channel_id: int, message_id: str) -> MessageRef:
    """Name a message in a channel or thread of a place."""
    return MessageRef(workspace=place.workspace, channel_id=str(channel_id), message_id=message_id)
