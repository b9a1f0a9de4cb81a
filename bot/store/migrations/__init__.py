"""The steps from an empty database to the tables of `bot.store.schema`, forward only.

A migration that was released is never changed; a new one is a new file and one line below. Each
runs in a transaction with its entry in `schema_version`, so that it happens whole or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, column, func, insert, inspect, select, table

from bot.errors import StoreError
from bot.store.migrations import (
    m0001_begin,
    m0002_search,
    m0003_register,
    m0004_floods,
    m0005_backups,
)


class Migration(NamedTuple):
    """One step: its number, what it is for, and its statements in plain portable SQL.

    `sqlite` are statements that only SQLite understands; they run after the others.
    """

    number: int
    name: str
    statements: Sequence[str]
    sqlite: Sequence[str] = ()


MIGRATIONS = (
    Migration(1, "begin", m0001_begin.STATEMENTS),
    Migration(2, "search", m0002_search.STATEMENTS, m0002_search.SQLITE),
    Migration(3, "register", m0003_register.STATEMENTS),
    Migration(4, "floods", m0004_floods.STATEMENTS),
    Migration(5, "backups", m0005_backups.STATEMENTS),
)

NEWEST = MIGRATIONS[-1].number


_versions = table("schema_version", column("version"), column("name"))


def version_of(connection: Connection) -> int:
    """Return the number of the last migration of the database; an empty one has 0."""
    if not inspect(connection).has_table("schema_version"):
        return 0
    return int(connection.scalar(select(func.max(_versions.c.version))) or 0)


def migrate(connection: Connection, about: str, steps: Sequence[Migration] | None = None) -> None:
    """Bring the database `about` up to this program, or through the first `steps` of it.

    Raises:
        StoreError: the database is newer than this program.
    """
    version = version_of(connection)
    refuse_newer(version, about)
    if version == 0:
        connection.exec_driver_sql(
            "CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)"
        )
    for migration in (steps or MIGRATIONS)[version:]:
        for statement in (*migration.statements, *migration.sqlite):
            connection.exec_driver_sql(statement)
        done = {"version": migration.number, "name": migration.name}
        connection.execute(insert(_versions).values(done))


def refuse_newer(version: int, about: str) -> None:
    """Refuse a database that a newer program has changed."""
    if version > NEWEST:
        problem = f"was written by a newer Redline (tables {version}, this program knows {NEWEST})"
        raise StoreError(about, problem, advice="Update the program, or restore an older backup")


def require_current(connection: Connection, about: str) -> None:
    """Refuse to read a database that this program would first have to bring up to date."""
    version = version_of(connection)
    refuse_newer(version, about)
    if version < NEWEST:
        problem = f"was written by an older Redline (tables {version}, this program has {NEWEST})"
        raise StoreError(about, problem, advice="Start the service once; it brings it up to date")
