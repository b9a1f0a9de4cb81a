"""Doing a thing once, and letting it come to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta

from bot.errors import whereabouts
from bot.ports import Clock
from handlers.slack.errors import library_logger

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

    def begin(self, answering: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do it beside whoever asks for it: the request may be gone before the answer is there."""
        task = asyncio.create_task(_told(answering))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return task

    async def finish(self) -> None:
        """Let the answers that are under way be given, for a while; then break them off.

        What is broken off is in the inbox, and is answered after the start.
        """
        if self._busy:
            await asyncio.wait(self._busy, timeout=CLOSE_PATIENCE)
        broken_off = [task for task in self._busy if task.cancel()]
        await asyncio.gather(*broken_off, return_exceptions=True)


async def _told(answering: Coroutine[None, None, None]) -> None:
    """See something through; an error that nobody expected is told to the log alone."""
    try:
        await answering
    except Exception as error:  # noqa: BLE001 - one answer that fails stops no other
        library_logger().error("an answer broke off: %s", whereabouts(error))
