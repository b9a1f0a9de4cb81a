"""One message on its way to a platform, and what became of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta

from bot.model.cards import Card
from bot.model.rules import ChannelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """A message on a platform, as the platform names it."""

    workspace: str
    channel_id: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message to send. `key` is the alert's id: at most 25 characters of [a-z2-7].

    `thread` is the message it replies to. `plain` asks for the smallest form of the card, after the
    platform refused the full one.
    """

    key: str
    channel: ChannelRef
    card: Card
    thread: MessageRef | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """The platform accepted the message and named it."""

    message: MessageRef


@dataclass(frozen=True, slots=True)
class Postponed:
    """Refused for certain and for now: nothing was posted, and it may be sent after the delay.

    `whole_platform` says that the refusal is about all channels of the platform.
    """

    why: str
    retry_after: timedelta
    whole_platform: bool = False


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Nobody knows whether the message was posted; look before sending again."""

    why: str


@dataclass(frozen=True, slots=True)
class Unwelcome:
    """The channel refuses us until a person changes something; park it.

    `code` is the platform's own, `advice` what a person can do.
    """

    code: str
    advice: str


@dataclass(frozen=True, slots=True)
class ShutOut:
    """The platform refuses us as a whole (token revoked); stop sending to it, loudly."""

    code: str
    advice: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """The platform refuses the content; send the plain form once, then give up."""

    why: str


Outcome = Posted | Postponed | InDoubt | Unwelcome | ShutOut | Malformed


@dataclass(frozen=True, slots=True)
class Found:
    """The message with the key is in the channel."""

    message: MessageRef


@dataclass(frozen=True, slots=True)
class Absent:
    """A complete look into the channel since the intent found no message with the key."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """The channel could not be looked into completely; the doubt remains."""

    why: str


Sighting = Found | Absent | Unseen


class AlertState(enum.StrEnum):
    """Where an alert stands on its way to a channel. One that is held waits for an admin."""

    QUIET = "quiet"
    WAITING = "waiting"
    HELD = "held"
    OWED = "owed"
    SENDING = "sending"
    POSTED = "posted"
    IN_DOUBT = "in doubt"
    GATHERED = "gathered"
    DEAD = "dead"


UNDER_WAY = (AlertState.OWED, AlertState.SENDING, AlertState.IN_DOUBT)
"""The states in which an alert may still be posted without anybody deciding so."""
