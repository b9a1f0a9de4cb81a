"""Floods: what feeds bring at once, and what of it is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.model import Change, Changed, ChannelRef, Hold

KEEP_BURSTS = timedelta(days=30)
"""How long is remembered what a feed brought at once: what it usually brings is told by that."""


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that nobody has decided on, and how many alerts it holds."""

    hold: Hold
    alerts: int


class Holds(Protocol):
    """What is held until somebody decides. Polls begin holds; see `PollRecord`."""

    async def bursts(self, feed_id: str, since: datetime) -> Sequence[int]:
        """Return how many new entries each poll brought since then that brought any, ascending.

        A poll that was held counts once it is released. What is older than `KEEP_BURSTS` when
        the feed next brings something is forgotten.
        """
        ...

    async def open_holds(self, feed_id: str, since: datetime) -> Mapping[ChannelRef, Hold]:
        """Return, by channel, the newest hold of a feed begun since then that is still open."""
        ...

    async def hold(self, hold_id: str) -> Hold | None:
        """Return a hold, open or ended."""
        ...

    async def decide_hold(self, change: Change, hold_id: str, *, release: bool) -> Changed:
        """End a hold and write the line of the audit trail, in one transaction.

        Released alerts are owed, and their entries count towards what the feed usually brings;
        discarded ones are quiet. A change whose id was written before is REPEATED; where the hold
        is not open, it is a CONFLICT. Both change nothing.
        """
        ...

    async def let_go(self, before: datetime) -> int:
        """End the open holds begun before then as discarded; return how many there were."""
        ...
