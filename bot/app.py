"""The one place that puts the parts together. Tests call it with fakes; nothing else chooses."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog

from bot.ailing import FeedCare, Household
from bot.atlas import Atlas
from bot.commands import MENU, Desk, Web, answer, carry_out, submit, suggest
from bot.commands.home import home
from bot.control import Control, resume, socket_of
from bot.delivery import Delivery, DeliveryOptions
from bot.errors import ChatError
from bot.feeds.fetch import FetchPolicy, WebFetcher
from bot.feeds.guard import WEB_PORTS, ports_of
from bot.feeds.schedule import Pace
from bot.judge import Judge
from bot.model import Menu, Notice, NoticeKind
from bot.notices import Notices
from bot.pipeline import Pipeline, PipelineParts
from bot.poller import Poller
from bot.ports import Chat, Clock, Fetcher, Platform, Sandbox, Serve, Store
from bot.rulebook import Rulebook
from bot.rules.match import Matcher
from bot.rules.normal import folded_text
from bot.rules.read import read_rule
from bot.rules.rule import CompiledRule, Names
from bot.sandbox import ProcessSandbox
from bot.settings import Settings, rules_yaml
from bot.store.sql import SqlStore
from bot.trials import TrialReports
from bot.upkeep import Overdue, Upkeep
from bot.version import VERSION
from bot.watch import Given, Memory, Watch

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


class Door(Protocol):
    """Something that is opened before it is used, and closed after."""

    async def open(self) -> None:
        """Open it."""
        ...

    async def close(self) -> None:
        """Close it."""
        ...


@asynccontextmanager
async def opened(*doors: Door) -> AsyncIterator[None]:
    """Open the doors in order and close them in the opposite one."""
    async with AsyncExitStack() as stack:
        for door in doors:
            await door.open()
            stack.push_async_callback(door.close)
        yield


def names_of(settings: Settings) -> Names:
    """Return what rules may refer to."""
    return Names(people=settings.people, places=settings.places, sets=settings.sets)


def compiled_rules(settings: Settings) -> Sequence[CompiledRule]:
    """Return all rules of the settings, read."""
    names = names_of(settings)
    return [read_rule(rule, names) for rule in settings.rules]


def judge_of(settings: Settings) -> Judge:
    """Return the judge of all rules of the settings."""
    rulebook = Rulebook(Matcher(compiled_rules(settings)))
    return Judge(rulebook, {rule.name: rule for rule in settings.rules})


def fetcher_of(settings: Settings, clock: Clock, *typed: str) -> WebFetcher:
    """Return the fetcher that the settings ask for, not yet open.

    The ports of the web are open to it, and those that an admin wrote into a feed's address or
    `typed` as an address on the command line.
    """
    poll = settings.poll
    contact = f"; +{settings.contact}" if settings.contact else ""
    policy = FetchPolicy(
        user_agent=f"Redline/{VERSION} (policy news alerts{contact})",
        allowed=poll.allow_private_networks,
        ports=WEB_PORTS | ports_of((*typed, *(feed.url for feed in settings.feeds))),
        per_host=poll.per_host,
        concurrency=poll.concurrency,
        connect=poll.connect_timeout.total_seconds(),
        total=poll.timeout.total_seconds(),
        max_decoded=poll.max_bytes,
    )
    return WebFetcher(policy, clock)


def sandbox_of() -> ProcessSandbox:
    """Return the sandbox with all parsers of untrusted bytes, not yet open."""
    return ProcessSandbox(preload=("bot.feeds.discover", "bot.articles.read"))


def chats_of(settings: Settings, platforms: Sequence[Platform], serve: Serve) -> tuple[Chat, ...]:
    """Return a chat for each platform whose settings suffice to connect, not yet open."""
    return tuple(
        platform.connect(settings.platforms[platform.name], serve)
        for platform in platforms
        if platform.ready(settings.platforms[platform.name])
    )


def menu_of(settings: Settings) -> Menu:
    """Return the commands, with the prefix that the settings give them."""
    return replace(MENU, prefix=settings.command_prefix)


def watch_of(settings: Settings, memory: Memory, clock: Clock) -> Watch:
    """Return what is watched: the settings' own, before what people decided in chat is loaded."""
    rules = compiled_rules(settings)
    given = Given(
        rules={compiled.rule.name: compiled for compiled in rules},
        feeds=settings.feeds,
        names=names_of(settings),
    )
    return Watch(given, memory, Rulebook(Matcher(rules)), clock)


def desk_of(settings: Settings, store: Store, clock: Clock, web: Web) -> Desk:
    """Return what commands may use; it knows of no chat yet."""
    return Desk(
        archive=store,
        register=store,
        clock=clock,
        menu=menu_of(settings),
        watch=watch_of(settings, store, clock),
        write_rules=rules_yaml,
        access=settings.access,
        places=tuple(settings.channels),
        web=web,
        chats=[],
    )


def serve_of(desk: Desk) -> Serve:
    """Return what the service gives to the platforms."""
    return Serve(
        answer=partial(answer, desk=desk),
        clock=desk.clock,
        menu=desk.menu,
        carry_out=partial(carry_out, desk=desk),
        submit=partial(submit, desk=desk),
        suggest=partial(suggest, desk=desk),
        home=partial(home, desk=desk),
        inbox=desk.archive,
        groups=desk.access.named(),
    )


def chats_of_service(
    settings: Settings, platforms: Sequence[Platform], desk: Desk
) -> tuple[Chat, ...]:
    """Return the chats with the commands of `desk`, which learns where their channels lie."""
    chats = chats_of(settings, platforms, serve_of(desk))
    desk.chats.extend(chats)
    return chats


@asynccontextmanager
async def real_doors(
    settings: Settings, platforms: Sequence[Platform], clock: Clock
) -> AsyncIterator[Doors]:
    """Open the database, the sandbox and the web for as long as the context lasts.

    The chats are made, and opened by the service, so that one that refuses holds up nobody.

    Raises:
        StoreError: the database is in use, damaged, or newer than this program.
    """
    store = SqlStore(settings.database, settings.delivery, settings.channels, fold=folded_text)
    sandbox = sandbox_of()
    fetcher = fetcher_of(settings, clock)
    async with opened(store, sandbox, fetcher):
        desk = desk_of(settings, store, clock, Web(fetcher, sandbox))
        chats = chats_of_service(settings, platforms, desk)
        yield Doors(
            store=store,
            fetcher=fetcher,
            sandbox=sandbox,
            chats=chats,
            clock=clock,
            watch=desk.watch,
        )


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
        places = {"concurrency": poll.concurrency, "per_host": poll.per_host}
        self._poller = Poller(doors.store, self.pipeline.poll, doors.clock, **places)
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
                await self._notices.give(trouble)
            await self._doors.clock.sleep(pause.total_seconds())
            pause = min(pause * 2, LAST_RETRY)
        self._tried[chat.platform].set()
        log.info("platform open", platform=chat.platform)

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
