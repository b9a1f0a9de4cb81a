"""A database file that is open.

Whatever writes runs on the one thread of `Writer`; whatever reads runs on a few threads of its own,
on connections that cannot write.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine

from bot.errors import StoreError
from bot.model import Channel, ChannelRef
from bot.ports import DeliveryPolicy
from bot.store import backups, migrations, outbox, shelves, sqlite
from bot.store.words import Fold
from bot.store.writer import Writer

T = TypeVar("T")

log = structlog.get_logger(__name__)

READERS = 2


class _Reader:
    """A few threads that read."""

    def __init__(self, engine: Engine, about: str) -> None:
        self._engine = engine
        self._about = about
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="redline-read")

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)

    def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as connection:
                return work(connection)
        except Exception as error:
            raise sqlite.explain(error, self._about) from error

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()


class Database:
    """A database file, and who reads and writes in it.

    Opened `read_only`, it looks into the file beside a running service: it takes no lock, never
    writes and never checkpoints, and refuses whatever would change something.

    Articles that an earlier program remembered are indexed a few at a time once it is open, folded
    by `fold`; until then a search does not find them. Without `fold` they go on waiting.
    """

    def __init__(
        self,
        path: Path,
        policy: DeliveryPolicy | None = None,
        channels: Mapping[ChannelRef, Channel] | None = None,
        *,
        read_only: bool = False,
        fold: Fold | None = None,
    ) -> None:
        """Name the database; `channels` own their pace, others take the policy's."""
        self._path = path
        self._policy = policy or DeliveryPolicy()
        self._channels = channels or {}
        self._read_only = read_only
        self._fold = fold
        self._catching_up: asyncio.Task[None] | None = None
        self._lock = sqlite.Lock(path)
        self._odometer = backups.Odometer(path)
        self._restored_as_of: datetime | None = None
        self._writer: Writer | None = None
        self._reader: _Reader | None = None

    async def open(self) -> None:
        """Open, migrate and lock the database; see `bot.ports.Store`."""
        if not self._read_only:
            self._lock.take()
        try:
            await (self._open_to_read() if self._read_only else self._open_to_write())
        except BaseException:
            await self.close()
            raise
        if self._fold and not self._read_only:
            self._catching_up = asyncio.create_task(self._catch_up(self._fold))

    async def _open_to_read(self) -> None:
        self._reader = _Reader(sqlite.reading_engine(self._path), str(self._path))
        await self._read(self._inspect)

    async def _open_to_write(self) -> None:
        self._odometer.open()
        self._writer = Writer(sqlite.writing_engine(self._path), str(self._path))
        self._reader = _Reader(sqlite.reading_engine(self._path), str(self._path))
        self._restored_as_of = await self._write(self._prepare)
        # Only once it is durable that the database was restored may the odometer agree with it.
        self._odometer.begin(await self._write(backups.claims_of))
        self._writer.require(sqlite.Presence(self._path).require)

    async def _catch_up(self, fold: Fold) -> None:
        """Index what a migration left, until nothing is left or the disk refuses.

        What was refused is tried again at the next start; polling meets the same trouble and says
        so.
        """
        with contextlib.suppress(StoreError):
            while await self._write(lambda connection: shelves.catch_up(connection, fold)):
                pass

    async def caught_up(self) -> None:
        """Return once everything that an earlier program left is indexed, or cannot be for now."""
        if self._catching_up:
            await asyncio.wait([self._catching_up])

    def _prepare(self, connection: Connection) -> datetime | None:
        version = migrations.version_of(connection)
        migrations.migrate(connection, str(self._path))
        outbox.recover(connection)
        shown = self._odometer.shows()
        # Programs before that one wrote no such file; its absence says nothing of their databases.
        may_tell = shown is not None or version >= backups.COUNTED_SINCE
        if may_tell and backups.notice(connection, shown):
            log.warning(
                "database restored from a backup",
                database=str(self._path),
                why="it has given out fewer claims than the file beside it says, or has lost it",
                so="what may have been posted since is looked for before it is sent",
            )
        return backups.restored_as_of(connection)

    def _inspect(self, connection: Connection) -> None:
        migrations.require_current(connection, str(self._path))

    async def close(self) -> None:
        """Finish what is being written, and close; may be called more than once."""
        catching_up, self._catching_up = self._catching_up, None
        if catching_up:
            catching_up.cancel()
            await asyncio.wait([catching_up])
        reader, self._reader = self._reader, None
        writer, self._writer = self._writer, None
        if reader:
            await reader.close()
        if writer:
            await asyncio.to_thread(writer.close)
        self._odometer.close()
        self._lock.release()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        if self._reader is None:
            raise self._not_open()
        return await self._reader.read(work)

    async def _write(self, work: Callable[[Connection], T], *, in_haste: bool = False) -> T:
        if self._writer is None:
            raise self._not_open()
        return await asyncio.wrap_future(self._writer.submit(work, in_haste=in_haste))

    def _not_open(self) -> StoreError:
        if self._reader:
            problem, advice = "is open for reading only", "Have the running service do it"
            return StoreError(str(self._path), problem, advice=advice)
        return StoreError(str(self._path), "is not open", advice="Call open() first")
