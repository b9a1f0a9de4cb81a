"""Flood and Hold: what one poll brought too much of, until an admin decides."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.rules import ChannelRef


class Flood(enum.StrEnum):
    """Why what a poll brought is held. The value is shown to people."""

    BURST = "the feed brought far more at once than it ever does"
    RENAMED = "the feed gave most of its entries new ids, though many of them are known"
    REWRITTEN = "the feed wrote most of its entries anew, and old ones match now"
    CROWD = "more at once than a channel should get"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The alerts of a flood in one channel, held until an admin releases or discards them.

    `id` is that of the message that tells of it. `entries` are the new entries that the feed
    brought in the poll that began it. `change_id` is the line of the audit trail that ended it:
    None as long as it is open, empty where it ended by itself.
    """

    id: str
    feed_id: str
    channel: ChannelRef
    flood: Flood
    entries: int
    held_at: datetime
    change_id: str | None = None

    @property
    def counts(self) -> bool:
        """Whether its entries are left out of what the feed usually brings until it is released.

        A crowd says nothing about the feed, nor does a poll that brought none.
        """
        return self.entries > 0 and self.flood is not Flood.CROWD
