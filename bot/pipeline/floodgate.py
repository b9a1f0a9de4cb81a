"""The flood gate of a poll: asks what its feed usually brings, and holds what is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.alerts.flood import (
    JOINS,
    MOST,
    Dammed,
    Influx,
    Surge,
    dam,
    flood_of,
    wakes_the_past,
)
from bot.model import Feed, Flood
from bot.ports import KEEP_BURSTS, Holds, Owed

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What passed the gate: the decisions with what is held, and how much counts as usual."""

    dammed: Dammed
    entries: int


class Floodgate:
    """Looks into the store only where there is too much: almost never."""

    def __init__(self, store: Holds) -> None:
        """Ask `store` what was brought and held before."""
        self._store = store

    async def passed(
        self, feed: Feed, influx: Influx, decided: Sequence[Owed], now: datetime
    ) -> Passed:
        """Return what a poll of `feed` may tell, and what of it is held.

        A flood that held nothing counts as usual: nobody would ever be asked about it.
        """
        flood = await self._flood(feed, influx, now)
        if flood is None and wakes_the_past(influx, decided):
            flood = Flood.REWRITTEN
        if flood is None and sum(one.alert.reason.posts for one in decided) <= MOST:
            return Passed(dammed=Dammed(tuple(decided), ()), entries=influx.new)
        holds = await self._store.open_holds(feed.id, now - JOINS)
        surge = Surge(feed=feed, entries=influx.new, flood=flood, holds=holds)
        dammed = dam(decided, surge, now)
        held = sum(one.held_in is not None for one in dammed.owed)
        if held:
            log.warning(
                "flood held", feed=feed.id, why=str(flood or Flood.CROWD), new=influx.new, held=held
            )
        return Passed(dammed=dammed, entries=0 if flood and held else influx.new)

    async def _flood(self, feed: Feed, influx: Influx, now: datetime) -> Flood | None:
        if not influx.may_flood:
            return None
        return flood_of(influx, await self._store.bursts(feed.id, now - KEEP_BURSTS))
