"""Upkeep: what has to be done now and then, whether or not anything happens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Protocol

import structlog

from bot.alerts.flood import KEEP
from bot.ports import Clock, Holds, Outbox

EVERY = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class Kept(Holds, Outbox, Protocol):
    """What upkeep looks after."""


class Upkeep:
    """Ends what nobody decided on, or nobody could deliver, in time."""

    def __init__(self, store: Kept, served: Collection[str], clock: Clock) -> None:
        """Look after `store`; `served` are the platforms that this service delivers to."""
        self._store = store
        self._served = served
        self._clock = clock

    async def run(self) -> None:
        """Do what is due, until it is cancelled."""
        while True:
            for duty in (self._let_go, self._give_up):
                try:
                    await duty()
                except Exception:
                    # The store may be back the next time.
                    log.exception("upkeep in trouble", next_try=str(EVERY))
            await self._clock.sleep(EVERY.total_seconds())

    async def _let_go(self) -> None:
        ended = await self._store.let_go(self._clock.now() - KEEP)
        if ended:
            log.info("floods left at their messages", holds=ended)

    async def _give_up(self) -> None:
        for dead in await self._store.give_up(self._served, self._clock.now()):
            log.warning(
                "alert given up",
                alert=dead.alert.id,
                channel=str(dead.alert.channel),
                title=dead.card.title if dead.card else "",
                why=dead.why,
            )
