"""What `redline check` says of Discord: the token, each channel, and what the bot may do there."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.model import ChannelRef, Finding, Postponed, ShutOut, Unwelcome, Verdict
from handlers.discord.errors import outcome_of, unserved
from handlers.discord.places import permissions_at, place_of

_MUST = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
}
_SHOULD = {
    "read_message_history": (
        "Read Message History, without which an alert whose answer was lost stays in doubt"
    ),
    "create_public_threads": "Create Public Threads, without which follow-ups are replies",
    "send_messages_in_threads": "Send Messages in Threads, without which follow-ups are replies",
}


async def check(client: discord.Client, channels: Sequence[ChannelRef]) -> list[Finding]:
    """Look at the token and at each channel, without posting. Only REST is needed."""
    token = await _check_token(client)
    if token.verdict is Verdict.BAD:
        return [token]
    return [token, *[await _check_channel(client, channel) for channel in channels]]


async def _check_token(client: discord.Client) -> Finding:
    """Look whether the token is accepted now, not only when the service started."""
    try:
        info = await client.application_info()
    except Exception as error:  # noqa: BLE001 - aiohttp's errors come through, unnamed here
        return _trouble("discord", error)
    said = f"logged in as {info.name}"
    return Finding(about="discord", verdict=Verdict.GOOD, said=said)


async def _check_channel(client: discord.Client, channel: ChannelRef) -> Finding:
    """Look whether the channel exists and what the bot may do there."""
    try:
        place = await place_of(client, channel)
        if isinstance(place, Unwelcome):
            return _bad(str(channel), "cannot be found", place.advice)
        if not place.workspace:
            return _untold(channel)
        allowed = await permissions_at(client, place)
    except Exception as error:  # noqa: BLE001 - aiohttp's errors come through, unnamed here
        return _untold(channel) if unserved(error) else _trouble(str(channel), error)
    return judge(channel, allowed)


def judge(channel: ChannelRef, allowed: discord.Permissions) -> Finding:
    """Say what the permissions mean for Redline."""
    missing = [name for flag, name in _MUST.items() if not getattr(allowed, flag)]
    if missing:
        advice = f"Give the bot's role {', '.join(missing)}: channel settings, Permissions"
        return _bad(str(channel), "the bot may not post there", advice)
    wanted = [name for flag, name in _SHOULD.items() if not getattr(allowed, flag)]
    if wanted:
        advice = f"Better give the bot's role {'; '.join(wanted)}"
        said = "can be posted to"
        return Finding(about=str(channel), verdict=Verdict.WARNING, said=said, advice=advice)
    return Finding(about=str(channel), verdict=Verdict.GOOD, said="can be posted to")


def _untold(channel: ChannelRef) -> Finding:
    """Say that nobody knows of the channel before it is posted to."""
    said = "is not told of: the Discord at this address does not serve the question"
    advice = "Look whether alerts arrive there; they are posted all the same"
    return Finding(about=str(channel), verdict=Verdict.WARNING, said=said, advice=advice)


def _trouble(about: str, error: Exception) -> Finding:
    """Say what an error means for the thing looked at."""
    outcome = outcome_of(error, posting=False)
    if isinstance(outcome, Unwelcome | ShutOut):
        return _bad(about, f"Discord refuses ({outcome.code})", outcome.advice)
    why = outcome.why if isinstance(outcome, Postponed) else "Discord's answer was not understood"
    return _bad(about, why, "Try again in a while; discordstatus.com tells of outages")


def _bad(about: str, said: str, advice: str) -> Finding:
    """Say that something does not work and what to do."""
    return Finding(about=about, verdict=Verdict.BAD, said=said, advice=advice)
