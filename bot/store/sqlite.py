"""SQLite: how it is opened, who may open it, and what its errors mean.

One connection writes and checkpoints, all others are opened read-only. SQLite before 3.51.3 can
damage a WAL database when two connections write or checkpoint at once
(https://sqlite.org/wal.html#walresetbug), and many systems still ship such a version; with one
writing connection and a lock against a second service that cannot happen.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, pool
from sqlalchemy.exc import DBAPIError, StatementError

from bot.errors import StoreError

BUSY_TIMEOUT_MS = 5000

_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode=WAL",
    # FULL syncs the log at each commit: what was acknowledged survives a power cut.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    # An input/output error in mapped memory is a signal that kills the process.
    "PRAGMA mmap_size=0",
)

_READING = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA query_only=ON",
    "PRAGMA mmap_size=0",
)

# The primary result codes of https://sqlite.org/rescode.html that a person can do something about.
_MEANINGS = {
    sqlite3.SQLITE_FULL: ("has no room left", "Free some disk space; nothing acknowledged is lost"),
    sqlite3.SQLITE_READONLY: ("cannot be written", "Give this user the right to write it"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "Check that it exists, and its folder's rights"),
    sqlite3.SQLITE_PERM: ("cannot be opened", "Give this user the right to read and write it"),
    sqlite3.SQLITE_BUSY: ("is locked by another program", "Close whatever else has it open"),
    sqlite3.SQLITE_LOCKED: ("is locked by another program", "Close whatever else has it open"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "Check the disk; see the system's log"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "Stop Redline and restore the file from a backup"),
    sqlite3.SQLITE_NOTADB: ("is no Redline database", "Name another file, or move this one away"),
}


def writing_engine(path: Path) -> Engine:
    """Return an engine for the one connection that writes."""
    engine = _engine(f"file:{quote(str(path))}?mode=rwc", pool.StaticPool)
    _prepare(engine, _PRAGMAS, "BEGIN IMMEDIATE")
    return engine


def reading_engine(path: Path) -> Engine:
    """Return an engine whose connections can neither write nor checkpoint."""
    engine = _engine(f"file:{quote(str(path))}?mode=ro", pool.QueuePool)
    _prepare(engine, _READING, "BEGIN")
    return engine


def _engine(uri: str, poolclass: type[pool.Pool]) -> Engine:
    def connect() -> sqlite3.Connection:
        # Without an isolation level the driver leaves transactions to us: its own habit of
        # committing before some statements would break migrations and savepoints.
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)

    return create_engine("sqlite://", creator=connect, poolclass=poolclass)


def _prepare(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in pragmas:
            connection.execute(pragma).close()

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))


def explain(error: Exception, about: str) -> Exception:
    """Return an error of the database as one that says what to do; others as they are."""
    if isinstance(error, UnicodeEncodeError):
        return StoreError(about, f"cannot keep such text: {error}", advice="Clean the text first")
    if isinstance(error, DBAPIError):
        return _meaning(error, about)
    if isinstance(error, StatementError) and isinstance(error.orig, Exception):
        # SQLAlchemy wraps what our column types raise.
        return explain(error.orig, about)
    return error


def _meaning(error: DBAPIError, about: str) -> StoreError:
    # The low byte of an extended code is the primary one.
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    problem, advice = _MEANINGS.get(code, ("refused what was to be stored", "Please report this"))
    return StoreError(about, f"{problem} ({error.orig})", advice=advice)


def begin_anew(database: Path) -> None:
    """Remove a database with its log, so that the next one begins empty.

    Raises:
        StoreError: another process has it open, or the folder cannot be written.
    """
    lock = Lock(database)
    lock.take()
    try:
        for suffix in ("", "-wal", "-shm", ".claims"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
    finally:
        lock.release()


class Presence:
    """Notices when a database that is open is no longer the file of its name.

    SQLite writes on into a file that was removed or replaced, and all of that is lost at the end.
    """

    def __init__(self, database: Path) -> None:
        """Watch the file that has this name now."""
        self._database = database
        self._opened = _identity(database)

    def require(self) -> None:
        """See that the file is still there.

        Raises:
            StoreError: it was removed, or another has its name.
        """
        if self._opened is None or _identity(self._database) != self._opened:
            raise StoreError(
                str(self._database),
                "was removed or replaced while it was in use; nothing is kept or sent any more",
                advice="Stop Redline, put the file back, and start it again",
            )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Lock:
    """Keeps a second service away from a database, for as long as this process holds it.

    The system drops the lock with the process, so none is ever left behind; the file stays, because
    removing it would let two processes lock two files of one name.
    """

    def __init__(self, database: Path) -> None:
        """Name the lock; `take` takes it."""
        self._database = database
        self._path = database.with_name(database.name + ".lock")
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            StoreError: another process has it, or the folder cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                str(self._path),
                f"cannot be made: {error.strerror}",
                advice="Give this user the right to write the folder, or name another database",
            ) from error
        self._claim(opened)

    def _claim(self, opened: int) -> None:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(opened, 20).decode(errors="replace").strip() or "unknown"
            os.close(opened)
            raise StoreError(
                str(self._database),
                f"is in use by another Redline (process {holder})",
                advice="Stop that one first, or give this one a database of its own",
            ) from error
        os.ftruncate(opened, 0)
        os.pwrite(opened, f"{os.getpid()}\n".encode(), 0)
        self._file = opened

    def release(self) -> None:
        """Give the lock back; may be called more than once."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None
