"""The service as a whole: one part in trouble never stops the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.app import watch_of
from bot.model import ChannelRef, FetchResult, NotModified
from bot.ports import Wanted
from bot.service import FIRST_RETRY, Doors, Service
from bot.settings import Settings, load
from bot.store.memory import MemoryStore
from handlers import PLATFORMS
from tests.contracts.store_world import owed, owing
from tests.fakes import FakeChat, FakeClock, FakeSandbox

PATIENCE = 10.0


class Stubborn(FakeChat):
    """A platform whose adapter breaks as nobody foresaw, for as long as it is told to."""

    def __init__(self, clock: FakeClock, platform: str) -> None:
        super().__init__(clock, platform)
        self.breaks_on_open = True
        self.breaks_on_close = self.hangs_on_close = False

    async def open(self) -> None:
        if self.breaks_on_open:
            raise RuntimeError("a fault of the adapter")
        await super().open()

    async def close(self) -> None:
        if self.hangs_on_close:
            await asyncio.Event().wait()
        if self.breaks_on_close:
            raise RuntimeError("a fault of the adapter")
        await super().close()


@dataclass
class Web:
    """A fetcher that has nothing new, or never answers."""

    clock: FakeClock
    hangs: bool = False
    asked: list[Wanted] = field(default_factory=list)

    async def fetch(self, wanted: Wanted) -> FetchResult:
        self.asked.append(wanted)
        if self.hangs:
            await asyncio.Event().wait()
        return NotModified(url=wanted.url, fetched_at=self.clock.now())


class Forgetful(MemoryStore):
    """A store that cannot say what is due, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    async def due_feeds(self, *asked: object) -> object:  # type: ignore[override]  # it only fails
        if self._times:
            self._times -= 1
            raise OSError("the disk is away")
        return await super().due_feeds(*asked)  # type: ignore[arg-type]  # handed on as it came


@dataclass
class World:
    """A service over fakes."""

    clock: FakeClock
    settings: Settings
    good: FakeChat
    stubborn: Stubborn
    web: Web
    store: MemoryStore = field(default_factory=MemoryStore)
    service: Service | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        """Run the service until the block ends, and stop it as SIGTERM does."""
        await self.store.open()
        doors = Doors(
            store=self.store,
            fetcher=self.web,
            sandbox=FakeSandbox(),
            chats=(self.good, self.stubborn),
            clock=self.clock,
            watch=watch_of(self.settings, self.store, self.clock),
        )
        stop = asyncio.Event()
        service = Service(self.settings, doors)
        running = asyncio.create_task(service.run(stop))
        try:
            yield service
            assert not running.done(), "the service ended by itself"
        finally:
            stop.set()
            await asyncio.wait_for(running, PATIENCE)


@pytest.fixture
def world(clock: FakeClock, tmp_path: Path) -> World:
    """A team whose rules name two platforms, of which one is stubborn."""
    (tmp_path / "redline.yaml").write_text("contact: https://courier.example/about\n")
    (tmp_path / "feeds.yaml").write_text("feeds:\n  - url: https://courier.example/feed.xml\n")
    (tmp_path / "rules.yaml").write_text(
        "rules:\n  - name: red\n    title: Red\n    when: sanctions\n"
        '    to: ["slack:#desk", "discord:1187500000000000000"]\n'
    )
    settings = replace(load(tmp_path, {}, PLATFORMS), database=tmp_path / "redline.db")
    return World(
        clock=clock,
        settings=settings,
        good=FakeChat(clock),
        stubborn=Stubborn(clock, "stubborn"),
        web=Web(clock),
    )


async def settled() -> None:
    """Let every task that can run do so."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_platform_that_breaks_while_it_opens_is_tried_again(world: World) -> None:
    """A fault nobody foresaw in one adapter neither stops the service nor the other platform."""
    async with world.running() as service:
        await settled()
        assert service.open_platforms == {"fake"}

        world.stubborn.breaks_on_open = False
        world.clock.advance(FIRST_RETRY.total_seconds())
        await settled()

        assert service.open_platforms == {"fake", "stubborn"}


@pytest.mark.parametrize("fault", ["breaks_on_close", "hangs_on_close"])
async def test_a_platform_that_does_not_close_holds_up_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The service ends although an adapter breaks or hangs while it disconnects."""
    monkeypatch.setattr("bot.service.CLOSING", 0.01)
    world.stubborn.breaks_on_open = False
    setattr(world.stubborn, fault, True)

    async with world.running():
        await settled()

    assert not world.good.is_open


async def test_a_store_in_trouble_does_not_end_the_polling(world: World) -> None:
    """Where the store cannot say what is due, it is asked again in a while."""
    world.store = Forgetful(times=1)
    async with world.running():
        await settled()
        assert world.web.asked == []

        world.clock.advance(60)
        await settled()

        assert len(world.web.asked) == 1


async def test_a_publisher_that_never_answers_does_not_hold_up_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in flight gets its grace, then is cut off; the feed is due again."""
    monkeypatch.setattr("bot.service.GRACE", 0.01)
    world.web.hangs = True
    async with world.running():
        await settled()
        assert len(world.web.asked) == 1

    assert len(await world.store.due_feeds(world.clock.now(), 10)) == 1


async def test_a_channel_without_a_platform_is_told_of_at_the_start(world: World) -> None:
    """A rule that posts to a platform without token is said aloud, with what to do."""
    with capture_logs() as logs:
        async with world.running():
            await settled()

    told = [line for line in logs if line["event"] == "channel without a platform"]
    assert [line["channel"] for line in told] == ["slack:#desk", "discord:1187500000000000000"]
    assert {line["log_level"] for line in told} == {"warning"}


async def test_what_nobody_can_deliver_is_given_up_in_the_end(world: World) -> None:
    """A week after its decision an alert for a platform without token is dead, and the log says."""
    slack = ChannelRef("slack", "#desk")
    with capture_logs() as logs:
        async with world.running():
            await world.store.remember(owing(owed("k1", slack, decided_at=world.clock.now())))
            for _ in range(7 * 24 + 1):
                world.clock.advance(3600)
                await settled()
            (dead,) = await world.store.dead(10)

    assert dead.why == "slack was not set up for 7 days"
    (line,) = [line for line in logs if line["event"] == "alert given up"]
    assert (line["channel"], line["title"]) == ("slack:#desk", "Card of k1")


async def test_what_is_owed_is_sent_while_another_platform_is_away(world: World) -> None:
    """A platform that cannot be opened holds back none but its own alerts."""
    async with world.running() as service:
        await world.store.remember(owing(owed("k1", ChannelRef("fake", "#desk"))))
        service.wake()
        await settled()

        assert world.good.keys() == ["k1"]
