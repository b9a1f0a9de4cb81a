"""The store as a whole, of the parts that polling, delivery, look-ups and editing use."""

from __future__ import annotations

from typing import Protocol

from bot.ports.archive import Archive
from bot.ports.holds import Holds
from bot.ports.register import Inbox, Register
from bot.ports.store import FeedStore, Outbox


class Store(FeedStore, Outbox, Archive, Register, Inbox, Holds, Protocol):
    """The memory of the service."""

    async def open(self) -> None:
        """Open, migrate and lock the database.

        Raises:
            StoreError: it is in use by another service, newer than this program, or damaged.
        """
        ...

    async def close(self) -> None:
        """Finish what is being written, and close; may be called more than once."""
        ...
