"""The service: claims whatever can be claimed, and rests where nothing can."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.delivery.courier import Courier
from bot.delivery.doorman import Doorman, Ledger
from bot.delivery.gatherer import Gatherer
from bot.delivery.notices import Notify, Teller, only_log
from bot.model import Channel, ChannelRef
from bot.ports import Chat, Claim, Clock, DeliveryPolicy

_LONGEST_REST = timedelta(seconds=15)
"""The store is asked this often although nobody woke us: another process may owe something."""

_SHORTEST_REST = timedelta(milliseconds=50)
_REST_AFTER_TROUBLE = timedelta(seconds=5)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """What delivery may be told.

    `channels` own their digest times, others take the defaults. `at_once` is how many messages of
    one platform may be on their way; a platform that hangs never holds up another. `notify` is
    called once for each trouble, until its channel or platform takes messages again.
    """

    policy: DeliveryPolicy = field(default_factory=DeliveryPolicy)
    channels: Mapping[ChannelRef, Channel] = field(default_factory=dict)
    at_once: int = 16
    notify: Notify = only_log


class Delivery:
    """Sends what is owed to the given chats."""

    def __init__(
        self,
        store: Ledger,
        chats: Sequence[Chat],
        clock: Clock,
        options: DeliveryOptions | None = None,
    ) -> None:
        """Make a delivery; the store and the chats are opened and closed by whoever owns them."""
        options = options or DeliveryOptions()
        by_platform = {chat.platform: chat for chat in chats}
        self._store = store
        self._platforms = tuple(by_platform)
        self._clock = clock
        self._at_once = options.at_once
        self._gatherer = Gatherer(store, options.channels)
        self._doorman = Doorman(store, by_platform, clock)
        self._courier = Courier(store, by_platform, clock, options.policy, Teller(options.notify))
        self._awake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._looking_after: asyncio.Task[None] | None = None
        self._runner: asyncio.Task[None] | None = None
        self._stopping = False

    async def run(self) -> None:
        """Send what is owed, and what comes to be owed, until `stop`."""
        self._runner = asyncio.current_task()
        try:
            while not self._stopping:
                await self._rest(await self._round())
            if self._under_way:
                await asyncio.wait(self._under_way)
        finally:
            await self._abandon()

    async def step(self) -> bool:
        """Gather what is due, or claim one thing and carry it out; False where nothing was."""
        if await self._gatherer.gather(self._clock.now()):
            return True
        claim = await self._store.claim(self._platforms, self._clock.now())
        if claim is None:
            return False
        await self._courier.carry_out(claim)
        return True

    def wake(self) -> None:
        """Say that something is newly owed or waiting, or that a channel was opened again."""
        self._gatherer.wake()
        self._awake.set()

    async def stop(self, grace: float) -> None:
        """Let what is under way finish within `grace` seconds, and end `run`.

        What is not finished stays `sending`, and is in doubt at the next start: nobody knows
        whether the platform took it.
        """
        self._stopping = True
        self._awake.set()
        if self._runner is None:
            return
        await asyncio.wait({self._runner}, timeout=grace)
        if not self._runner.done():
            log.warning("sends unfinished", alerts=len(self._under_way))
            await self._abandon()
            await asyncio.wait({self._runner})

    async def _round(self) -> timedelta:
        """Start whatever can be started, and say how long there is nothing to do."""
        self._awake.clear()
        try:
            await self._gatherer.gather(self._clock.now())
            self._look_after()
            while not self._stopping and (claim := await self._claim()):
                self._start(claim)
            return await self._until_next()
        except Exception:  # The store may be back in a moment; the loop must be there then.
            log.exception("delivery in trouble", next_try=str(_REST_AFTER_TROUBLE))
            return _REST_AFTER_TROUBLE

    def _look_after(self) -> None:
        """Have the parked channels inspected beside the sending, never twice at once."""
        busy = self._looking_after and not self._looking_after.done()
        if not busy and self._doorman.is_due(self._clock.now()):
            self._looking_after = asyncio.create_task(self._open_parked())

    async def _open_parked(self) -> None:
        try:
            if await self._doorman.look_after():
                self._awake.set()
        except Exception:  # The next look is half an hour away; sending goes on meanwhile.
            log.exception("parked channels not looked after")

    async def _claim(self) -> Claim | None:
        platforms = self._with_room()
        return await self._store.claim(platforms, self._clock.now()) if platforms else None

    def _with_room(self) -> Sequence[str]:
        """Return the platforms to which more messages may be on their way."""
        busy = Counter(self._under_way.values())
        return [name for name in self._platforms if busy[name] < self._at_once]

    def _start(self, claim: Claim) -> None:
        task = asyncio.create_task(self._courier.carry_out(claim))
        self._under_way[task] = claim.post.channel.platform
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._awake.set()

    async def _until_next(self) -> timedelta:
        times = (await self._store.next_action_at(self._with_room()), self._gatherer.next_at)
        soonest = min((at for at in times if at), default=None)
        rest = soonest - self._clock.now() if soonest else _LONGEST_REST
        return min(max(rest, _SHORTEST_REST), _LONGEST_REST)

    async def _rest(self, longest: timedelta) -> None:
        waits = [
            asyncio.ensure_future(self._awake.wait()),
            asyncio.ensure_future(self._clock.sleep(longest.total_seconds())),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _abandon(self) -> None:
        tasks = [*self._under_way, *([self._looking_after] if self._looking_after else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
