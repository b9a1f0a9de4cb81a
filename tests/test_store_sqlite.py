"""The store over SQLite keeps the contract."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect

from bot.errors import StoreError
from bot.model import AlertState, Changed
from bot.ports import ChangeQuery, PollRecord, SearchQuery, Store
from bot.store import (
    alerts,
    articles,
    feeds,
    inbox,
    migrations,
    opinions,
    outbox,
    register,
    schema,
    shelves,
)
from bot.store.migrations import Migration
from bot.store.sql import SqlStore
from bot.store.sqlite import writing_engine
from bot.store.words import simple_fold
from tests.contracts.store import CHANNELS, POLICY, StoreContract
from tests.contracts.store_register import a_change, a_rule, an_opinion
from tests.contracts.store_world import (
    NOW,
    PLATFORMS,
    article,
    at,
    match,
    owed,
    owing,
    remembered,
    state,
)


class TestSqlStore(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        opened = SqlStore(tmp_path / "redline.db", POLICY, CHANNELS)
        await opened.open()
        yield opened
        await opened.close()


async def opened(path: Path) -> SqlStore:
    """Open the store at `path`, as a service does."""
    store = SqlStore(path)
    await store.open()
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database lies."""
    return tmp_path / "redline.db"


async def test_the_database_is_set_up_to_survive(path: Path) -> None:
    """The writer syncs each commit into a log, checks its references, and maps no file."""
    store = await opened(path)

    def pragma(name: str) -> Callable[[Connection], object]:
        return lambda connection: connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    names = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"]
    assert [await store._write(pragma(name)) for name in names] == ["wal", 2, 1, 5000]
    assert await store._write(pragma("mmap_size")) in {0, None}
    assert await store._read(pragma("query_only")) == 1
    await store.close()


async def test_the_folder_is_made(tmp_path: Path) -> None:
    """A first start makes the folder of its database."""
    store = await opened(tmp_path / "data" / "deep" / "redline.db")
    await store.close()

    assert (tmp_path / "data" / "deep" / "redline.db").stat().st_size > 0


async def test_a_second_service_is_refused(path: Path) -> None:
    """A second service is told who has the database and what to do; the first goes on."""
    first = await opened(path)
    with pytest.raises(StoreError, match=r"redline.db: is in use by another .*process \d+.* Stop"):
        await opened(path)
    await first.remember(owing())
    await first.close()

    second = await opened(path)
    assert await second.article("a1") == article()
    await second.close()


async def test_opening_a_store_twice_changes_nothing(path: Path) -> None:
    """Opening what is open is refused by its own lock, and leaves it open."""
    store = await opened(path)
    with pytest.raises(StoreError, match="in use"):
        await store.open()

    await store.remember(owing())
    assert await store.article("a1") == article()
    await store.close()


async def test_reading_beside_a_running_service(path: Path) -> None:
    """The command line sees what the service has committed, and cannot change it."""
    service = await opened(path)
    await service.remember(owing(owed("k1")))
    reader = SqlStore(path, read_only=True)
    await reader.open()
    assert (await reader.tally()).states[AlertState.OWED] == 1

    assert await service.claim(PLATFORMS, NOW) is not None
    assert (await reader.tally()).states[AlertState.SENDING] == 1
    with pytest.raises(StoreError, match="reading only"):
        await reader.claim(PLATFORMS, NOW)
    await reader.close()
    await service.close()


async def test_a_reader_never_checkpoints(path: Path, tmp_path: Path) -> None:
    """A reader leaves the log of a service that was killed exactly as it found it."""
    service = await opened(path)
    await service.remember(owing(owed("k1")))
    left = tmp_path / "left"
    left.mkdir()
    for name in ("redline.db", "redline.db-wal"):
        shutil.copy(tmp_path / name, left / name)
    await service.close()

    before = (left / "redline.db-wal").read_bytes(), (left / "redline.db").read_bytes()
    reader = SqlStore(left / "redline.db", read_only=True)
    await reader.open()
    assert await reader.alert("k1") is not None
    await reader.close()

    assert len(before[0]) > 0
    assert ((left / "redline.db-wal").read_bytes(), (left / "redline.db").read_bytes()) == before


async def test_a_reader_needs_a_database(path: Path, tmp_path: Path) -> None:
    """Reading where there is nothing says so, and makes no file."""
    with pytest.raises(StoreError, match=r"redline.db: cannot be opened .*Check that it exists"):
        await SqlStore(path, read_only=True).open()

    assert _files(tmp_path) == []


async def test_a_newer_database_is_refused(path: Path) -> None:
    """A database of a newer program is refused whole, by the service and by the reader."""
    store = await opened(path)
    await store._write(_execute("INSERT INTO schema_version VALUES (99, 'of the future')"))
    await store.close()

    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"newer Redline \(tables 99.*Update the program"):
            await SqlStore(path, read_only=read_only).open()


async def test_an_older_database_is_not_read(path: Path) -> None:
    """A reader does not guess at tables that the service has yet to bring up to date."""
    store = await opened(path)
    await store._write(_execute("DELETE FROM schema_version"))
    await store.close()

    with pytest.raises(StoreError, match=r"older Redline .*Start the service once"):
        await SqlStore(path, read_only=True).open()


async def test_a_migration_happens_whole_or_not_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration that breaks half-way leaves the database as it was."""
    store = await opened(path)
    await store.remember(owing())
    await store.close()
    broken = Migration(
        migrations.NEWEST + 1,
        "broken",
        ["CREATE TABLE half (x TEXT)", "DELETE FROM aliases", "CREATE nonsense"],
    )
    with monkeypatch.context() as changed:
        changed.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
        changed.setattr(migrations, "NEWEST", broken.number)
        with pytest.raises(StoreError, match="nonsense"):
            await opened(path)

    store = await opened(path)
    assert "guid:a1" in await store.known(["guid:a1"])
    assert not await store._write(lambda connection: inspect(connection).has_table("half"))
    await store.close()


async def test_a_later_migration_runs_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of an older program is brought up to date at the next start, once."""
    store = await opened(path)
    await store.remember(owing())
    await store.close()
    later = Migration(migrations.NEWEST + 1, "later", ["CREATE TABLE later (x TEXT)"])
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, later))
    monkeypatch.setattr(migrations, "NEWEST", later.number)
    for _ in range(2):
        store = await opened(path)
        assert await store._write(migrations.version_of) == later.number
        assert await store.article("a1") == article()
        await store.close()


async def test_the_migrations_make_the_schema(path: Path) -> None:
    """What the migrations make is what the program believes: tables, columns, keys, indexes."""
    made, believed = writing_engine(path), create_engine("sqlite://")
    with made.begin() as connection:
        migrations.migrate(connection, "made")
        for beside in ("schema_version", "article_vocabulary", "article_words"):
            connection.exec_driver_sql(f"DROP TABLE {beside}")
        found = _described(connection)
    with believed.begin() as connection:
        schema.metadata.create_all(connection)
        expected = _described(connection)

    assert found == expected
    made.dispose()
    believed.dispose()


def test_migrations_are_numbered_without_gaps() -> None:
    """Each migration has the next number, and each file of the folder is one of them."""
    numbers = [migration.number for migration in migrations.MIGRATIONS]
    assert numbers == list(range(1, len(numbers) + 1))

    folder = Path(migrations.__file__).parent
    files = sorted(file.stem for file in folder.glob("m*.py"))
    assert files == [f"m{one.number:04}_{one.name}" for one in migrations.MIGRATIONS]


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_every_query_is_written_for_both_databases(kind: str) -> None:
    """No query uses what only one database knows."""
    dialect = {"postgresql": postgresql, "sqlite": sqlite_dialect}[kind].dialect()
    for query in (outbox._to_send, outbox._to_look_for, outbox._next_of_channels):
        assert "alerts" in str(query.compile(dialect=dialect))


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _execute(statement: str) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return work


def _described(connection: Connection) -> dict[str, object]:
    looked = inspect(connection)
    return {
        name: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in looked.get_columns(name)],
            looked.get_pk_constraint(name)["constrained_columns"],
            [one["constrained_columns"] for one in looked.get_foreign_keys(name)],
            sorted((one["name"] or "", one["column_names"]) for one in looked.get_indexes(name)),
        )
        for name in looked.get_table_names()
    }


async def test_the_articles_of_an_older_program_become_searchable(path: Path) -> None:
    """A database of version 1 is migrated, and its articles are found once they are indexed."""
    records = [
        replace(owing(), articles=(remembered(f"a{number}"),), matches=(match(of=f"a{number}"),))
        for number in range(120)
    ]
    engine = writing_engine(path)
    with engine.begin() as connection:
        migrations.migrate(connection, "old", migrations.MIGRATIONS[:1])
        for record in records:
            articles.save(connection, record)
    engine.dispose()

    waiting = await opened(path)
    assert (await waiting.search(SearchQuery())).articles == ()
    await waiting.remember(replace(owing(), articles=(remembered("a7", version=2),), matches=()))
    await waiting.close()

    store = SqlStore(path, fold=lambda article: f" red line {article.id} ")
    await store.open()
    await store.caught_up()
    everything = SearchQuery(clauses=((" red line ",),), rule="red-line", limit=500)
    found = (await store.search(everything)).articles
    assert sorted((one.id, one.version) for one in found) == sorted(
        (f"a{number}", 2 if number == 7 else 1) for number in range(120)
    )
    (known,) = (await store.search(SearchQuery(clauses=((" a66 ",),)))).articles
    assert known.id == "a66"
    assert await store._read(shelves.has_backlog) is False
    await store.close()


async def test_a_database_of_yesterday_keeps_its_content(path: Path) -> None:
    """What version 2 remembered, owed and looked up is there, and people can edit."""
    record = owing(owed("k1", decided_at=at(3)))
    engine = writing_engine(path)
    with engine.begin() as connection:
        migrations.migrate(connection, "old", migrations.MIGRATIONS[:2])
        articles.save(connection, record)
        shelves.save(connection, record, simple_fold)
        alerts.insert(connection, [(record.owed[0], AlertState.OWED)])
        feeds.save(connection, record.state)
    engine.dispose()

    store = await opened(path)
    assert await store.article("a1") == article()
    assert [one.id for one in (await store.search(SearchQuery(rule="red-line"))).articles] == ["a1"]
    known = await store.alert("k1")
    assert known is not None
    assert (known.alert, known.card) == (record.owed[0].alert, record.owed[0].card)
    assert await store.change(a_change("c1", None, a_rule())) is Changed.DONE
    await store.give_feedback(an_opinion("k1"))
    assert list(await store.feedback_of_rule("red-line", "T1", NOW)) == [an_opinion("k1")]
    await store.close()


async def test_looking_up_mutes_and_rules_opinions_scans_no_table(path: Path) -> None:
    """What every poll and every command asks for is found through an index."""
    store = await opened(path)
    plans = await store._read(_plans_of_the_register)
    await store.close()

    assert plans
    assert [plan for plan in plans if plan.startswith("SCAN")] == []


def _plans_of_the_register(connection: Connection) -> list[str]:
    """Return how SQLite goes about what the register asks for."""
    asked: list[tuple[str, tuple[object, ...]]] = []

    def heard(_connection: object, _cursor: object, text: str, values: Any, *_more: object) -> None:
        asked.append((text, values))

    event.listen(connection, "before_cursor_execute", heard)
    register.mutes(connection, NOW)
    register.rules(connection)
    register.changes_of(connection, ChangeQuery(workspace="T1"))
    register.changes_of(connection, ChangeQuery(workspace="T1", subject="strait"))
    opinions.of_rule(connection, "strait", "T1", NOW)
    inbox.pending(connection, "slack", NOW)
    inbox.draft(connection, "d1")
    event.remove(connection, "before_cursor_execute", heard)
    return [
        row[3]
        for text, values in asked
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    ]


async def test_what_came_without_its_folded_text_is_folded_by_the_service(path: Path) -> None:
    """An article that is read again unchanged before it was indexed is folded like all others."""
    store = SqlStore(path, fold=lambda article: f" folded {article.id} | ")
    await store.open()
    await store.remember(PollRecord(state=state(), articles=(remembered("a1"),)))

    page = await store.search(SearchQuery(clauses=((" folded a1 ",),)))
    assert [one.id for one in page.articles] == ["a1"]
    await store.close()


async def test_indexing_stops_with_the_store_and_goes_on_with_it(path: Path) -> None:
    """A store that is closed while it indexes loses nothing and finishes at the next start."""
    engine = writing_engine(path)
    with engine.begin() as connection:
        migrations.migrate(connection, "old", migrations.MIGRATIONS[:1])
        for number in range(200):
            articles.save(
                connection, PollRecord(state=state(), articles=(remembered(f"a{number}"),))
            )
    engine.dispose()

    for _ in range(2):
        interrupted = SqlStore(path, fold=simple_fold)
        await interrupted.open()
        await asyncio.sleep(0)
        await interrupted.close()
    store = SqlStore(path, fold=simple_fold)
    await store.open()
    await store.caught_up()
    page = await store.search(SearchQuery(clauses=((" red line ",),), limit=500))
    assert len(page.articles) == len({one.id for one in page.articles}) == 200
    await store.close()
