"""A running Redline: polls, keeps house, and delivers to each platform on its own."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.ailing import FeedCare, Household
from bot.atlas import Atlas
from bot.control import Control, resume, socket_of
from bot.delivery import Delivery, DeliveryOptions
from bot.errors import ChatError
from bot.feeds.schedule import Pace
from bot.model import Notice, NoticeKind
from bot.notices import Notices
from bot.pipeline import Pipeline, PipelineParts
from bot.poller import Poller
from bot.ports import Chat, Clock, Fetcher, Sandbox, Store
from bot.settings import Settings
from bot.trials import TrialReports
from bot.upkeep import Overdue, Upkeep
from bot.watch import Watch

GRACE = 8.0
"""Seconds that what is in flight gets when the service is asked to stop."""

SWITCH = 0.0005
"""Seconds after which a thread that computes gives way to the loop. Python's own five milliseconds
are waited at every step of an answer while the database's thread is at work."""

CLOSING = 2.0
"""Seconds that a platform gets to disconnect; with `GRACE` the ten that containers allow."""

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=10)
"""How long a platform that cannot be opened is left alone: at first, and at most."""

LASTING = timedelta(minutes=1)
"""A platform that is left alone for so long was tried for over a minute: no hiccup any more."""

OPENING = timedelta(seconds=20)
"""How long polling waits, at the start, for platforms that neither open nor refuse."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The doors to the world, open, and what is watched through them."""

    store: Store
    fetcher: Fetcher
    sandbox: Sandbox
    chats: tuple[Chat, ...]
    clock: Clock
    watch: Watch


class Service:
    """A running Redline: polls, and delivers to each platform on its own."""

    def __init__(self, settings: Settings, doors: Doors) -> None:
        """Put the parts together; nothing runs yet."""
        self._settings = settings
        self._doors = doors
        self._deliveries: dict[str, Delivery] = {}
        self._tried = {chat.platform: asyncio.Event() for chat in doors.chats}
        watch, poll, self._atlas = doors.watch, settings.poll, Atlas(doors.chats)
        parts = PipelineParts(
            store=doors.store,
            fetcher=doors.fetcher,
            sandbox=doors.sandbox,
            judge=watch.judge(self._atlas.locate),
            clock=doors.clock,
            pace=Pace(shortest=poll.min_interval, longest=poll.max_interval),
        )
        self.pipeline = Pipeline(parts, watch.feeds, self.wake)
        self._notices = Notices(settings.notices, doors.store, doors.clock, self.wake)
        self._poller = Poller(
            doors.store,
            self.pipeline.poll,
            doors.clock,
            concurrency=poll.concurrency,
            per_host=poll.per_host,
        )
        watch.feeds_changed = self._poller.wake

    @property
    def open_platforms(self) -> frozenset[str]:
        """The names of the platforms that are open and being delivered to."""
        return frozenset(self._deliveries)

    def wake(self) -> None:
        """Tell the deliveries that something is owed."""
        for delivery in self._deliveries.values():
            delivery.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then finish what is in flight within ten seconds."""
        sys.setswitchinterval(SWITCH)
        doors = self._doors
        await doors.watch.load()
        self._warn_of_the_unserved()
        control = Control(
            socket_of(self._settings.database), [resume(doors.store, doors.clock, self.wake)]
        )
        await control.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(work)
                    for work in (
                        self._poll(),
                        doors.watch.run(),
                        self._atlas.run(doors.watch.channels, doors.clock),
                        self._upkeep().run(),
                        TrialReports(doors.watch, doors.store, doors.clock, self.wake).run(),
                        *(self._deliver(chat) for chat in doors.chats),
                    )
                ]
                await stop.wait()
                log.info("stopping", grace=GRACE)
                await self._stop()
                for task in running:
                    task.cancel()
        finally:
            await control.close()

    def _upkeep(self) -> Upkeep:
        doors, channels = self._doors, self._settings.notices
        overdue = Overdue(doors.store, self._tried, doors.clock, self._notices.give)
        household = Household(doors.store, doors.clock, doors.watch.feeds, channels, self.wake)
        feeds = FeedCare(household)
        return Upkeep(doors.clock, overdue.let_go, overdue.give_up, feeds.look)

    async def _poll(self) -> None:
        """Poll, once each platform was tried: only they know where the muted channels lie.

        A platform that takes longer than a moment holds up the news no longer.
        """
        tried = asyncio.create_task(self._all_tried())
        patience = asyncio.create_task(self._doors.clock.sleep(OPENING.total_seconds()))
        try:
            await asyncio.wait({tried, patience}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            tried.cancel()
            patience.cancel()
        await self._poller.run()

    async def _all_tried(self) -> None:
        for event in self._tried.values():
            await event.wait()

    async def _deliver(self, chat: Chat) -> None:
        """Open a platform, however long that takes, and send to it what is owed."""
        try:
            await self._open(chat)
            settings, notices = self._settings, self._notices
            options = DeliveryOptions(
                policy=settings.delivery, channels=settings.channels, notify=notices.give
            )
            delivery = Delivery(self._doors.store, [chat], self._doors.clock, options)
            self._deliveries[chat.platform] = delivery
            await delivery.run()
        finally:
            await _close(chat)

    async def _open(self, chat: Chat) -> None:
        pause = FIRST_RETRY
        while trouble := await _trouble_of(chat, pause):
            self._tried[chat.platform].set()
            if pause >= LASTING:
                await self._tell(trouble)
            await self._doors.clock.sleep(pause.total_seconds())
            pause = min(pause * 2, LAST_RETRY)
        self._tried[chat.platform].set()
        log.info("platform open", platform=chat.platform)

    async def _tell(self, trouble: Notice) -> None:
        """Tell of a platform that stays closed; with the store in trouble, only the log has it."""
        try:
            await self._notices.give(trouble)
        except Exception:
            log.exception("notice lost", about=trouble.about)

    def _warn_of_the_unserved(self) -> None:
        """Say which channels the rules name on platforms that are not connected."""
        served = {chat.platform for chat in self._doors.chats}
        for ref in self._doors.watch.channels():
            if ref.platform not in served:
                log.warning(
                    "channel without a platform",
                    channel=str(ref),
                    why=f"{ref.platform} is not set up, so what it is owed waits, for a week",
                    advice="redline check says what is missing",
                )

    async def _stop(self) -> None:
        """Stop polling and sending at the same time; both have the same grace."""
        deliveries = [delivery.stop(GRACE) for delivery in self._deliveries.values()]
        await asyncio.gather(self._poller.stop(GRACE), *deliveries)


async def _trouble_of(chat: Chat, pause: timedelta) -> Notice | None:
    """Open a platform; where it does not open, say so. No platform stops the others."""
    try:
        await chat.open()
    except ChatError as error:
        log.error(  # noqa: TRY400 - the message says it all; a traceback would hide it
            "platform not open",
            platform=chat.platform,
            why=str(error),
            next_try=str(pause),
        )
        return _closed(chat, error.problem, error.advice)
    except Exception as error:
        log.exception("platform not open", platform=chat.platform, next_try=str(pause))
        return _closed(chat, type(error).__name__, "The log has the whole of it.")
    return None


def _closed(chat: Chat, said: str, advice: str) -> Notice:
    return Notice(kind=NoticeKind.CLOSED, platform=chat.platform, said=said, advice=advice)


async def _close(chat: Chat) -> None:
    """Disconnect from a platform; one that hangs or breaks must not hold up the end."""
    try:
        async with asyncio.timeout(CLOSING):
            await chat.close()
    except Exception:
        log.exception("platform not closed", platform=chat.platform)
