"""How many requests may be under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class _Lane(asyncio.Semaphore):
    """The places at one host, and how many use or wait for them."""

    users = 0


class Lanes:
    """Places for requests: so many to one host, so many in all."""

    def __init__(self, everywhere: int, per_host: int) -> None:
        self._everywhere = asyncio.Semaphore(everywhere)
        self._per_host = per_host
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def enter(self, host: str) -> AsyncIterator[None]:
        """Wait for a place at the host first, so that a slow host takes no place from others."""
        lane = self._lanes.setdefault(host, _Lane(self._per_host))
        lane.users += 1
        try:
            async with lane, self._everywhere:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[host]
