"""What happens to the database when the machine fails it."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.errors import StoreError
from bot.model import AlertState
from bot.store.sql import SqlStore
from tests.contracts.store_world import NOW, PLATFORMS, article, owed, owing
from tests.faults.store_life import kill_often, lines, live, live_small


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database lies."""
    return tmp_path / "redline.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqlStore]:
    """A running service's store."""
    opened = SqlStore(path)
    await opened.open()
    yield opened
    await opened.close()


def pragma(text: str) -> Callable[[Connection], object]:
    """Return work that sets a pragma on the writing connection."""

    def work(connection: Connection) -> object:
        answer = connection.exec_driver_sql(f"PRAGMA {text}")
        return answer.scalar() if answer.returns_rows else None

    return work


async def leave_pages(store: SqlStore, pages: int) -> None:
    """Let the database grow by so many pages and no more, as a full disk does."""
    used = await store._write(pragma("page_count"))
    await store._write(pragma(f"max_page_count={int(str(used)) + pages}"))


async def remembered(store: SqlStore, name: str) -> bool:
    """Say whether the store has an alert."""
    return await store.alert(name) is not None


def integrity(path: Path) -> list[tuple[str]]:
    """Return what SQLite says of the file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall()


@pytest.mark.parametrize("pages", range(7))
async def test_a_full_disk_loses_nothing_acknowledged(
    store: SqlStore, path: Path, pages: int
) -> None:
    """Wherever the disk fills up, whoever is refused is told, and whoever is not is kept."""
    await leave_pages(store, pages)
    names = [f"k{number:03}" for number in range(60)]
    said = await asyncio.gather(
        *[store.remember(owing(owed(name))) for name in names], return_exceptions=True
    )

    refused = {name for name, answer in zip(names, said, strict=True) if answer is not None}
    assert refused
    assert {type(answer) for answer in said} <= {StoreError, type(None)}
    assert all("Free some disk space" in str(answer) for answer in said if answer)
    for name in names:
        assert await remembered(store, name) is (name not in refused)
    assert integrity(path) == [("ok",)]


@pytest.mark.parametrize("pages", range(6))
async def test_a_record_too_large_for_the_disk_leaves_no_part(store: SqlStore, pages: int) -> None:
    """One record that fills the disk half-way is not there at all; with room again it is."""
    await leave_pages(store, pages)
    record = owing(*[owed(f"k{number:03}") for number in range(200)])
    with pytest.raises(StoreError, match="has no room left"):
        await store.remember(record)

    assert await store.article("a1") is None
    assert (await store.tally()).channels == {}
    await leave_pages(store, 10_000)
    await store.remember(record)
    assert (await store.tally()).states[AlertState.OWED] == 200


@pytest.mark.parametrize("limit", [150_000, 200_001, 250_002, 300_003])
def test_a_disk_that_fails_at_the_commit_loses_nothing(path: Path, limit: int) -> None:
    """Where the log itself can grow no more, the commit fails, says so, and works again later."""
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=live_small, args=(path, limit, there), daemon=True)
    child.start()
    there.close()
    said = {name: answer for answer, name in lines(here)}
    child.join()

    refused = {name for name, answer in said.items() if answer != "owed"}
    assert len(said) == 40
    assert 0 < len(refused) < 40
    assert all("Check the disk" in said[name] for name in refused)
    assert not refused & {"k35", "k39"}
    assert asyncio.run(kept(path, said)) == said.keys() - refused
    assert integrity(path) == [("ok",)]


async def kept(path: Path, names: Iterable[str]) -> set[str]:
    """Return which of the alerts a service finds that is started now."""
    store = SqlStore(path)
    await store.open()
    found = {name for name in names if await remembered(store, name)}
    await store.close()
    return found


async def test_a_file_that_cannot_be_written_gives_out_no_claim(store: SqlStore) -> None:
    """What cannot be written as intended is not given out to be sent."""
    await store.remember(owing(owed("k1")))
    await store._write(pragma("query_only=1"))
    with pytest.raises(StoreError, match=r"cannot be written .*right to write"):
        await store.claim(PLATFORMS, NOW)

    assert (await store.tally()).states[AlertState.OWED] == 1
    await store.close()
    await store.open()
    assert await store.claim(PLATFORMS, NOW) is not None


async def test_another_program_that_writes_is_waited_for(store: SqlStore, path: Path) -> None:
    """While a stranger holds the file, writing fails with advice; afterwards it works."""
    await store._write(pragma("busy_timeout=20"))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"locked by another program .*Close whatever"):
            await store.remember(owing(owed()))
        stranger.execute("ROLLBACK")

    await store.remember(owing(owed()))
    assert await remembered(store, "k1")


@pytest.mark.parametrize("fate", ["removed", "replaced"])
async def test_a_file_that_is_taken_away_stops_everything(
    store: SqlStore, path: Path, fate: str
) -> None:
    """What would be written into a file that nobody finds again is refused, and nothing is sent."""
    await store.remember(owing(owed("k1")))
    away = path.with_name("away.db")
    shutil.move(path, away)
    if fate == "replaced":
        shutil.copy(away, path)
    for attempt in (store.remember(owing(owed("k2"))), store.claim(PLATFORMS, NOW)):
        with pytest.raises(StoreError, match=r"removed or replaced .*put the file back"):
            await attempt
    shutil.move(away, path)

    await store.remember(owing(owed("k2")))
    assert await store.claim(PLATFORMS, NOW) is not None


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    """A file of something else is refused and not touched."""
    words = b"Shopping: bread, milk, a red line of thread. " * 100
    path.write_bytes(words)
    with pytest.raises(StoreError, match=r"is no Redline database .*Name another file"):
        asyncio.run(use(path))

    assert path.read_bytes() == words


async def test_a_damaged_file_is_named(store: SqlStore, path: Path) -> None:
    """Reading a damaged page says so and what to do, and the store still closes."""
    await store.remember(owing(*[owed(f"k{number:03}") for number in range(200)]))
    await store.close()
    damage(path)
    with pytest.raises(StoreError, match=r"redline.db: is damaged .*restore the file"):
        await use(path)


async def use(path: Path) -> None:
    """Open the store and read and write what it holds."""
    store = SqlStore(path)
    try:
        await store.open()
        for number in range(200):
            await store.alert(f"k{number:03}")
        await store.tally()
    finally:
        await store.close()


def damage(path: Path) -> None:
    """Overwrite everything behind the first page."""
    bytes_ = path.read_bytes()
    path.write_bytes(bytes_[:4096] + b"\xff" * (len(bytes_) - 4096))


async def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    """A database that cannot be made says where and why."""
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"redline.db.lock: cannot be made: .*Give this user"):
        await SqlStore(tmp_path / "data" / "redline.db").open()


async def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    """A folder where the database should be is refused, and the lock is given back."""
    (tmp_path / "redline.db").mkdir()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"redline.db: cannot be opened"):
            await SqlStore(tmp_path / "redline.db").open()


async def test_another_process_is_refused_until_it_is_gone(path: Path) -> None:
    """The lock is the process's: a second one is refused, and a killed one leaves none behind."""
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=live, args=(path, 0, there), daemon=True)
    child.start()
    assert here.recv()[0] == "open"
    with pytest.raises(StoreError, match=rf"in use by another Redline \(process {child.pid}\)"):
        await SqlStore(path).open()
    child.kill()
    child.join()

    store = SqlStore(path)
    await store.open()
    await store.close()


def test_a_power_cut_keeps_what_was_acknowledged(path: Path, tmp_path: Path) -> None:
    """Wherever the log is cut off behind an acknowledgement, what was acknowledged is there."""
    acknowledged = asyncio.run(_grow(path, tmp_path / "cut"))
    log = (tmp_path / "cut" / "redline.db-wal").read_bytes()
    for number, size in enumerate(acknowledged):
        following = acknowledged[number + 1] if number + 1 < len(acknowledged) else len(log)
        for cut in {size, (size + following) // 2, max(size, following - 1)}:
            kept = asyncio.run(_kept(tmp_path / "cut", tmp_path / f"c{number}-{cut}", log[:cut]))
            assert kept >= {f"k{earlier}" for earlier in range(number + 1)}


async def _grow(path: Path, to: Path) -> list[int]:
    """Remember one alert after another; return the log's size at each acknowledgement."""
    store, sizes = SqlStore(path), []
    await store.open()
    for number in range(12):
        await store.remember(owing(owed(f"k{number}")))
        sizes.append(_size(path))
    _copy(path, to)
    await store.close()
    return sizes


async def _kept(original: Path, to: Path, log: bytes) -> set[str]:
    """Return the alerts that a database with this log holds, opened as a service does."""
    shutil.copytree(original, to)
    (to / "redline.db-wal").write_bytes(log)
    store = SqlStore(to / "redline.db")
    await store.open()
    names = {f"k{number}" for number in range(12) if await remembered(store, f"k{number}")}
    assert await store.article("a1") == article()
    await store.close()
    assert integrity(to / "redline.db") == [("ok",)]
    return names


def _size(path: Path) -> int:
    return path.with_name("redline.db-wal").stat().st_size


def _copy(path: Path, to: Path) -> None:
    to.mkdir()
    for name in ("redline.db", "redline.db-wal"):
        shutil.copy(path.with_name(name), to / name)


def test_kill_nine_loses_nothing_acknowledged(path: Path) -> None:
    """After each of twenty kills in the middle of commits, all that was acknowledged is there."""
    ledger = kill_often(path, kills=20, seed=7)

    assert ledger.kills == 20
    assert len(ledger.owed) > 20
    assert ledger.intended >= ledger.posted
    assert ledger.posted
    assert len(ledger.added) > 10
    assert ledger.added >= ledger.edited
    assert len(ledger.taken) > 10
    assert ledger.taken >= ledger.answered
    assert ledger.answered
