"""What people decide in chat: rules and feeds that they keep, mutes, opinions, and who did what."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.asking import Argument, Order, Request
from bot.model.feeds import Feed
from bot.model.forms import Submission
from bot.model.rules import ChannelRef, Rule, Urgency


class MuteScope(enum.StrEnum):
    """What a mute silences: the alerts of a rule, a story or a source, or the polls of a feed."""

    RULE = "rule"
    STORY = "story"
    SOURCE = "source"
    FEED = "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Somebody wants silence.

    `target` is the name of a rule, the id of a story, the domain of a source or the id of a feed;
    `label` is what people call it. It holds in one channel, or everywhere in the workspace where
    `channel` is None. Without `until` it is a pause, which only a rule or a feed can have. What is
    more urgent than `urgency` is not silenced.
    """

    id: str
    scope: MuteScope
    target: str
    label: str
    workspace: str
    user_id: str
    at: datetime
    until: datetime | None
    channel: ChannelRef | None = None
    urgency: Urgency = Urgency.NOW

    def holds(self, now: datetime) -> bool:
        """Say whether it has not ended yet."""
        return self.until is None or now < self.until


class Opinion(enum.StrEnum):
    """What a person thinks of an alert."""

    RELEVANT = "relevant"
    IRRELEVANT = "not relevant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A person's opinion on an alert; the last one counts."""

    alert_id: str
    workspace: str
    user_id: str
    opinion: Opinion
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person is about to do, kept for a day between a form and the button that does it.

    Only its maker may go on with it. `form` names the form or step that it belongs to, `subject`
    the rule, feed or alert it is about, `values` what was filled in so far.
    """

    id: str
    form: str
    workspace: str
    channel_id: str
    user_id: str
    made_at: datetime
    subject: str = ""
    values: tuple[Argument, ...] = ()

    def value(self, name: str) -> str:
        """Return the first value of a field, the empty string where there is none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return tuple(given.value for given in self.values if given.name == name and given.value)


Thing = Rule | Feed | Mute


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Somebody changed something in chat, or was refused: one line of the audit trail.

    `id` is that of the interaction, so that what is delivered twice is done once. `what` is the
    command (`watch edit`), `subject` the name of what was changed. A new thing has no `before`, one
    that was removed no `after`. `refused` says why nothing was changed; then both are None.
    """

    id: str
    at: datetime
    platform: str
    workspace: str
    channel_id: str
    user_id: str
    what: str
    subject: str
    before: Thing | None = None
    after: Thing | None = None
    refused: str = ""


class Changed(enum.StrEnum):
    """What became of a change. In a CONFLICT somebody else changed the thing in the meantime."""

    DONE = "done"
    REPEATED = "repeated"
    CONFLICT = "conflict"


Question = Order | Request | Submission
"""What people ask: a command, a press, a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a person asked for and was not answered yet; a restart takes it up again.

    `address` is where the platform wants the answer, in words that only its adapter reads.
    """

    id: str
    platform: str
    asked: Question
    address: str
    taken_at: datetime
