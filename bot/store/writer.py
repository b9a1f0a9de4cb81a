"""The one thread that writes, and the commits it shares among those who wait.

A commit costs a disk sync, whatever is in it. So whoever comes while one is being made joins the
next: all of them are committed together, each in a savepoint of its own, so that one bad record
does not fail its neighbours. Nobody is answered before the commit is durable.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
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
    waiting: Future[Any] = field(default_factory=Future)


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


class Writer:
    """Runs what is to be written, in order, on a thread of its own."""

    def __init__(self, engine: Engine, about: str) -> None:
        """Start the thread; `about` names the database in errors."""
        self._engine = engine
        self._about = about
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="redline-store", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        """Have `work` done in a transaction; the future is answered when that is durable.

        `work` may be run a second time where the first was rolled back with its neighbours.

        Raises:
            StoreError: the writer is closed.
        """
        job = _Job(work)
        with self._lock:
            if self._closed:
                raise StoreError(self._about, "is not open", advice="Call open() first")
            self._jobs.put(job)
        return job.waiting

    def close(self) -> None:
        """Write what was submitted, close the connection and end the thread."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while jobs := self._next():
            wanted = [job for job in jobs if job.waiting.set_running_or_notify_cancel()]
            for job, said in zip(wanted, self._write(wanted), strict=True):
                said.tell(job.waiting)
        self._engine.dispose()

    def _next(self) -> list[_Job]:
        """Return the jobs that wait, at least one; none at the end."""
        first = self._jobs.get()
        jobs = [] if first is None else [first]
        while first is not None and len(jobs) < MOST_IN_ONE_COMMIT:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)
                break
            jobs.append(job)
        return jobs

    def _write(self, jobs: Sequence[_Job]) -> list[_Said]:
        if len(jobs) > 1:
            # Where the whole transaction was spoiled, each is tried again by itself.
            with contextlib.suppress(Exception):
                return self._together(jobs)
        return [self._alone(job) for job in jobs]

    def _together(self, jobs: Sequence[_Job]) -> list[_Said]:
        with self._engine.connect() as connection:
            said = [self._in_savepoint(connection, job) for job in jobs]
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
                connection.commit()
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits
            return _Said(error=explain(error, self._about))
        return _Said(result=result)
