"""The writing thread: shared commits, and nobody spoils his neighbour's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from bot.errors import StoreError
from bot.store.sqlite import writing_engine
from bot.store.writer import Writer

COUNT = "SELECT count(*) FROM names"


class Desk:
    """A writer over one small table, whose thread can be held up."""

    def __init__(self, engine: Engine) -> None:
        self.commits = 0
        self.writer = Writer(engine, "test.db")
        self._go = threading.Event()
        self._hurried: list[Future[int]] = []
        self.writer.submit(_create).result()
        event.listen(engine, "commit", self._count)

    def _count(self, _connection: Connection) -> None:
        self.commits += 1

    def hold(self) -> Future[None]:
        """Keep the thread busy until `go`."""
        begun = threading.Event()

        def work(_connection: Connection) -> None:
            begun.set()
            self._go.wait()

        held = self.writer.submit(work)
        begun.wait()
        return held

    def go(self) -> None:
        self._go.set()

    def put(self, *names: str, in_haste: bool = False) -> Future[int]:
        return self.writer.submit(lambda connection: _put(connection, names), in_haste=in_haste)

    def put_and_hurry(self, name: str, *hurried: str) -> Future[int]:
        """Write a name, and let others come in haste while it is being written."""

        def work(connection: Connection) -> int:
            self._hurried += [self.put(one, in_haste=True) for one in hurried]
            return _put(connection, (name,))

        return self.writer.submit(work)

    def hurried(self) -> list[int]:
        """What became of those who came in haste."""
        return [one.result() for one in self._hurried]

    def order(self) -> list[str]:
        """The names in the order in which they were written."""
        query = "SELECT name FROM names ORDER BY rowid"
        return self.writer.submit(lambda made: list(made.exec_driver_sql(query).scalars())).result()

    def names(self) -> list[str]:
        return self.writer.submit(_names).result()


def _create(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE names (name TEXT PRIMARY KEY)")


def _put(connection: Connection, names: tuple[str, ...]) -> int:
    for name in names:
        connection.exec_driver_sql("INSERT INTO names VALUES (?)", (name,))
    return len(names)


def _names(connection: Connection) -> list[str]:
    return sorted(connection.exec_driver_sql("SELECT name FROM names").scalars())


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An engine that writes."""
    return writing_engine(tmp_path / "test.db")


@pytest.fixture
def desk(engine: Engine) -> Iterator[Desk]:
    """A writer that is let go and closed at the end."""
    desk = Desk(engine)
    yield desk
    desk.go()
    desk.writer.close()


def test_those_who_wait_share_a_commit(desk: Desk) -> None:
    """Whoever comes while a commit is made is in the next one, all together."""
    desk.hold()
    waiting = [desk.put(f"n{number}") for number in range(50)]
    desk.go()

    assert [one.result() for one in waiting] == [1] * 50
    assert desk.commits == 1
    assert len(desk.names()) == 50


def test_a_bad_record_fails_alone(desk: Desk) -> None:
    """One that breaks a key fails whole and alone; its neighbours share the commit."""
    desk.hold()
    good, bad, late = desk.put("a"), desk.put("b", "a"), desk.put("c")
    desk.go()

    assert (good.result(), late.result()) == (1, 1)
    with pytest.raises(StoreError, match=r"test\.db"):
        bad.result()
    assert desk.commits == 1
    assert desk.names() == ["a", "c"]


def test_an_error_of_our_own_is_handed_on(desk: Desk) -> None:
    """What the work itself raises reaches whoever asked for it, and undoes its writes."""

    def work(connection: Connection) -> None:
        _put(connection, ("half",))
        raise KeyError("lost")

    desk.hold()
    desk.put("a")
    failed = [desk.writer.submit(work), desk.writer.submit(work)]
    desk.go()

    for one in failed:
        with pytest.raises(KeyError, match="lost"):
            one.result()
    assert desk.names() == ["a"]


def test_a_spoiled_transaction_is_tried_one_by_one(desk: Desk) -> None:
    """Where the database ends the transaction in the middle, the others are written all the same.

    SQLite does so by itself when the disk is full or broken.
    """

    def work(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("SELECT * FROM no_such_table")

    desk.hold()
    good, bad, late = desk.put("a"), desk.writer.submit(work), desk.put("c")
    desk.go()

    assert (good.result(), late.result()) == (1, 1)
    with pytest.raises(StoreError, match="no such table"):
        bad.result()
    assert desk.names() == ["a", "c"]


def test_who_stops_waiting_in_time_is_not_written(desk: Desk) -> None:
    """Work that was cancelled before its turn is left out."""
    desk.hold()
    dropped, kept = desk.put("a"), desk.put("b")
    assert dropped.cancel()
    desk.go()

    assert kept.result() == 1
    assert desk.names() == ["b"]


def test_closing_writes_what_was_submitted(engine: Engine, tmp_path: Path) -> None:
    """Whatever was submitted before the end is written; afterwards nothing is taken."""
    desk = Desk(engine)
    desk.hold()
    waiting = [desk.put(f"n{number}") for number in range(450)]
    desk.go()
    desk.writer.close()
    desk.writer.close()

    assert sum(one.result() for one in waiting) == 450
    with pytest.raises(StoreError, match="not open"):
        desk.put("late")


def test_haste_goes_first(desk: Desk) -> None:
    """Who comes in haste has a commit before those who came earlier, in the order of coming."""
    desk.hold()
    waiting = [desk.put("a"), desk.put("b")]
    waiting += [desk.put("x", in_haste=True), desk.put("y", in_haste=True)]
    desk.go()

    assert [one.result() for one in waiting] == [1] * 4
    assert desk.commits == 2
    assert desk.order() == ["x", "y", "a", "b"]


def test_haste_ends_the_commit_that_is_being_made(desk: Desk) -> None:
    """Who comes in haste waits for one job, not for the queue, which goes on in the next commit."""
    desk.hold()
    waiting = [desk.put_and_hurry("a", "x", "y"), desk.put("b"), desk.put("c")]
    desk.go()

    assert [one.result() for one in waiting] == [1] * 3
    assert desk.hurried() == [1, 1]
    assert desk.commits == 2
    assert desk.order() == ["a", "x", "y", "b", "c"]


def test_haste_keeps_nobody_out(desk: Desk) -> None:
    """However many come in haste, each commit writes one of the others too."""
    desk.hold()
    waiting = [desk.put_and_hurry(f"n{number}", f"h{number}") for number in range(30)]
    desk.go()

    assert [one.result() for one in waiting] == [1] * 30
    assert desk.hurried() == [1] * 30
    assert desk.commits <= 31


def test_haste_without_end_keeps_nobody_out(desk: Desk) -> None:
    """While somebody in haste always waits, the others are written one by one."""
    chain: list[Future[int]] = []

    def work(connection: Connection) -> int:
        if len(chain) < 20:
            chain.append(desk.writer.submit(work, in_haste=True))
        return _put(connection, (f"h{connection.exec_driver_sql(COUNT).scalar()}",))

    desk.hold()
    first = desk.writer.submit(work, in_haste=True)
    others = [desk.put("a"), desk.put("b")]
    desk.go()

    assert [one.result() for one in (first, *others)] == [1] * 3
    # Each of the chain brings the next.
    assert [one.result() for one in chain] == [1] * 20
    assert {"a", "b"} <= set(desk.order()[:10])


def test_a_spoiled_transaction_loses_nobody(desk: Desk) -> None:
    """Those behind one who spoils the transaction, and those in haste, are written all the same."""

    def work(connection: Connection) -> None:
        desk.put("x", in_haste=True)
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("SELECT * FROM no_such_table")

    desk.hold()
    good, bad, late = desk.put("a"), desk.writer.submit(work), desk.put("c")
    desk.go()

    with pytest.raises(StoreError, match="no such table"):
        bad.result()
    assert (good.result(), late.result()) == (1, 1)
    assert desk.names() == ["a", "c", "x"]
