"""Feeds that fail for days: told to whoever looks after them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.alerts.ailing import Ailing, ailing, ailing_notices
from bot.model import ChannelRef, Feed
from bot.ports import Clock, Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Household:
    """What is looked after. `feeds` may be live; `owed` is called when there is a message."""

    store: Store
    clock: Clock
    feeds: Mapping[str, Feed]
    notices: Sequence[ChannelRef]
    owed: Callable[[], None]


class FeedCare:
    """Sees which feeds have failed for too long, and tells of each once."""

    def __init__(self, household: Household) -> None:
        """Look after a household."""
        self._of = household
        self._told: set[datetime] = set()

    async def look(self) -> None:
        """Tell of the feeds that have failed for too long since the last look."""
        states = (await self._of.store.tally()).feeds
        hours = ailing(self._of.feeds, states, self._of.clock.now())
        for hour in hours.keys() - self._told:
            await self._tell_of(hour, hours[hour])
            self._told.add(hour)

    async def _tell_of(self, hour: datetime, feeds: Sequence[Ailing]) -> None:
        """Owe the messages of an hour; the log has its feeds in any case."""
        for one in feeds:
            log.warning("feed fails for days", feed=one.feed.id, why=one.state.last_error)
        for owed in ailing_notices(hour, feeds, self._of.notices, self._of.clock.now()):
            await self._of.store.owe(owed)
            self._of.owed()
