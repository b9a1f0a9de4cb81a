"""Inserts that may be repeated. The one place where the databases' dialects differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import StoreError

Row = Mapping[str, Any]


def insert_once(connection: Connection, into: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is new; the others stay as they are."""
    if rows:
        connection.execute(_once(connection.dialect.name, into), rows)


def insert_from(connection: Connection, into: Table, rows: Select[Any]) -> None:
    """Insert the rows that a query finds; where the key is there already, it stays as it is."""
    names = [column.name for column in rows.selected_columns]
    statement = _insert(connection.dialect.name, into).from_select(names, rows)
    connection.execute(statement.on_conflict_do_nothing())


def upsert(
    connection: Connection, into: Table, rows: Sequence[Row], changes: Sequence[str] = ()
) -> None:
    """Insert the rows; where the key is there already, set the columns `changes`, or all."""
    if rows:
        changed = tuple(changes or rows[0])
        connection.execute(_or_change(connection.dialect.name, into, changed), rows)


# Building a statement costs more than running it, and there are as many as there are tables.
@cache
def _once(dialect: str, into: Table) -> sqlite.Insert | postgresql.Insert:
    return _insert(dialect, into).on_conflict_do_nothing()


@cache
def _or_change(
    dialect: str, into: Table, changes: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    statement = _insert(dialect, into)
    keys = [column.name for column in into.primary_key]
    excluded = {name: statement.excluded[name] for name in changes if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=excluded)


def _insert(dialect: str, into: Table) -> sqlite.Insert | postgresql.Insert:
    match dialect:
        case "sqlite":
            return sqlite.insert(into)
        case "postgresql":
            return postgresql.insert(into)
        case name:
            raise StoreError(name, "is no database Redline can use", advice="Use SQLite")
