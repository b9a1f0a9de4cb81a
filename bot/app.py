"""The one place that puts the parts together. Tests call it with fakes; nothing else chooses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Protocol

from bot.commands import MENU, Desk, Web, answer, carry_out, submit, suggest
from bot.commands.home import home
from bot.feeds.fetch import FetchPolicy, WebFetcher
from bot.feeds.guard import WEB_PORTS, ports_of
from bot.judge import Judge
from bot.model import Menu
from bot.ports import Chat, Clock, Platform, Serve, Store
from bot.rulebook import Rulebook
from bot.rules.match import Matcher
from bot.rules.normal import folded_text
from bot.rules.read import read_rule
from bot.rules.rule import CompiledRule, Names
from bot.sandbox import ProcessSandbox
from bot.service import Doors
from bot.settings import Settings, rules_yaml
from bot.store.sql import SqlStore
from bot.version import VERSION
from bot.watch import Given, Memory, Watch


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
