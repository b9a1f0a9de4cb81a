"""The one thread that writes, and the commits it shares among those who wait.

A commit costs a disk sync, whatever is in it. So whoever comes while one is being made joins the
next: all of them are committed together, each in a savepoint of its own, so that one bad record
does not fail its neighbours. Nobody is answered before the commit is durable.

Whoever is in haste, because a person or a platform waits for it, goes before the others, and ends
the commit that is being made: it waits for the job that is at work, not for all in the queue.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from bot.errors import StoreError
from bot.store.sqlite import explain

T = TypeVar("T")
Work = Callable[[Connection], T]

MOST_IN_ONE_COMMIT = 200


@dataclass(frozen=True, slots=True)
class _Job:
    """Something to write, and who waits for it."""

    work: Work[Any]
    in_haste: bool
    waiting: Future[Any] = field(default_factory=Future)

    def begin(self) -> bool:
        """Say whether somebody still waits for it; from now on it cannot be cancelled."""
        return self.waiting.set_running_or_notify_cancel()


@dataclass(frozen=True, slots=True)
class _Said:
    """What became of a job: its result, or its error."""

    result: Any = None
    error: Exception | None = None

    def tell(self, waiting: Future[Any]) -> None:
        """Answer whoever waits."""
        if self.error is None:
            waiting.set_result(self.result)
        else:
            waiting.set_exception(self.error)


class _Queue:
    """Those who wait: whoever is in haste before the others, each in the order of coming."""

    def __init__(self) -> None:
        self._in_haste: deque[_Job] = deque()
        self._others: deque[_Job] = deque()
        self._others_turn = False
        self._ended = False
        self._changed = threading.Condition()

    def put(self, job: _Job) -> bool:
        """Let a job wait for its turn; say False, and do not, once the queue was ended."""
        with self._changed:
            if not self._ended:
                (self._in_haste if job.in_haste else self._others).append(job)
                self._changed.notify()
            return not self._ended

    def end(self) -> None:
        """Take nothing more."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def take(self) -> deque[_Job]:
        """Wait for jobs and return as many as one commit takes; none at the end.

        Those in haste have a commit of their own. Where the last one was theirs, one of the others
        is written with them, so that haste never keeps them out.
        """
        with self._changed:
            while not (self._in_haste or self._others or self._ended):
                self._changed.wait()
            hurried = _taken(self._in_haste, MOST_IN_ONE_COMMIT)
            if hurried and not self._others_turn:
                self._others_turn = True
                return deque(hurried)
            self._others_turn = False
            most = 1 if hurried else MOST_IN_ONE_COMMIT
            return deque((*hurried, *_taken(self._others, most)))

    def take_hurried(self, behind: deque[_Job]) -> list[_Job]:
        """Return who came in haste; for them, those `behind` go back to where they waited."""
        with self._changed:
            hurried = _taken(self._in_haste, MOST_IN_ONE_COMMIT)
            if hurried:
                self._others.extendleft(reversed(behind))
            return hurried


def _taken(jobs: deque[_Job], most: int) -> list[_Job]:
    return [jobs.popleft() for _ in range(min(most, len(jobs)))]


class Writer:
    """Runs what is to be written, in order, on a thread of its own."""

    def __init__(self, engine: Engine, about: str) -> None:
        """Start the thread; `about` names the database in errors."""
        self._engine = engine
        self._about = about
        self._queue = _Queue()
        self._require: Callable[[], None] = _nothing
        self._thread = threading.Thread(target=self._serve, name="redline-store", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T], *, in_haste: bool = False) -> Future[T]:
        """Have `work` done in a transaction; the future is answered when that is durable.

        `work` may be run a second time where the first was rolled back with its neighbours. What is
        `in_haste` goes before all that is not, and must be small.

        Raises:
            StoreError: the writer is closed.
        """
        job = _Job(work, in_haste)
        if not self._queue.put(job):
            raise StoreError(self._about, "is not open", advice="Call open() first")
        return job.waiting

    def require(self, condition: Callable[[], None]) -> None:
        """From now on, have `condition` raise where nothing may be committed."""
        self._require = condition

    def close(self) -> None:
        """Write what was submitted, close the connection and end the thread."""
        self._queue.end()
        self._thread.join()

    def _serve(self) -> None:
        while waiting := self._queue.take():
            while waiting:
                begun: list[_Job] = []
                for job, said in zip(begun, self._write(waiting, begun), strict=True):
                    said.tell(job.waiting)
        self._engine.dispose()

    def _write(self, waiting: deque[_Job], begun: list[_Job]) -> list[_Said]:
        """Write jobs that wait, in one commit if that can be, and name them in `begun`."""
        if len(waiting) > 1:
            # Where the whole transaction was spoiled, each is tried again by itself.
            with contextlib.suppress(Exception):
                return self._together(self._in_turn(waiting, begun))
        else:
            begun.extend(job for job in _taken(waiting, 1) if job.begin())
        return [self._alone(job) for job in begun]

    def _in_turn(self, waiting: deque[_Job], begun: list[_Job]) -> Iterator[_Job]:
        """Yield the jobs; for those that come in haste meanwhile the others go back."""
        while waiting:
            job = waiting.popleft()
            if job.begin():
                begun.append(job)
                yield job
            if not job.in_haste and (hurried := self._queue.take_hurried(waiting)):
                waiting.clear()
                waiting.extend(hurried)

    def _together(self, jobs: Iterable[_Job]) -> list[_Said]:
        with self._engine.connect() as connection:
            said = [self._in_savepoint(connection, job) for job in jobs]
            self._require()
            connection.commit()
        return said

    def _in_savepoint(self, connection: Connection, job: _Job) -> _Said:
        connection.exec_driver_sql("SAVEPOINT one")
        try:
            said = _Said(result=job.work(connection))
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits
            # Where a full or broken disk made SQLite end the transaction, this raises too.
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
            said = _Said(error=explain(error, self._about))
        connection.exec_driver_sql("RELEASE SAVEPOINT one")
        return said

    def _alone(self, job: _Job) -> _Said:
        try:
            with self._engine.connect() as connection:
                result = job.work(connection)
                self._require()
                connection.commit()
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits
            return _Said(error=explain(error, self._about))
        return _Said(result=result)


def _nothing() -> None:
    """Require nothing."""
