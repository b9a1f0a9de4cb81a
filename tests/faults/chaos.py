"""Chaos in one process: everything that can stop a delivery, at any moment, with a seed.

A life is one process: a Delivery over a freshly opened store, cancelled wherever it happens to be.
The accept log of the FakeChat is the truth about what was lost and what was doubled.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.delivery import Delivery, DeliveryOptions
from bot.model import AlertState, Channel, ChannelRef, Outcome, Reason, Sighting
from bot.ports import AlertRecord, Claim, DeliveryPolicy, Owed, Store, Tally
from tests.contracts.chat import key_of
from tests.contracts.store_world import owed, owing
from tests.fakes import FakeChat, FakeClock, Mishap

POLICY = DeliveryPolicy(send_timeout=timedelta(seconds=0.004))
"""A FakeClock does not move timeouts, which are the event loop's; so they are short."""

PLATFORM = "fake"
MOMENTS = (0, 0.4, 1, 1, 3, 31, 125)
OPEN = (AlertState.WAITING, AlertState.OWED, AlertState.SENDING, AlertState.IN_DOUBT)
MISHAPS = (*Mishap, *[Mishap.NONE] * len(Mishap))


class Crashing:
    """A store with moments before and after each of its writes, at which a process may die."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, platforms: Sequence[str], now: datetime) -> Claim | None:
        await asyncio.sleep(0)
        claim = await self._store.claim(platforms, now)
        await asyncio.sleep(0)
        return claim

    async def settle(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        await asyncio.sleep(0)
        held = await self._store.settle(claim, outcome, now)
        await asyncio.sleep(0)
        return held

    async def settle_look(self, claim: Claim, sighting: Sighting, now: datetime) -> bool:
        await asyncio.sleep(0)
        held = await self._store.settle_look(claim, sighting, now)
        await asyncio.sleep(0)
        return held

    async def next_action_at(self, platforms: Sequence[str]) -> datetime | None:
        await asyncio.sleep(0)
        return await self._store.next_action_at(platforms)

    async def resume_channel(self, channel: ChannelRef, now: datetime) -> bool:
        return await self._store.resume_channel(channel, now)

    async def resume_platform(self, platform: str, now: datetime) -> bool:
        return await self._store.resume_platform(platform, now)

    async def give_up(self, served: Collection[str], now: datetime) -> Sequence[AlertRecord]:
        return await self._store.give_up(served, now)

    async def waiting(self, channel: ChannelRef) -> Sequence[Owed]:
        return await self._store.waiting(channel)

    async def waiting_channels(self) -> Mapping[ChannelRef, datetime]:
        return await self._store.waiting_channels()

    async def tally(self) -> Tally:
        return await self._store.tally()

    async def gather(self, digest: Owed, alert_ids: Sequence[str]) -> None:
        await asyncio.sleep(0)
        await self._store.gather(digest, alert_ids)
        await asyncio.sleep(0)


class Reopen(Protocol):
    """Stop a store where it is and return it, or another on the same data, open."""

    async def __call__(self) -> Store: ...


@dataclass
class Chaos:
    """One run: so many alerts, owed to so many channels, delivered over so many lives."""

    reopen: Reopen
    seed: int
    alerts: int = 200
    channels: int = 5
    digested: int = 0
    policy: DeliveryPolicy = POLICY
    blind: bool = False
    most_lives: int = 200
    pause: float = 0
    clock: FakeClock = field(default_factory=FakeClock)
    lives: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.chat = FakeChat(self.clock, PLATFORM)
        self.refs = [ChannelRef(PLATFORM, f"#c{number}") for number in range(self.channels)]
        self.keys = [key_of(number) for number in range(self.alerts)]

    async def run(self) -> None:
        """Owe, deliver through one life after another, then let the last one finish in peace."""
        store = await self.reopen()
        await self._owe(store)
        self.chat.misbehave(lambda: self.dice.choice(MISHAPS))
        if self.blind:
            self.chat.hide_history()
        while await self._open_alerts(store) > self.alerts // 10 and self.lives < self.most_lives:
            self._upset()
            await self._live(store)
            store = await self.reopen()
        self.chat.accept()
        await self._finish(store)
        await store.close()

    async def die_at(self, moment: int) -> None:
        """Owe, let one process die after `moment` turns of the event loop, and finish."""
        store = await self.reopen()
        await self._owe(store)
        life = asyncio.create_task(self._delivery(store).run())
        for turn in range(moment):
            await asyncio.sleep(0)
            if turn == 30:  # The channels are rested and take their next message.
                self.clock.advance(1)
        life.cancel()
        await asyncio.wait({life})
        await self._finish(await self.reopen())

    async def _owe(self, store: Store) -> None:
        for number, key in enumerate(self.keys):
            decided_at = self.clock.now() + timedelta(microseconds=number)
            channel = self.refs[number % self.channels]
            await store.remember(owing(owed(key, channel, decided_at=decided_at)))
        for number in range(self.digested):
            channel, name = self.refs[number % self.channels], f"digested{number}"
            waiting = owed(name, channel, story_id=name, reason=Reason.DIGEST)
            await store.remember(owing(waiting))

    async def _open_alerts(self, store: Store) -> int:
        states = (await store.tally()).states
        return sum(states[state] for state in OPEN)

    def _upset(self) -> None:
        """Change what the platform refuses, now and then."""
        channel = self.dice.choice(self.refs)
        if self.dice.random() < 0.2:
            self.chat.archive(channel)
        if self.dice.random() < 0.5:
            self.chat.unarchive(channel)

    def _delivery(self, store: Store) -> Delivery:
        # Without digest times, what waits is gathered at once.
        channels = {ref: Channel(ref=ref, digest_at=()) for ref in self.refs}
        options = DeliveryOptions(policy=self.policy, channels=channels)
        return Delivery(Crashing(store), (self.chat,), self.clock, options)

    async def _live(self, store: Store) -> None:
        self.lives += 1
        for ref in self.refs:
            await store.resume_channel(ref, self.clock.now())
        life = asyncio.create_task(self._delivery(store).run())
        for _ in range(self.dice.randrange(1, 16)):
            await asyncio.sleep(self.dice.choice((*[self.pause] * 5, 0.006)))
            self.clock.advance(self.dice.choice(MOMENTS))
        life.cancel()
        await asyncio.wait({life})

    async def _finish(self, store: Store) -> None:
        delivery = self._delivery(store)
        for _ in range(self.alerts * 20):
            for ref in self.refs:
                await store.resume_channel(ref, self.clock.now())
            while await delivery.step():
                pass
            if not await self._open_alerts(store):
                return
            self.clock.advance(121)

    # The verdict.

    @property
    def lost(self) -> int:
        return len(set(self.keys) - set(self.chat.keys()))

    @property
    def gathered(self) -> int:
        """How many stories the accepted digests told, by their titles."""
        digests = [entry for entry in self.chat.accepted if entry.key not in self.keys]
        titles = [self.chat.shown[entry.message.message_id].title for entry in digests]
        return sum(int(title.split()[1]) for title in titles)

    @property
    def doubled(self) -> int:
        return len(self.chat.doubled())
