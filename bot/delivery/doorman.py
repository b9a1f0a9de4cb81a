"""The doorman: opens parked channels again when the cause of their parking is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.model import ChannelRef, Verdict
from bot.ports import Chat, Clock, Outbox, Tally

_EVERY = timedelta(minutes=30)
"""How often parked channels are inspected: a few requests for each, none of which posts."""

_PATIENCE = 30.0  # Seconds that one inspection may take.

log = structlog.get_logger(__name__)


class Ledger(Outbox, Protocol):
    """An outbox that says which channels are parked."""

    async def tally(self) -> Tally:
        """Return how the service stands."""
        ...


class Doorman:
    """Looks now and then whether a parked channel would take messages again."""

    def __init__(self, store: Ledger, chats: Mapping[str, Chat], clock: Clock) -> None:
        """Look after the parked channels of `chats`, which are given by platform."""
        self._store = store
        self._chats = chats
        self._clock = clock
        self.next_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Say whether it is time to look; the first time is a while after the start."""
        if self.next_at is None:
            self.next_at = now + _EVERY
        return self.next_at <= now

    async def look_after(self) -> bool:
        """Inspect the parked channels and open those that are well; say whether any was opened."""
        self.next_at = self._clock.now() + _EVERY
        opened = False
        for parked in (await self._store.tally()).parked:
            chat = self._chats.get(parked.channel.platform)
            if chat and await self._is_well(chat, parked.channel):
                opened |= await self._store.resume_channel(parked.channel, self._clock.now())
                log.info("channel resumed", channel=str(parked.channel), was=parked.code)
        return opened

    async def _is_well(self, chat: Chat, channel: ChannelRef) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                findings = await chat.inspect([channel])
        except Exception:  # It is looked at again later; the others are looked at now.
            log.exception("channel not inspected", channel=str(channel))
            return False
        return bool(findings) and all(finding.verdict is not Verdict.BAD for finding in findings)
