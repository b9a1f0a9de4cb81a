"""What one person alone sees in Slack, and the addresses that take such answers.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.emulators.slack_reader import Reading, read
from tests.emulators.slack_schema import argument_problems, limit_problems
from tests.emulators.slack_workspace import Message

Json = dict[str, Any]

USES = 5
GOOD_FOR = timedelta(minutes=30)
PATIENCE = 10.0


@dataclass
class Whisper:
    """A private message as it stands now."""

    channel_id: str
    user: str
    ts: str
    text: str
    blocks: list[Json]
    thread_ts: str | None = None
    edits: int = 0

    def seen(self) -> Reading:
        """Return what the person sees of it."""
        return read(self.text, self.blocks)


@dataclass
class ResponseUrl:
    """An address that was handed out with one interaction."""

    channel_id: str
    user: str
    at: datetime
    origin: Whisper | Message | None = None
    used: int = 0


@dataclass
class Private:
    """All private messages, and all addresses."""

    whispers: list[Whisper] = field(default_factory=list)
    urls: dict[str, ResponseUrl] = field(default_factory=dict)
    changes: int = 0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def issue(self, url: ResponseUrl) -> str:
        """Return the secret part of a new address."""
        name = f"{next(self._numbers)}-secret"
        self.urls[name] = url
        return name

    def whisper(self, message: Whisper) -> None:
        """Show a private message."""
        self.whispers.append(message)
        self.changes += 1
        self.change()

    def respond(self, name: str, body: Json, now: datetime) -> tuple[int, str, list[str]]:
        """Take an answer; return status, text, and what is wrong with it."""
        url = self.urls.get(name)
        if url is None or now - url.at > GOOD_FOR:
            return 404, "expired_url", []
        url.used += 1
        if url.used > USES:
            return 404, "used_url", []
        problems = _problems(url, body)
        if problems:
            return 400, "invalid_blocks", problems
        self._take(url, body, f"{now.timestamp():.0f}.{next(self._numbers):06d}")
        return 200, "ok", []

    def _take(self, url: ResponseUrl, body: Json, ts: str) -> None:
        text, blocks = str(body.get("text", "")), list(body.get("blocks", []))
        if body.get("replace_original") and url.origin is not None:
            url.origin.text, url.origin.blocks = text, blocks
            url.origin.edits += 1
            self.change()
            if isinstance(url.origin, Whisper):
                self.changes += 1
        else:
            self.whisper(Whisper(url.channel_id, url.user, ts, text, blocks))

    def change(self) -> None:
        """Wake whoever waits for something to be shown."""
        self._changed.set()

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds of what is shown."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def changed(self, times: int) -> None:
        """Wait until private messages were shown or replaced so often in all."""
        await self.until(lambda: self.changes >= times)


def _is_private(url: ResponseUrl, body: Json) -> bool:
    """Whether an answer shows nothing new to others; what replaces a message stays as public."""
    replaces = body.get("replace_original") is True and not isinstance(url.origin, Whisper)
    return replaces or body.get("response_type") == "ephemeral"


def _problems(url: ResponseUrl, body: Json) -> list[str]:
    """Return what Slack would refuse; the rest of the types are those of a private message."""
    listed = {"text", "blocks", "response_type", "replace_original", "delete_original"}
    unlisted = set(body) - listed - {"unfurl_links", "unfurl_media", "thread_ts", "attachments"}
    shown: Json = {name: body[name] for name in ("text", "blocks") if name in body}
    whisper: Json = {"channel": url.channel_id, "user": url.user, **shown}
    return [
        *(f"response: {name} is no argument" for name in sorted(unlisted)),
        *([] if _is_private(url, body) else ["response: it is not private"]),
        *argument_problems("chat.postEphemeral", whisper),
        *limit_problems(str(body.get("text", "")), body.get("blocks", [])),
    ]
