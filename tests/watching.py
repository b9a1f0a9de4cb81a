"""A service over fakes, in which people decide in chat and outlets publish."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.alerts.decide import alert_id
from bot.app import watch_of
from bot.model import (
    Alert,
    Change,
    ChannelRef,
    FetchResult,
    Mute,
    MuteScope,
    Origin,
    Rule,
    Thing,
)
from bot.ports import Store, Wanted
from bot.service import Doors, Service
from bot.settings import Settings, load
from bot.store.memory import MemoryStore
from bot.watch import Watch
from handlers import PLATFORMS
from tests.build import a_rule
from tests.fakes import FakeChat, FakeClock, FakeSandbox
from tests.newsroom import FakeFetcher, Newsroom

PATIENCE = 10.0
LONG = timedelta(hours=7).total_seconds()
"""Longer than any feed rests."""

DESK = ChannelRef("slack", "#desk")
GUILD = ChannelRef("discord", "900")
OLD = "The council met on Monday to hear about the budget of the coming year."
RED = "A blockade of Port Avel is a red line, Prime Minister Ilse Marten told reporters."
FERRY = "The ferry between Port Avel and the islands stops running on Sunday, its owner said."


class Guild(FakeChat):
    """A chat whose channels lie in another workspace."""

    def home_of(self, channel: ChannelRef) -> str | None:
        return "G1" if channel.platform == self.platform else None


class Slow(FakeChat):
    """A chat that opens when it is told to, and knows no channel before."""

    def __init__(self, clock: FakeClock, platform: str) -> None:
        super().__init__(clock, platform)
        self.may_open = asyncio.Event()

    async def open(self) -> None:
        await self.may_open.wait()
        await super().open()

    def home_of(self, channel: ChannelRef) -> str | None:
        return super().home_of(channel) if self.is_open else None


@dataclass
class Press:
    """Two outlets behind one fetcher; it can be told to hold an answer back."""

    clock: FakeClock
    courier: Newsroom = field(default_factory=Newsroom)
    gazette: Newsroom = field(default_factory=lambda: Newsroom("https://gazette.example"))
    asked: list[str] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def fetch(self, wanted: Wanted) -> FetchResult:
        self.asked.append(wanted.url)
        room = self.gazette if "gazette" in wanted.url else self.courier
        answer = await FakeFetcher(room, self.clock).fetch(wanted)
        if self.held:
            await self.held.wait()
        return answer


@dataclass
class World:
    """A service over fakes, in which people decide and outlets publish."""

    clock: FakeClock
    settings: Settings
    press: Press
    slack: FakeChat
    discord: FakeChat
    store: Store = field(default_factory=MemoryStore)
    number: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Watch]:
        """Run the service until the block ends, and stop it as SIGTERM does."""
        await self.store.open()
        watch = watch_of(self.settings, self.store, self.clock)
        doors = Doors(
            store=self.store,
            fetcher=self.press,
            sandbox=FakeSandbox(),
            chats=(self.slack, self.discord),
            clock=self.clock,
            watch=watch,
        )
        stop = asyncio.Event()
        running = asyncio.create_task(Service(self.settings, doors).run(stop))
        await settled()
        try:
            yield watch
            assert not running.done(), "the service ended by itself"
        finally:
            stop.set()
            await asyncio.wait_for(running, PATIENCE)
            await self.store.close()

    async def poll(self) -> None:
        """Let every feed be due, and everything that follows be done."""
        self.clock.advance(LONG)
        await settled()
        self.clock.advance(60)
        await settled()

    def change(self, before: Thing | None, after: Thing | None, **given: Any) -> Change:
        """A change that somebody makes."""
        self.number += 1
        thing = after or before
        subject = thing.name if isinstance(thing, Rule) else str(self.number)
        return Change(
            id=f"change-{self.number}",
            at=self.clock.now(),
            platform="slack",
            workspace="T1",
            channel_id="C1",
            user_id="U1",
            what="watch edit",
            subject=subject,
            before=before,
            after=after,
            **given,
        )

    def mute(self, target: str, hours: float | None = 1, **given: Any) -> Mute:
        """A mute of a rule in T1, or its pause."""
        now = self.clock.now()
        wished: dict[str, Any] = {
            "id": f"mute-{target}-{self.number}",
            "scope": MuteScope.RULE,
            "target": target,
            "label": target,
            "workspace": "T1",
            "user_id": "U1",
            "at": now,
            "until": None if hours is None else now + timedelta(hours=hours),
        }
        return Mute(**(wished | given))

    def titles(self, chat: FakeChat) -> list[str]:
        """The titles of the cards that a chat was sent, in their order."""
        return [chat.shown[one.message.message_id].title for one in chat.accepted]


async def settled() -> None:
    """Let every task that can run do so."""
    for _ in range(200):
        await asyncio.sleep(0)


async def told_of(world: World, slug: str, channel: ChannelRef = DESK, version: int = 1) -> Alert:
    """What was decided for a channel about an article of the Courier."""
    url = f"{world.press.courier.site}/news/{slug}"
    latest = (await world.store.latest(None, 50, None)).articles
    (article,) = [one for one in latest if one.link == url]
    record = await world.store.alert(alert_id(channel, article.id, article.id, version))
    assert record is not None
    return record.alert


def a_world(clock: FakeClock, tmp_path: Path) -> World:
    """A team with one feed, and one rule that tells two workspaces."""
    (tmp_path / "redline.yaml").write_text("contact: https://courier.example/about\n")
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n  - {id: courier, url: 'https://courier.example/feed.xml', fulltext: never}\n"
    )
    (tmp_path / "rules.yaml").write_text(
        "rules:\n  - name: red-line\n    when: '\"red line\"'\n"
        '    to: ["slack:#desk", "discord:900"]\n'
    )
    settings = replace(load(tmp_path, {}, PLATFORMS), database=tmp_path / "redline.db")
    press = Press(clock)
    press.courier.publish("council", OLD, teaser=OLD)
    press.gazette.publish("festival", OLD, teaser=OLD)
    slack, discord = FakeChat(clock, "slack"), Guild(clock, "discord")
    return World(clock=clock, settings=settings, press=press, slack=slack, discord=discord)


def a_chat_rule(**changed: Any) -> Rule:
    """A rule that was written in T1."""
    given: dict[str, Any] = {"when": "ferry", "origin": Origin.CHAT, "workspace": "T1"}
    return a_rule("ferries", DESK, **(given | changed))
