"""The memory of the service: what polling and delivery need of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.model import (
    Alert,
    AlertState,
    Article,
    Card,
    ChannelRef,
    Feed,
    FeedState,
    Hold,
    Match,
    MessageRef,
    Outcome,
    Post,
    Sighting,
    Story,
)
from bot.ports.holds import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry that was seen before: whose article it is, and what it was then.

    `version` is that of the newest version, `content_hash` that of the entry that last bore the
    alias: two feeds that tease one page in different words each have their own. An article that no
    story holds is its own story: `story_id` is then the article's id.
    """

    article_id: str
    version: int
    content_hash: str
    story_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An article to remember, with every name it goes by and the hash of its entry.

    `aliases` are the strings of `bot.articles.identity`; each of them leads to the article from
    now on. The words of one version never change once remembered; remembering it again with
    another `content_hash` keeps the words, and its aliases take the hash.

    `folded` is the text as the rule language sees it, by which the article is found again. Without
    it the store folds the text in its own way.
    """

    article: Article
    aliases: tuple[str, ...]
    content_hash: str
    folded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An alert with the card that tells it. `card` is None for a decision to stay quiet.

    An alert whose reason tells must have a card; the store refuses it otherwise. One that is held
    names its hold.
    """

    alert: Alert
    card: Card | None
    held_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """Everything one poll brought: it is remembered in one transaction, or not at all.

    A match names an article version that is in the record or was remembered before. `entries` is
    how many new entries count towards what the feed usually brings at once; 0 leaves the poll out.
    `holds` are those that begin with it.
    """

    state: FeedState
    articles: tuple[Remembered, ...] = ()
    matches: tuple[Match, ...] = ()
    stories: tuple[Story, ...] = ()
    owed: tuple[Owed, ...] = ()
    entries: int = 0
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was decided for a channel about a story before: what counts as known to it.

    A quiet decision counts too: an article that was there when the feed was added is not news when
    its publisher mends a comma.

    `rules` are those that any alert of this story to the channel knows; `sentences` the matched
    sentences, as text, that were known when it was last decided on.
    """

    channel: ChannelRef
    alert_id: str
    rules: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to send one alert, or to look for it. Every later write carries `fence`."""

    post: Post
    fence: int
    attempt: int
    intended_at: datetime
    in_doubt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedChannel:
    """A channel that refuses us, why, since when, and how many alerts wait for it."""

    channel: ChannelRef
    code: str
    advice: str
    since: datetime
    owed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutPlatform:
    """A platform that refuses us as a whole, why, since when."""

    platform: str
    code: str
    advice: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the service stands: how many alerts are in each state, and the oldest that is owed.

    `states` has every state, `channels` those states of a channel that hold an alert. `feeds` are
    the polled ones, by id. `held` are the open holds, oldest first.
    """

    states: Mapping[AlertState, int]
    oldest_owed_at: datetime | None
    parked: tuple[ParkedChannel, ...]
    feeds: tuple[FeedState, ...]
    shut_out: tuple[ShutPlatform, ...] = ()
    channels: Mapping[ChannelRef, Mapping[AlertState, int]] = field(default_factory=dict)
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """One alert as it is remembered, for explaining it later.

    `matches` are those of the alert's article version and rules, in the order of the rules. `why`
    is the last thing that kept it from its channel, `attempts` how often it was tried.
    """

    alert: Alert
    state: AlertState
    card: Card | None
    matches: tuple[Match, ...]
    message: MessageRef | None
    why: str = ""
    attempts: int = 0


class FeedStore(Protocol):
    """What polling remembers."""

    async def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the given feeds the polled ones; new ones are due at `now`, none is forgotten.

        A paused feed is not polled. A feed whose url was changed in the settings is polled at its
        new address at once, without the validators of the old one.
        """
        ...

    async def due_feeds(self, now: datetime, limit: int) -> Sequence[FeedState]:
        """Return the polled feeds whose time has come, longest overdue first."""
        ...

    async def next_due(self) -> datetime | None:
        """Return when the next feed is due."""
        ...

    async def known(self, aliases: Sequence[str]) -> Mapping[str, Known]:
        """Return what is known of the given aliases; unknown ones are left out."""
        ...

    async def stories(self, story_ids: Sequence[str]) -> Mapping[str, Story]:
        """Return the stories that are remembered; unknown ids are left out."""
        ...

    async def told(self, story_ids: Sequence[str]) -> Mapping[str, Sequence[Told]]:
        """Return, by story, what was decided for each channel, quiet decisions included.

        `alert_id` is the first alert that was not quiet, or the first of all where every one was.
        Every given story is in the answer; where nothing was decided, with ().
        """
        ...

    async def remember(self, record: PollRecord) -> None:
        """Commit a whole poll in one transaction; repeating it changes nothing."""
        ...


class Outbox(Protocol):
    """What delivery remembers. One sender per channel; the claim is durable before it returns."""

    async def claim(self, platforms: Sequence[str], now: datetime) -> Claim | None:
        """Claim what is to be done next for one of the platforms, if anything is.

        An owed alert whose channel is open and rested becomes `sending` (intent written before the
        request goes out). An alert in doubt whose settle time is over is claimed for a look
        (`in_doubt` is set). What an earlier process left in `sending` is in doubt. A reply waits
        until its parent is posted, and goes without a thread where the parent never will be (quiet,
        gathered into a digest, or dead).

        Critical alerts go first, then the oldest decision. A time that is farther off than a clock
        that runs right can have meant is no reason to wait.
        """
        ...

    async def settle(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        """Write what became of a send; False where the fence shows that the claim was lost."""
        ...

    async def settle_look(self, claim: Claim, sighting: Sighting, now: datetime) -> bool:
        """Write what a look into the channel found; False where the claim was lost."""
        ...

    async def next_action_at(self, platforms: Sequence[str]) -> datetime | None:
        """Return when `claim` may next return something, None where nothing waits.

        A time that has passed means now. What waits for a parked channel, or for a platform that
        shut us out, is left out: a person has to act first.
        """
        ...

    async def resume_channel(self, channel: ChannelRef, now: datetime) -> bool:
        """Open a parked channel again; False where it was not parked."""
        ...

    async def resume_platform(self, platform: str, now: datetime) -> bool:
        """Send again to a platform that shut us out; False where it did not. `open` does so too."""
        ...

    async def give_up(self, served: Collection[str], now: datetime) -> Sequence[AlertRecord]:
        """Give up what waited for a person longer than the policy keeps it, and return it.

        A person has to act where a channel is parked, where a platform shut us out or is not among
        those that are `served`, and where look after look could not see what is in doubt.
        """
        ...

    async def waiting(self, channel: ChannelRef) -> Sequence[Owed]:
        """Return the alerts that wait for the channel's next digest, oldest first."""
        ...

    async def waiting_channels(self) -> Mapping[ChannelRef, datetime]:
        """Return the channels for which alerts wait, with the time of the oldest."""
        ...

    async def gather(self, digest: Owed, alert_ids: Sequence[str]) -> None:
        """Owe the digest and mark the alerts in it as gathered, in one transaction.

        Only alerts that still wait for the digest's channel are marked. Repeating changes nothing.
        """
        ...
