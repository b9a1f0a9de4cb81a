"""What Discord's refusals mean for a message.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import discord

from bot.model import InDoubt, Malformed, Outcome, Postponed, ShutOut, Unwelcome

UNKNOWN_CHANNEL = 10003
THREAD_EXISTS = 160004

_NO_ACCESS = (
    "Let the bot's role see the channel: channel settings, Permissions, View Channel. "
    "If the bot left the server, invite it again with `redline invite discord`"
)
_NO_ADDRESS = (
    "There is nothing at that address: check the channel's id in the rules, and "
    "REDLINE_DISCORD_API_URL where it is set"
)
_WELCOME_MEANS = {
    UNKNOWN_CHANNEL: "The channel does not exist any more: correct its id in the rules",
    10004: "The bot is not in that server any more: invite it with `redline invite discord`",
    50001: _NO_ACCESS,
    50008: "This kind of channel takes no messages: use the id of a text channel",
    50009: "The server's verification level keeps the bot out: give its role a way past it",
    50013: (
        "Give the bot's role Send Messages and Embed Links in the channel: "
        "channel settings, Permissions"
    ),
    50024: "This kind of channel takes no messages: use the id of a text channel",
    50083: "The thread is archived: open it again or use a text channel",
    160002: "Give the bot's role Read Message History in the channel, so that it may reply",
    160005: "The thread is locked: unlock it or use a text channel",
    160006: "The server has too many active threads: archive some",
    40067: "The forum asks for a tag: use the id of a text channel",
}
_CONTENT = {
    40005: "the message is too large",
    50006: "the message is empty",
    50035: "a part of the message is not valid",
    50109: "the message is not valid JSON",
    200000: "the server's AutoMod blocks the message",
    200001: "the server's AutoMod blocks the title",
    240000: "Discord's filter of harmful links blocks the message",
}
_TOKEN = {40001, 40002, 50014}
_BUSY = {
    20016: "slow mode of the channel",
    20022: "rate of announcements",
    20028: "write rate of the channel",
    20029: "write rate of the server",
    30046: "rate of edits to old messages",
    40004: "sending is switched off for now",
    40006: "the feature is switched off for now",
    40062: "the resource is rate limited",
    130000: "the resource is overloaded",
}

BUSY_FOR = timedelta(seconds=60)
"""How long to wait where Discord says that it is busy and not for how long."""

BANNED_FOR = timedelta(minutes=10)
"""How long to wait where Cloudflare bans us and does not say for how long: the window in which
invalid requests are counted, https://docs.discord.com/developers/topics/rate-limits."""

UNREACHED_FOR = timedelta(seconds=15)
"""How long to wait where nothing of a request reached Discord."""


DELETED = Unwelcome("10008", "The message was deleted; nothing needs to be done")
"""Unknown Message: what was to be edited or answered, or what our nonce names, was deleted."""


class Response(Protocol):
    """What is read of an answer before its body."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, found in any case."""
        ...


class ThrottledError(Exception):
    """Discord asks to wait. `everywhere` says that it means all requests, not one route."""

    def __init__(self, retry_after: timedelta, *, everywhere: bool) -> None:
        super().__init__(f"rate limited for {retry_after.total_seconds():g} s")
        self.retry_after = retry_after
        self.everywhere = everywhere


class ServerTroubleError(Exception):
    """Discord answered with a 5xx: nobody knows what became of the request."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Discord answered {status}")
        self.status = status


async def refuse_trouble(response: Response) -> None:
    """Raise at once where discord.py would wait or ask again inside the call.

    Its own second try after a 5xx can hide that the first was accepted: the answer to the second
    (a 429, a 403) would count as a refusal, and the message would be sent again long after its
    nonce is forgotten. Waiting belongs to the core too, which remembers it over a restart.

    Raises:
        ThrottledError: on 429.
        ServerTroubleError: on 5xx.
    """
    if response.status == 429:
        raise _throttled(response.headers)
    if response.status >= 500:
        raise ServerTroubleError(response.status)


def _throttled(headers: Mapping[str, str]) -> ThrottledError:
    """Read a 429. One without `Via`, or that is no JSON, comes from Cloudflare and means all."""
    banned = not headers.get("Via") or "json" not in headers.get("Content-Type", "")
    everywhere = (
        banned
        or "X-RateLimit-Global" in headers
        or headers.get("X-RateLimit-Scope", "").lower() == "global"
    )
    said = headers.get("Retry-After") or headers.get("X-RateLimit-Reset-After") or ""
    try:
        delay = timedelta(seconds=max(0.0, float(said)))
    except (ValueError, OverflowError):
        delay = BANNED_FOR if banned else BUSY_FOR
    return ThrottledError(delay, everywhere=everywhere)


def outcome_of(error: Exception, *, posting: bool) -> Outcome:
    """Say what `error` means for a message.

    Args:
        error: what discord.py or the connection raised.
        posting: whether the request was the one that posts; before it nothing can be in doubt.
    """
    if isinstance(error, ThrottledError):
        return Postponed(str(error), error.retry_after, whole_platform=error.everywhere)
    if isinstance(error, discord.RateLimited):
        return Postponed("rate limited", timedelta(seconds=error.retry_after))
    if isinstance(error, discord.HTTPException):
        return _refused(error, posting=posting)
    return _broken(error, posting=posting)


def _refused(error: discord.HTTPException, *, posting: bool) -> Outcome:
    """Say what an answer with a status of 4xx means."""
    code = error.code
    if unserved(error):
        return Unwelcome(str(error.status), _NO_ADDRESS)
    if error.status == 401 or code in _TOKEN:
        return ShutOut(str(code or error.status), token_advice())
    if code in _WELCOME_MEANS:
        return Unwelcome(str(code), _WELCOME_MEANS[code])
    if str(code) == DELETED.code:
        return DELETED
    if code in _CONTENT and posting:
        return Malformed(f"{code}: {_CONTENT[code]}")
    if code in _BUSY:
        return Postponed(f"{code}: {_BUSY[code]}", BUSY_FOR)
    if not posting:
        return Unwelcome(str(code or error.status), f"Discord answered {error.status} ({code})")
    return InDoubt(f"Discord answered {error.status} with the unknown code {code}")


def _broken(error: Exception, *, posting: bool) -> Outcome:
    """Say what a request without an answer means."""
    why = describe(error)
    if never_sent(error):
        return unreached(why)
    if not posting:
        return Postponed(f"Discord did not answer: {why}", UNREACHED_FOR)
    return InDoubt(f"no answer: {why}")


def unreached(why: str) -> Postponed:
    """Say that nothing can reach Discord at the moment, whatever the channel."""
    return Postponed(f"Discord cannot be reached: {why}", UNREACHED_FOR, whole_platform=True)


def unserved(error: Exception) -> bool:
    """Whether there is no such address at all, as behind a proxy with a list of its own.

    What Discord itself does not find it names with a code.
    """
    return isinstance(error, discord.HTTPException) and error.status == 404 and not error.code


def never_sent(error: Exception) -> bool:
    """Whether the connection failed before any byte of the request went out.

    Only aiohttp's errors of connecting carry the operating system's error as `os_error`; the type
    itself is not ours to import.
    """
    return isinstance(error, OSError) and getattr(error, "os_error", None) is not None


def describe(error: Exception) -> str:
    """Name an error without its text, which may hold an address."""
    if isinstance(error, ServerTroubleError | ThrottledError):
        return str(error)
    if isinstance(error, discord.HTTPException):
        return f"Discord answered {error.status} ({error.code})"
    return type(error).__name__


def token_advice() -> str:
    """Return what to do about a refused token."""
    return (
        "Make a new token (discord.com/developers, your application, Bot, Reset Token) "
        "and set DISCORD_TOKEN"
    )
