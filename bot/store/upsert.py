"""Inserts that may be repeated. The one place where the databases' dialects differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import StoreError

Row = Mapping[str, Any]


def insert_once(connection: Connection, into: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is new; the others stay as they are."""
    if rows:
        connection.execute(_insert(connection, into).on_conflict_do_nothing(), rows)


def upsert(
    connection: Connection, into: Table, rows: Sequence[Row], changes: Sequence[str] | None = None
) -> None:
    """Insert the rows; where the key is there already, set the columns `changes`, or all."""
    if not rows:
        return
    statement = _insert(connection, into)
    keys = [column.name for column in into.primary_key]
    changed = changes or [name for name in rows[0] if name not in keys]
    excluded = {name: statement.excluded[name] for name in changed}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=excluded), rows)


def _insert(connection: Connection, into: Table) -> sqlite.Insert | postgresql.Insert:
    match connection.dialect.name:
        case "sqlite":
            return sqlite.insert(into)
        case "postgresql":
            return postgresql.insert(into)
        case name:
            raise StoreError(name, "is no database Redline can use", advice="Use SQLite")
