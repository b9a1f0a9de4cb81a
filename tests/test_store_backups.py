"""A backup that is restored: what was posted since it was made is not posted again."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.delivery import Delivery
from bot.errors import StoreError
from bot.model import AlertState
from bot.ports import PollRecord
from bot.store.sql import SqlStore
from bot.store.sqlite import begin_anew
from tests.contracts.store_world import owed, state
from tests.fakes import FakeChat, FakeClock

FEEDS = ("gazette", "wire")


@dataclass
class Newsroom:
    """A database, and a platform that remembers better."""

    path: Path
    clock: FakeClock
    chat: FakeChat
    store: SqlStore

    async def poll(self, feed: str, *names: str) -> None:
        """Read a feed, which brings news for the desk."""
        now = self.clock.now()
        read = replace(state(feed), last_polled_at=now, last_success_at=now, baseline_done=True)
        news = [owed(name, decided_at=now, story_id=name) for name in names]
        await self.store.remember(PollRecord(state=read, owed=tuple(news)))

    async def deliver(self) -> None:
        """Send what is owed, for ten minutes."""
        delivery = Delivery(self.store, (self.chat,), self.clock)
        for _ in range(600):
            await delivery.step()
            self.clock.advance(1)

    def back_up(self) -> Path:
        """Copy the database as docs/running.md says, beside the service."""
        copy = self.path.with_name("copy.db")
        with (
            contextlib.closing(sqlite3.connect(self.path)) as this,
            contextlib.closing(sqlite3.connect(copy)) as that,
        ):
            this.backup(that)
        return copy

    async def restore(self, copy: Path) -> None:
        """Stop, put the copy in the place of the database, and start."""
        await self.store.close()
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        shutil.copy(copy, self.path)
        await self.store.open()

    async def states(self, *names: str) -> list[AlertState]:
        records = [await self.store.alert(name) for name in names]
        return [record.state for record in records if record]


@pytest.fixture
async def room(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Newsroom]:
    """A newsroom that has read its feeds and owes nothing."""
    path = tmp_path / "redline.db"
    room = Newsroom(path, clock, FakeChat(clock, "slack"), SqlStore(path))
    await room.store.open()
    for feed in FEEDS:
        await room.poll(feed)
    yield room
    await room.store.close()


async def test_what_a_backup_owes_is_not_posted_again(room: Newsroom) -> None:
    """What was posted since the backup is found; what was not is posted."""
    await room.poll("wire", "k1", "k2")
    copy = room.back_up()
    await room.deliver()
    room.clock.advance(3600)
    with capture_logs() as logs:
        await room.restore(copy)

    assert await room.states("k1", "k2") == [AlertState.IN_DOUBT, AlertState.IN_DOUBT]
    assert [line["event"] for line in logs] == ["database restored from a backup"]
    await room.deliver()
    assert room.chat.keys() == ["k1", "k2"]
    assert await room.states("k1", "k2") == [AlertState.POSTED, AlertState.POSTED]


async def test_what_feeds_bring_again_is_not_posted_again(room: Newsroom) -> None:
    """News that came after the backup comes anew, and is looked for; what is new is posted."""
    await room.poll("wire", "k0")
    await room.deliver()
    copy = room.back_up()
    for feed, name in zip(FEEDS, ("k1", "k2"), strict=True):
        await room.poll(feed, name)
    await room.deliver()
    room.clock.advance(3000)
    await room.restore(copy)
    for feed, name in zip(FEEDS, ("k1", "k2"), strict=True):
        await room.poll(feed, name, f"{name}-new")
    await room.deliver()

    assert sorted(room.chat.keys()) == ["k0", "k1", "k1-new", "k2", "k2-new"]


async def test_it_is_known_after_the_next_start_too(room: Newsroom) -> None:
    """A service that stops before it has read a feed again still looks first."""
    copy = room.back_up()
    await room.poll("wire", "k1")
    await room.deliver()
    await room.restore(copy)
    await room.store.close()
    await room.store.open()
    await room.poll("wire", "k1")
    await room.deliver()

    assert room.chat.keys() == ["k1"]


async def test_once_a_feed_was_read_its_news_are_sent_at_once(room: Newsroom) -> None:
    """Only the first reading of a feed can bring what was posted before."""
    copy = room.back_up()
    await room.poll("wire", "k1")
    await room.deliver()
    await room.restore(copy)
    await room.poll("wire")
    await room.poll("wire", "k2")
    assert await room.states("k2") == [AlertState.OWED]
    await room.poll("gazette", "k3")

    assert await room.states("k3") == [AlertState.IN_DOUBT]


async def test_a_restart_looks_for_nothing(room: Newsroom) -> None:
    """A database that was merely closed, or whose process was killed, owes what it owes."""
    await room.poll("wire", "k1")
    await room.deliver()
    await room.poll("wire", "k2")
    with capture_logs() as logs:
        await room.restore(room.back_up())

    assert logs == []
    assert await room.states("k2") == [AlertState.OWED]
    await room.deliver()
    assert room.chat.looked == []


@pytest.mark.parametrize("lost", ["removed", "spoiled"])
async def test_a_database_from_elsewhere_is_taken_for_a_backup(room: Newsroom, lost: str) -> None:
    """Without the file beside it nobody knows what was sent since, so it is looked for."""
    await room.poll("wire", "k1", "k2")
    await room.store.claim(["slack"], room.clock.now())
    claims = room.path.with_name("redline.db.claims")
    if lost == "removed":
        claims.unlink()
    else:
        claims.write_text("what is this?")
    await room.restore(room.back_up())

    assert await room.states("k1", "k2") == [AlertState.IN_DOUBT, AlertState.IN_DOUBT]


async def test_a_database_of_an_older_program_is_no_backup(room: Newsroom) -> None:
    """Programs that did not count beside the database left no file; an upgrade doubts nothing."""
    await room.poll("wire", "k0", "k1")
    await room.store.claim(["slack"], room.clock.now())
    await room.store.close()
    room.path.with_name("redline.db.claims").unlink()
    with contextlib.closing(sqlite3.connect(room.path)) as older:
        older.executescript("DROP TABLE restores; DELETE FROM schema_version WHERE version = 5")
    with capture_logs() as logs:
        await room.store.open()
    await room.poll("wire", "k2")

    assert logs == []
    assert await room.states("k1", "k2") == [AlertState.OWED, AlertState.OWED]


async def test_an_older_backup_of_an_older_program_is_noticed(room: Newsroom) -> None:
    """The file beside the database shows a backup, whichever program made it."""
    await room.poll("wire", "k1")
    copy = room.back_up()
    with contextlib.closing(sqlite3.connect(copy)) as older:
        older.executescript("DROP TABLE restores; DELETE FROM schema_version WHERE version = 5")
    await room.deliver()
    await room.restore(copy)

    assert await room.states("k1") == [AlertState.IN_DOUBT]


async def test_an_empty_database_is_no_backup(room: Newsroom) -> None:
    """Whoever removes the database and begins anew is not told of a backup."""
    await room.poll("wire", "k1")
    await room.deliver()
    await room.store.close()
    room.path.unlink()
    with capture_logs() as logs:
        await room.store.open()
    await room.poll("wire", "k1")

    assert logs == []
    assert await room.states("k1") == [AlertState.OWED]


async def test_beginning_anew_leaves_no_trace(room: Newsroom) -> None:
    """The demo removes the file beside its database with it."""
    await room.poll("wire", "k1")
    await room.deliver()
    await room.store.close()
    begin_anew(room.path)

    assert [path.name for path in room.path.parent.iterdir()] == ["redline.db.lock"]


async def test_a_file_that_cannot_be_written_is_named(room: Newsroom) -> None:
    """Where the file cannot be made the store does not open, says so, and gives its lock back."""
    await room.store.close()
    claims = room.path.with_name("redline.db.claims")
    claims.unlink()
    claims.mkdir()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"redline.db.claims: cannot be written: .*right to"):
            await room.store.open()


async def test_an_hour_old_backup_is_looked_into_from_its_time_on(room: Newsroom) -> None:
    """The look begins where the backup ends, not where it is restored."""
    copy = room.back_up()
    begun = room.clock.now()
    await room.poll("wire", "k1")
    await room.deliver()
    room.clock.advance(3000)
    await room.restore(copy)
    await room.poll("wire", "k1")
    claim = await room.store.claim(["slack"], room.clock.now())

    assert claim is not None
    assert claim.in_doubt
    assert claim.intended_at == begun
