"""Upkeep: what has to be done now and then, whether or not anything happens."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.alerts.flood import KEEP
from bot.ports import Clock, Holds

EVERY = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class Upkeep:
    """Ends the holds that nobody decided on in time."""

    def __init__(self, store: Holds, clock: Clock) -> None:
        """Look after the holds of `store`."""
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Do what is due, until it is cancelled."""
        while True:
            try:
                await self._let_go()
            except Exception:
                # The store may be back the next time.
                log.exception("upkeep in trouble", next_try=str(EVERY))
            await self._clock.sleep(EVERY.total_seconds())

    async def _let_go(self) -> None:
        ended = await self._store.let_go(self._clock.now() - KEEP)
        if ended:
            log.info("floods left at their messages", holds=ended)
