"""Whom to tell, and why; whom not to tell, and why not.

One alert for each channel, story and article version. Rules that fire for one channel share it.
Every decision carries its Reason, the quiet ones included. Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerts.key import key_of
from bot.alerts.silence import Mutes, Telling, channels_of, silenced
from bot.model import Alert, Article, ChannelRef, Match, Reason, Rule, Silenced, Story, Urgency
from bot.ports import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is decided on: an article of a story, and the rules that hold for it.

    `baseline` says that the article was there before its feed was watched.
    """

    story: Story
    article: Article
    matches: tuple[Match, ...]
    baseline: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """What one channel knows of the story, and which matched sentences are new to it."""

    told: Told
    new_sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fired:
    """The rules that fired for one channel: all of them, and those that are kept quiet in it."""

    channel: ChannelRef
    rules: tuple[Rule, ...]
    silenced: tuple[Silenced, ...]

    def active(self) -> tuple[Rule, ...]:
        """Return the rules that speak."""
        quiet = {one.rule for one in self.silenced}
        return tuple(rule for rule in self.rules if rule.name not in quiet)


NO_MUTES = Mutes()


def decide(
    case: Case,
    rules: Mapping[str, Rule],
    history: Mapping[ChannelRef, History],
    now: datetime,
    mutes: Mutes = NO_MUTES,
) -> tuple[Alert, ...]:
    """Decide for every channel that a matching rule tells, in the order of the rules.

    A rule that is kept quiet drops out, and the others go on. Where all of them are, the alert is
    quiet, with the reason of the most urgent.
    """
    named = [rules[match.rule] for match in case.matches if match.rule in rules]
    channels = dict.fromkeys(channel for rule in named for channel in channels_of(rule))
    return tuple(
        _decide_one(case, _fired(case, channel, named, mutes, now), history.get(channel), now)
        for channel in channels
    )


def _fired(
    case: Case, channel: ChannelRef, named: Sequence[Rule], mutes: Mutes, now: datetime
) -> _Fired:
    rules = tuple(rule for rule in named if channel in channels_of(rule))
    tellings = [Telling(rule, channel, case.story, case.article) for rule in rules]
    quiet = (silenced(telling, mutes, now) for telling in tellings)
    return _Fired(channel, rules, tuple(one for one in quiet if one))


def alert_id(channel: ChannelRef, story_id: str, article_id: str, version: int) -> str:
    """Return the key of a decision: 24 characters of [a-z2-7], the same for the same decision."""
    return key_of(str(channel), story_id, article_id, str(version))


def _decide_one(case: Case, fired: _Fired, history: History | None, now: datetime) -> Alert:
    active = fired.active()
    speaking = active or fired.rules
    urgency = _highest(speaking)
    article = case.article
    return Alert(
        id=alert_id(fired.channel, case.story.id, article.id, article.version),
        channel=fired.channel,
        story_id=case.story.id,
        article_id=article.id,
        version=article.version,
        rules=tuple(rule.name for rule in speaking),
        urgency=urgency,
        reason=_reason(case, active, urgency, history) if active else _quiet_reason(fired),
        decided_at=now,
        reply_to=history.told.alert_id if history else None,
        silenced=fired.silenced,
    )


def _quiet_reason(fired: _Fired) -> Reason:
    """Return why the most urgent of the silenced rules is quiet; of equals, the first."""
    ranked = zip(fired.rules, fired.silenced, strict=True)
    return max(ranked, key=lambda pair: pair[0].urgency.rank)[1].reason


def _reason(
    case: Case, active: Sequence[Rule], urgency: Urgency, history: History | None
) -> Reason:
    if case.baseline:
        return Reason.BASELINE
    news = _news(case, active, history)
    if news.posts and urgency is Urgency.DIGEST:
        return Reason.DIGEST
    return news


def _news(case: Case, active: Sequence[Rule], history: History | None) -> Reason:
    if history is None:
        return Reason.NEW_STORY
    if history.new_sentences:
        return Reason.MATERIAL_UPDATE
    if any(rule.name not in history.told.rules for rule in active):
        return Reason.NEW_RULE
    return Reason.NOTHING_NEW if case.article.version > 1 else Reason.ALREADY_TOLD


def _highest(rules: Iterable[Rule]) -> Urgency:
    return max((rule.urgency for rule in rules), key=lambda urgency: urgency.rank)
