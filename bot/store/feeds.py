"""Feeds in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from bot.model import Feed, FeedState
from bot.store import polling
from bot.store.columns import AnyRow
from bot.store.polling import Polling
from bot.store.schema import feeds
from bot.store.upsert import upsert

_STATE = tuple(field.name for field in fields(FeedState))

_these = select(feeds).where(feeds.c.feed_id.in_(bindparam("feed_ids", expanding=True)))


def _state(row: AnyRow) -> FeedState:
    return FeedState(**{name: getattr(row, name) for name in _STATE})


def _polling(row: AnyRow) -> Polling:
    return Polling(state=_state(row), url=row.url, polled=row.polled)


def _known(connection: Connection, feed_ids: Sequence[str]) -> dict[str, Polling]:
    rows = connection.execute(_these, {"feed_ids": feed_ids})
    return {row.feed_id: _polling(row) for row in rows}


def _save(connection: Connection, pollings: Sequence[Polling]) -> None:
    upsert(connection, feeds, [_row(one) for one in pollings])


def _row(one: Polling) -> dict[str, Any]:
    state = {name: getattr(one.state, name) for name in _STATE}
    return {**state, "url": one.url, "polled": one.polled}


def sync(connection: Connection, wanted: Sequence[Feed], now: datetime) -> None:
    """Make the given feeds the polled ones."""
    connection.execute(update(feeds).values(polled=False))
    known = _known(connection, [feed.id for feed in wanted])
    _save(connection, [polling.synced(known.get(feed.id), feed, now) for feed in wanted])


def save(connection: Connection, state: FeedState) -> None:
    """Remember how a feed stands after a poll."""
    known = _known(connection, [state.feed_id]).get(state.feed_id)
    _save(connection, [polling.polled(known, state)])


def due(connection: Connection, now: datetime, limit: int) -> tuple[FeedState, ...]:
    """Return the polled feeds whose time has come, longest overdue first."""
    wanted = (
        select(feeds)
        .where(feeds.c.polled, feeds.c.next_poll_at <= now)
        .order_by(feeds.c.next_poll_at, feeds.c.feed_id)
        .limit(limit)
    )
    return tuple(map(_state, connection.execute(wanted)))


def next_due(connection: Connection) -> datetime | None:
    """Return when the next feed is due."""
    first: datetime | None = connection.scalar(
        select(func.min(feeds.c.next_poll_at)).where(feeds.c.polled)
    )
    return first


def polled(connection: Connection) -> tuple[FeedState, ...]:
    """Return all polled feeds."""
    return tuple(map(_state, connection.execute(select(feeds).where(feeds.c.polled))))
