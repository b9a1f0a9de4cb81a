"""What those who run Redline should hear of: a trouble that somebody has to act on."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from bot.model.rules import ChannelRef


class NoticeKind(enum.StrEnum):
    """What happened. The value begins the line that the log has of it."""

    PARKED = "channel parked"
    SHUT_OUT = "platform refuses us"
    CLOSED = "platform does not open"
    GIVEN_UP = "alert given up"
    UNSEEN = "channel cannot be looked into"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something about delivery that a person should act on.

    `platform` is the one whose trouble it is, `channel` the channel, if it is the trouble of one.
    `alert_id` is the alert that was given up. `said` is the platform's own word for the trouble,
    `advice` what to do; `url` is where the article stands that nobody was told of.
    """

    kind: NoticeKind
    platform: str
    said: str
    advice: str
    channel: ChannelRef | None = None
    alert_id: str = ""
    url: str | None = None

    @property
    def about(self) -> str:
        """What the trouble is about, in one word: the alert, the channel or the platform."""
        return self.alert_id or str(self.channel or self.platform)
