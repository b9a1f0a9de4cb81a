"""Backups: a database that was restored has forgotten what was sent since it was copied.

How many claims a database has given out is the sum of its fences. That number is written beside the
database too, with each claim, and so it shows when the database is an older one. Then whatever is
owed may have been posted already, and is looked for before it is sent: what the backup owes, and
what the feeds bring again until each was read once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.errors import StoreError
from bot.model import AlertState, FeedState
from bot.store.articles import in_parts
from bot.store.schema import alerts, changes, channels, feeds, restores

COUNTED_SINCE = 5
"""The migration since which the claims are counted beside the database."""

_WHY = "the database was restored from a backup, so that this may have been posted"

_claims = select(func.coalesce(func.sum(channels.c.fence), 0))
_known_times = (
    select(func.max(feeds.c.last_polled_at).label("at"))
    .union_all(
        select(func.max(alerts.c.decided_at)),
        select(func.max(alerts.c.intended_at)),
        select(func.max(changes.c.at)),
    )
    .subquery()
)


class Odometer:
    """The file beside a database that says how many claims were given out from it."""

    def __init__(self, database: Path) -> None:
        """Name the file; `open` opens it."""
        self._path = database.with_name(database.name + ".claims")
        self._file: int | None = None
        self._noted = -1

    def open(self) -> None:
        """Open the file, or make it.

        Raises:
            StoreError: it cannot be written.
        """
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            problem = f"cannot be written: {error.strerror}"
            advice = "Give this user the right to write it"
            raise StoreError(str(self._path), problem, advice=advice) from error

    def close(self) -> None:
        """Close the file; may be called more than once."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def shows(self) -> int | None:
        """Return the number, None where there is none: the file is new, or not ours."""
        assert self._file is not None
        said = os.pread(self._file, 40, 0).strip()
        return int(said) if said.isdigit() else None

    def note(self, claims: int) -> None:
        """Write the number, unless a higher one was written. It replaces the last.

        It comes after the commit: were it ahead of the database after a crash, that would pass for
        a backup.
        """
        assert self._file is not None
        if claims > self._noted:
            self._noted = claims
            # A disk that fails must not hold up what is sent; the next claim writes it.
            with contextlib.suppress(OSError):
                os.pwrite(self._file, b"%020d\n" % claims, 0)

    def begin(self, claims: int) -> None:
        """Write the number of the database as it was opened, be it lower than the last."""
        self._noted = -1
        self.note(claims)


def claims_of(connection: Connection) -> int:
    """Return how many claims the database has given out."""
    return int(connection.scalar(_claims) or 0)


def notice(connection: Connection, shown: int | None) -> bool:
    """Say whether the database is older than what the odometer `shown`, or has come without one.

    If so, all that it owes is in doubt from now on.
    """
    claims = claims_of(connection)
    as_of = connection.scalar(select(func.max(_known_times.c.at)))
    if as_of is None or (shown is not None and claims >= shown) or (shown is None and not claims):
        return False
    connection.execute(delete(restores))
    connection.execute(insert(restores).values(as_of=as_of))
    _doubt(connection, as_of, None)
    return True


def restored_as_of(connection: Connection) -> datetime | None:
    """Return the last time that the backup knew, None where none was ever restored."""
    found: datetime | None = connection.scalar(select(restores.c.as_of))
    return found


def doubt_what_came_again(
    connection: Connection, as_of: datetime, state: FeedState, alert_ids: Iterable[str]
) -> None:
    """Put in doubt what a feed brought that was not read since the database was restored."""
    wanted = select(feeds.c.last_success_at).where(feeds.c.feed_id == state.feed_id)
    before: datetime | None = connection.scalar(wanted)
    if before is None or before <= as_of:
        _doubt(connection, as_of, list(alert_ids))


def _doubt(connection: Connection, as_of: datetime, alert_ids: list[str] | None) -> None:
    """Put in doubt what is owed, or what of these alerts is."""
    doubt = update(alerts).where(alerts.c.state == AlertState.OWED)
    doubted = doubt.values(
        state=AlertState.IN_DOUBT, intended_at=as_of, look_at=as_of, looks=0, why=_WHY
    )
    if alert_ids is None:
        connection.execute(doubted)
        return
    for part in in_parts(alert_ids):
        connection.execute(doubted.where(alerts.c.alert_id.in_(part)))
