"""What people decided, and the audit trail, in the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, select, update

from bot.model import Change, Changed, Feed, Mute, Rule, Thing
from bot.ports import ChangeQuery
from bot.store.registering import Key, moves
from bot.store.schema import changes, things

NEVER = datetime.max.replace(tzinfo=UTC)
"""When a pause ends, and whatever has no end."""


def rules(connection: Connection) -> tuple[Rule, ...]:
    """Return the rules that were written in chat, in the order in which they were added."""
    return tuple(_of_kind(connection, "rule"))


def feeds(connection: Connection) -> tuple[Feed, ...]:
    """Return the feeds that were added in chat, in the order in which they were added."""
    return tuple(_of_kind(connection, "feed"))


def _of_kind(connection: Connection, kind: str) -> list[Any]:
    wanted = select(things.c.document).where(things.c.kind == kind).order_by(things.c.number)
    return list(connection.scalars(wanted))


def mutes(connection: Connection, now: datetime) -> tuple[Mute, ...]:
    """Return the mutes and pauses that hold at `now`, the oldest first."""
    wanted = select(things.c.document).where(things.c.kind == "mute", things.c.until > now)
    held: list[Mute] = list(connection.scalars(wanted))
    return tuple(sorted(held, key=lambda mute: (mute.at, mute.id)))


def change(connection: Connection, change: Change) -> Changed:
    """Change a thing and write the line of the audit trail; see `bot.ports.Register`."""
    if is_written(connection, change.id):
        return Changed.REPEATED
    for key, before, _ in moves(change):
        if _thing(connection, key) != before:
            return Changed.CONFLICT
    for key, before, after in moves(change):
        _put(connection, key, before, after)
    write_down(connection, change)
    return Changed.DONE


def is_written(connection: Connection, change_id: str) -> bool:
    """Say whether the audit trail has a line of that id."""
    wanted = select(changes.c.change_id).where(changes.c.change_id == change_id)
    return connection.scalar(wanted) is not None


def _is(key: Key) -> ColumnElement[bool]:
    return and_(things.c.kind == key[0], things.c.name == key[1])


def _thing(connection: Connection, key: Key) -> Thing | None:
    thing: Thing | None = connection.scalar(select(things.c.document).where(_is(key)))
    return thing


def _put(connection: Connection, key: Key, before: Thing | None, after: Thing | None) -> None:
    if after is None:
        connection.execute(delete(things).where(_is(key)))
    elif before is None:
        number = _next(connection, select(func.max(things.c.number)))
        row = {"kind": key[0], "name": key[1], "number": number}
        connection.execute(insert(things), {**row, "until": _end(after), "document": after})
    else:
        changed = update(things).where(_is(key))
        connection.execute(changed.values(until=_end(after), document=after))


def _end(thing: Thing) -> datetime:
    return thing.until or NEVER if isinstance(thing, Mute) else NEVER


def _next(connection: Connection, last: Select[Any]) -> int:
    return int(connection.scalar(last) or 0) + 1


def write_down(connection: Connection, change: Change) -> None:
    """Write a line of the audit trail, after those of the same time."""
    at_once = select(func.max(changes.c.number)).where(changes.c.at == change.at)
    row = {
        "change_id": change.id,
        "at": change.at,
        "number": _next(connection, at_once),
        "workspace": change.workspace,
        "subject": change.subject,
        "refused": bool(change.refused),
        "document": change,
    }
    connection.execute(insert(changes), row)


def changes_of(connection: Connection, query: ChangeQuery) -> tuple[Change, ...]:
    """Return lines of the audit trail, newest first."""
    wanted = (
        select(changes.c.document)
        .order_by(changes.c.at.desc(), changes.c.number.desc())
        .limit(max(query.limit, 0))
    )
    return tuple(connection.scalars(wanted.where(*_asked_for(query))))


def _asked_for(query: ChangeQuery) -> Iterator[ColumnElement[bool]]:
    """Yield what `bot.store.registering.is_asked_for` says, for the database."""
    if query.workspace is not None:
        yield changes.c.workspace == query.workspace
    if query.subject:
        yield changes.c.subject == query.subject
    if query.id:
        yield changes.c.change_id == query.id
    if query.since is not None:
        yield changes.c.at >= query.since
    if query.until is not None:
        yield changes.c.at < query.until
    if not query.refused:
        yield changes.c.refused.is_(False)
