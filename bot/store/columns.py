"""How times and frozen types lie in a column, the same in every database.

A time is a count of microseconds since 1970 in UTC: exact, ordered, and free of any database's own
idea of time zones. A frozen type is JSON text, written and read by its codec.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, Dialect, Row, Text
from sqlalchemy.types import TypeDecorator

from bot.store.codec import Codec
from bot.store.protocol import EPOCH

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row whose columns are known by name."""

MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware time, as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write a time; one without a zone is refused."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read a time, in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


class Payload(TypeDecorator[Any]):
    """A frozen type, as JSON text."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any, name: str) -> None:
        """Make the column type of `kind`; `name` is what errors call its values."""
        super().__init__()
        # SQLAlchemy tells cached statements apart by the attributes named as the arguments.
        self.kind = kind
        self.name = name
        self.codec: Codec[Any] = Codec(kind, name)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write a value."""
        return None if value is None else self.codec.write(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Read a value."""
        return None if value is None else self.codec.read(value)
