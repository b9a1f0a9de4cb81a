"""Floods in the database: what feeds bring at once, and what is held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from bot.model import AlertState, Change, Changed, ChannelRef, Flood, Hold
from bot.ports import KEEP_BURSTS, Held, PollRecord
from bot.store import register
from bot.store.alerts import ref_of
from bot.store.columns import AnyRow
from bot.store.protocol import let_out
from bot.store.schema import alerts, bursts, holds
from bot.store.upsert import insert_once

_open = select(holds).where(holds.c.change_id.is_(None))


def save(connection: Connection, record: PollRecord) -> None:
    """Remember what a poll brought at once, and the holds that began with it."""
    at = record.state.last_polled_at
    if record.entries and at:
        _count(connection, record.state.feed_id, at, record.entries)
    insert_once(
        connection,
        holds,
        [
            {
                "hold_id": hold.id,
                "feed_id": hold.feed_id,
                "platform": hold.channel.platform,
                "channel": hold.channel.name,
                "flood": hold.flood.value,
                "entries": hold.entries,
                "held_at": hold.held_at,
                "change_id": hold.change_id,
            }
            for hold in record.holds
        ],
    )


def _count(connection: Connection, feed_id: str, at: datetime, entries: int) -> None:
    insert_once(connection, bursts, [{"feed_id": feed_id, "at": at, "entries": entries}])
    old = delete(bursts).where(bursts.c.feed_id == feed_id, bursts.c.at < at - KEEP_BURSTS)
    connection.execute(old)


def bursts_of(connection: Connection, feed_id: str, since: datetime) -> tuple[int, ...]:
    """Return how many new entries each poll brought since then that brought any, ascending."""
    wanted = select(bursts.c.entries).where(bursts.c.feed_id == feed_id, bursts.c.at >= since)
    return tuple(connection.scalars(wanted.order_by(bursts.c.entries)))


def open_of(connection: Connection, feed_id: str, since: datetime) -> dict[ChannelRef, Hold]:
    """Return, by channel, the newest hold of a feed begun since then that is still open."""
    wanted = _open.where(holds.c.feed_id == feed_id, holds.c.held_at >= since)
    found = connection.execute(wanted.order_by(holds.c.held_at, holds.c.hold_id))
    return {ref_of(row): _hold(row) for row in found}


def hold(connection: Connection, hold_id: str) -> Hold | None:
    """Return a hold, open or ended."""
    row = connection.execute(select(holds).where(holds.c.hold_id == hold_id)).first()
    return None if row is None else _hold(row)


def _hold(row: AnyRow) -> Hold:
    return Hold(
        id=row.hold_id,
        feed_id=row.feed_id,
        channel=ref_of(row),
        flood=Flood(row.flood),
        entries=row.entries,
        held_at=row.held_at,
        change_id=row.change_id,
    )


def held(connection: Connection) -> tuple[Held, ...]:
    """Return the open holds, oldest first."""
    counts = (
        select(alerts.c.gathered_into, func.count().label("number"))
        .where(alerts.c.state == AlertState.HELD)
        .group_by(alerts.c.gathered_into)
    )
    numbers = {row.gathered_into: row.number for row in connection.execute(counts)}
    found = connection.execute(_open.order_by(holds.c.held_at, holds.c.hold_id))
    return tuple(Held(_hold(row), numbers.get(row.hold_id, 0)) for row in found)


def decide(connection: Connection, change: Change, hold_id: str, *, release: bool) -> Changed:
    """End a hold and write the line of the audit trail; see `bot.ports.Holds`."""
    if register.is_written(connection, change.id):
        return Changed.REPEATED
    found = hold(connection, hold_id)
    if found is None or found.change_id is not None:
        return Changed.CONFLICT
    _end(connection, [hold_id], change.id, release=release)
    if release and found.counts:
        _count(connection, found.feed_id, found.held_at, found.entries)
    register.write_down(connection, change)
    return Changed.DONE


def let_go(connection: Connection, before: datetime) -> int:
    """End the open holds begun before then as discarded; return how many there were."""
    late = connection.execute(_open.where(holds.c.held_at < before)).all()
    _end(connection, [row.hold_id for row in late], "", release=False)
    return len(late)


def _end(connection: Connection, ids: Sequence[str], change_id: str, *, release: bool) -> None:
    ended = update(holds).where(holds.c.hold_id.in_(ids), holds.c.change_id.is_(None))
    connection.execute(ended.values(change_id=change_id))
    out = update(alerts).where(alerts.c.state == AlertState.HELD, alerts.c.gathered_into.in_(ids))
    connection.execute(out.values(state=let_out(release=release)))
