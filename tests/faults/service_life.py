"""The whole service as a process of its own, which a test may stop, kill and start again.

It is started as a person starts it, `python -m bot run --config DIR`, with the environment that
points it at the emulators; what it logs is kept.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.errors import StoreError
from bot.model import AlertState
from bot.ports import PollRecord
from bot.store.sql import SqlStore
from tests.house import House, house_of, messages_of, tally_of

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that a test waits for something that is to happen, on a busy machine."""

RULE = 'place:"Port Avel" AND "red line"'
SETTINGS = """\
database: {database}
poll:
  allow_private_networks: [127.0.0.1/32]
delivery:
  settle: 3s
  send_timeout: 3s
  lease: 30s
"""
TEASER = "Boarding a freighter at Port Avel would cross a red line, officials said on Monday…"
PARAGRAPHS = (
    "Boarding a freighter at Port Avel would cross a red line, officials said on Monday evening.",
    "The harbour authority expects the talks about the escorts to go on for the rest of the week.",
)
UNSETTLED = (AlertState.OWED, AlertState.SENDING, AlertState.IN_DOUBT)


class EndedError(Exception):
    """The service ended although nobody asked it to."""


@dataclass
class Life:
    """One run of the service."""

    process: asyncio.subprocess.Process
    log: Path

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once something holds."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await self.moment()

    async def moment(self) -> None:
        """Let it live on for a moment; it must not have ended."""
        if self.process.returncode is not None:
            raise EndedError(self.log.read_text()[-4000:])
        await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.terminate()
        return await self.ended()

    async def ended(self) -> int:
        """Return its exit code once it has ended."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    def lines(self) -> list[dict[str, Any]]:
        """Return what it logged; every line must be JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@dataclass
class Team:
    """A house whose service is a process of its own."""

    house: House
    lives: list[Life] = field(default_factory=list)

    @asynccontextmanager
    async def life(self) -> AsyncIterator[Life]:
        """Start the service, with every feed due; it is killed if the block leaves it alive."""
        self.house.write()
        await self._an_hour_passes()
        log = self.house.folder / f"log-{len(self.lives)}.jsonl"
        with log.open("wb") as written:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", "--config", str(self.house.folder),
                stdout=written, stderr=written, cwd=self.house.folder,
                env={"PYTHONPATH": str(ROOT), **self.house.variables()},
            )  # fmt: skip
        life = Life(process, log)
        self.lives.append(life)
        try:
            yield life
        finally:
            if process.returncode is None:
                await life.kill()

    @property
    def database(self) -> Path:
        return self.house.folder / "redline.db"

    async def _an_hour_passes(self) -> None:
        """Make every feed due, as it is after the pause that publishers are left."""
        if not self.database.exists():
            return
        now = SystemClock().now()
        store = SqlStore(self.database)
        await store.open()
        for state in await store.due_feeds(now + timedelta(days=30), 100):
            await store.remember(PollRecord(state=replace(state, next_poll_at=now)))
        await store.close()

    async def has_baseline(self, life: Life) -> None:
        """Return once every feed was read for the first time."""
        async with asyncio.timeout(PATIENCE):
            while not await self._remembers_all():
                await life.moment()

    async def _remembers_all(self) -> bool:
        if not self.database.exists():
            return False
        try:
            feeds = (await tally_of(self.house)).feeds
        except StoreError:  # Its first start is making the tables at this moment.
            return False
        return bool(feeds) and all(feed.baseline_done for feed in feeds)

    async def is_quiet(self, life: Life, posted: int) -> None:
        """Return once so many alerts are posted and nothing is owed or in doubt."""
        async with asyncio.timeout(PATIENCE):
            while not await self._settled(posted):
                await life.moment()

    async def _settled(self, posted: int) -> bool:
        states = (await tally_of(self.house)).states
        return states[AlertState.POSTED] >= posted and not any(states[s] for s in UNSETTLED)

    async def count(self, platform: str, state: AlertState) -> int:
        """Return how many alerts to a platform are in a state."""
        channels = (await tally_of(self.house)).channels
        return sum(n.get(state, 0) for ref, n in channels.items() if ref.platform == platform)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the service from committing anything."""
        with sqlite3.connect(self.database, isolation_level=None) as stranger:
            stranger.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                stranger.execute("ROLLBACK")
        stranger.close()

    def publish(self, slug: str) -> None:
        """Publish an article that the rule holds for; its title is its slug."""
        self.house.newsroom.publish(slug, *PARAGRAPHS, title=title_of(slug), teaser=TEASER)
        self.house.publish()

    def times_told(self, slug: str) -> tuple[int, int]:
        """Return how often Slack and Discord accepted the card of an article."""
        in_slack, in_discord = messages_of(self.house)
        title = title_of(slug)
        return sum(title in said for said in in_slack), sum(title in said for said in in_discord)


def title_of(slug: str) -> str:
    """Return a title that is part of no other article's."""
    return f"Report {slug} from the harbour"


@asynccontextmanager
async def team_of(folder: Path, prepare: Callable[[House], object] = bool) -> AsyncIterator[Team]:
    """A team whose service has read its feeds for the first time, and was stopped.

    `prepare` may add feeds and change settings before. Its Discord forgets nonces at once: the
    protocol has to hold without that help.
    """
    async with house_of(folder, RULE, nonce_window=timedelta(0)) as house:
        house.redline = SETTINGS.format(database=folder / "redline.db")
        prepare(house)
        team = Team(house)
        async with team.life() as life:
            await team.has_baseline(life)
            code = await life.stop()
        if code:
            raise EndedError(life.log.read_text()[-4000:])
        yield team
