"""The gatherer: has what waits gathered into digests when its time has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bot.alerts.digest import digest, gathered_now, next_digest_at
from bot.model import Channel, ChannelRef
from bot.ports import Outbox

_LONGEST_REST = timedelta(seconds=15)  # Another process may let something wait and not wake us.

log = structlog.get_logger(__name__)


class Gatherer:
    """Looks at what waits when it was woken, when a digest is due, and now and then."""

    def __init__(self, store: Outbox, channels: Mapping[ChannelRef, Channel]) -> None:
        """Gather for `channels` at their times, for others at the default ones."""
        self._store = store
        self._channels = channels
        self.next_at: datetime | None = None

    def wake(self) -> None:
        """Say that something may newly wait."""
        self.next_at = None

    async def gather(self, now: datetime) -> bool:
        """Gather what is due; say whether anything was. `next_at` is when it is worth a look."""
        if self.next_at and now < self.next_at:
            return False
        self.next_at = now + _LONGEST_REST
        gathered = False
        for ref in await self._store.waiting_channels():
            try:
                gathered |= await self._gather(self._channels.get(ref, Channel(ref=ref)), now)
            except Exception:  # One channel's trouble is not the others'; it waits on.
                log.exception("digest not gathered", channel=str(ref))
        return gathered

    async def _gather(self, channel: Channel, now: datetime) -> bool:
        due = gathered_now(channel, await self._store.waiting(channel.ref), now)
        if due:
            told = digest(channel, due, now)
            await self._store.gather(told, [owed.alert.id for owed in due])
            log.info("digest gathered", channel=str(channel.ref), alerts=len(due))
        following = next_digest_at(channel, now)
        if following and self.next_at:
            self.next_at = min(self.next_at, following)
        return bool(due)
