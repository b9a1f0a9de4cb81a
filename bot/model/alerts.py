"""Story, Alert: one development, and the decision to tell one channel."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.model.rules import ChannelRef, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One development: the articles that report it, first reporter first."""

    id: str
    title: str
    article_ids: tuple[str, ...]
    first_at: datetime
    updated_at: datetime


class Reason(enum.StrEnum):
    """Why a channel was told, or why it was not. The value is shown to people."""

    NEW_STORY = "first report of this story"
    NEW_RULE = "another rule fires for this story"
    MATERIAL_UPDATE = "the publisher updated the story with new matching sentences"
    DIGEST = "waits for the digest"
    FLOOD = "too many at once, gathered into one message"
    BASELINE = "already there when the feed was added"
    ALREADY_TOLD = "the channel already has this story"
    NOTHING_NEW = "the story changed, but nothing that matched"
    PAUSED = "the rule is paused"
    MUTED = "muted in chat"
    TRIAL = "the rule is on trial"
    REPORT = "the trial of a rule is over"
    HOLD = "a feed brought far more at once than it usually does"
    NOTICE = "a trouble that those who run Redline should know of"

    @property
    def posts(self) -> bool:
        """Whether the channel gets a card at once."""
        return self in {
            Reason.NEW_STORY,
            Reason.NEW_RULE,
            Reason.MATERIAL_UPDATE,
            Reason.REPORT,
            Reason.HOLD,
            Reason.NOTICE,
        }

    @property
    def waits(self) -> bool:
        """Whether the card waits to be gathered with others into one digest."""
        return self is Reason.DIGEST

    @property
    def is_held(self) -> bool:
        """Whether the card is held until an admin releases it."""
        return self is Reason.FLOOD

    @property
    def tells(self) -> bool:
        """Whether there is a card for the channel, now or later."""
        return self.posts or self.waits or self.is_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """A rule that fired for a channel and was kept quiet: why, and by which mute or pause."""

    rule: str
    reason: Reason
    mute_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The decision about one channel and one version of a story, with its named reason.

    `id` is derived from channel, story and article version, so that the same decision taken twice
    is one alert. `reply_to` is the alert whose card this one follows up. `rules` are the names of
    all rules that fired for the channel, in the order of the settings; where some of them are
    silenced and others are not, those that are not. `silenced` are the others, or all of them.
    """

    id: str
    channel: ChannelRef
    story_id: str
    article_id: str
    version: int
    rules: tuple[str, ...]
    urgency: Urgency
    reason: Reason
    decided_at: datetime
    reply_to: str | None = None
    silenced: tuple[Silenced, ...] = ()

    @property
    def known_rules(self) -> tuple[str, ...]:
        """Every rule that fired: what it found is no news to the channel any more."""
        quiet = tuple(one.rule for one in self.silenced if one.rule not in self.rules)
        return self.rules + quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A place that receives cards; it owns its pace and its digest times."""

    ref: ChannelRef
    pace: timedelta = timedelta(seconds=1)
    digest_at: tuple[time, ...] = (time(8, 0),)
    timezone: str = "UTC"
