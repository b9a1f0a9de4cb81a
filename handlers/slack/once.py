"""Doing a thing once, and letting it come to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta

from bot.ports import Clock

CLOSE_PATIENCE = 5


class Once:
    """Remembers names for a while, so that what comes twice is done once."""

    def __init__(self, clock: Clock, keep: timedelta) -> None:
        """Remember names for `keep`."""
        self._clock = clock
        self._keep = keep
        self._seen: dict[str, datetime] = {}

    def first(self, name: str) -> bool:
        """Whether `name` is new; it is remembered from now on."""
        now = self._clock.now()
        for old in [seen for seen, at in self._seen.items() if now - at > self._keep]:
            del self._seen[old]
        if name in self._seen:
            return False
        self._seen[name] = now
        return True


class Work:
    """Answers that are under way."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._busy: set[asyncio.Task[None]] = set()

    async def do(self, answering: Coroutine[None, None, None]) -> None:
        """Do it beside whoever asks for it: the request may be gone before the answer is there."""
        task = asyncio.create_task(answering)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        await asyncio.shield(task)

    async def finish(self) -> None:
        """Let the answers that are under way be given, for a while."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=CLOSE_PATIENCE)
