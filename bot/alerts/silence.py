"""Who is kept quiet: rules that are paused, on trial or muted, for one channel. Pure; takes `now`.

A mute or pause is set by people of one workspace and never reaches the channels of another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from bot.model import Article, ChannelRef, Mute, MuteScope, Reason, Rule, Silenced, Story


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a channel lies, as far as its platform knows: its workspace, and its id there."""

    workspace: str | None = None
    id: str | None = None


Locate = Callable[[ChannelRef], Whereabouts]


def nowhere(_channel: ChannelRef) -> Whereabouts:
    """Know of no channel where it lies."""
    return Whereabouts()


@dataclass(frozen=True, slots=True)
class Mutes:
    """The mutes and pauses that people set, ended ones among them, and where channels lie."""

    given: Collection[Mute] = ()
    locate: Locate = nowhere


@dataclass(frozen=True, slots=True)
class Telling:
    """What a channel would be told: a rule fired for an article of a story."""

    rule: Rule
    channel: ChannelRef
    story: Story
    article: Article


def channels_of(rule: Rule) -> tuple[ChannelRef, ...]:
    """Return the channels that are decided on where a rule fires, that of its trial included."""
    own = (rule.trial.channel,) if rule.trial and rule.trial.channel else ()
    return tuple(dict.fromkeys((*rule.to, *own)))


def silenced(telling: Telling, mutes: Mutes, now: datetime) -> Silenced | None:
    """Return why a rule is kept quiet in a channel at `now`; None where it is not.

    A paused rule is quiet whatever its urgency, for somebody put it to rest as a whole. A rule on
    trial tells the channel of its trial alone, until somebody decides about it: that the time of
    the trial is over changes nothing. A mute leaves what is more urgent than it.
    """
    rule = telling.rule
    pause = _first(telling, mutes, now, pauses=True)
    if rule.paused or pause:
        return Silenced(rule=rule.name, reason=Reason.PAUSED, mute_id=pause.id if pause else "")
    if rule.trial and rule.trial.channel != telling.channel:
        return Silenced(rule=rule.name, reason=Reason.TRIAL)
    mute = _first(telling, mutes, now, pauses=False)
    return Silenced(rule=rule.name, reason=Reason.MUTED, mute_id=mute.id) if mute else None


def _first(telling: Telling, mutes: Mutes, now: datetime, *, pauses: bool) -> Mute | None:
    """Return the first mute, or pause, that holds for what would be told."""
    holding = (
        mute
        for mute in mutes.given
        if (mute.until is None) == pauses
        and mute.holds(now)
        and _is_about(mute, telling)
        and _reaches(mute, telling, mutes.locate)
    )
    return next(holding, None)


def _is_about(mute: Mute, telling: Telling) -> bool:
    if mute.until is not None and telling.rule.urgency.rank > mute.urgency.rank:
        return False
    match mute.scope:
        case MuteScope.RULE:
            return mute.target == telling.rule.name
        case MuteScope.STORY:
            return mute.target == telling.story.id
        case MuteScope.SOURCE:
            return _lies_in(telling.article.source.domain, mute.target)
        case MuteScope.FEED:
            return False


def _lies_in(domain: str, target: str) -> bool:
    """Say whether a domain is the given one or lies below it, as `source:` in rules has it."""
    wanted = target.casefold().removeprefix("www.")
    return bool(wanted) and f".{domain.casefold()}".endswith(f".{wanted}")


def _reaches(mute: Mute, telling: Telling, locate: Locate) -> bool:
    """Say whether a mute holds in the channel.

    Where the channel lies may not be known, before its platform is open. A mute that names it holds
    then, one for a whole workspace does not, unless the rule belongs to that workspace.
    """
    channel, here = telling.channel, locate(telling.channel)
    if mute.channel is None:
        home = here.workspace or telling.rule.workspace
        return bool(home) and mute.workspace == home
    if here.workspace not in {None, mute.workspace}:
        return False
    return mute.channel == channel or (
        mute.channel.platform == channel.platform
        and here.id is not None
        and here.id in {mute.channel.name, locate(mute.channel).id}
    )
