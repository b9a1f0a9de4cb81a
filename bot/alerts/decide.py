"""Whom to tell, and why; whom not to tell, and why not.

One alert for each channel, story and article version. Rules that fire for one channel share it.
Every decision carries its Reason, the quiet ones included. Nothing here reads a clock.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Alert, Article, ChannelRef, Match, Reason, Rule, Story, Urgency
from bot.ports import Told

FLOOD = 15
"""The most cards one poll may post into one channel; beyond it they share one message.

A feed that re-publishes its archive must not fill a channel.
"""


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


def decide(
    case: Case,
    rules: Mapping[str, Rule],
    history: Mapping[ChannelRef, History],
    now: datetime,
) -> tuple[Alert, ...]:
    """Decide for every channel that a matching rule names, in the order of the rules."""
    fired = [rules[match.rule] for match in case.matches if match.rule in rules]
    channels = dict.fromkeys(channel for rule in fired for channel in rule.to)
    return tuple(
        _decide_one(
            case,
            channel,
            [rule for rule in fired if channel in rule.to],
            history.get(channel),
            now,
        )
        for channel in channels
    )


def hold_floods(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Turn the alerts of one poll that would flood a channel into waiting ones.

    All of them wait, so that what the channel gets is one message and not fifteen and one. Critical
    alerts are counted on their own: a flood of others never holds them up.
    """
    posting = Counter(_stream(alert) for alert in alerts if alert.reason.posts)
    return tuple(
        replace(alert, reason=Reason.FLOOD)
        if alert.reason.posts and posting[_stream(alert)] > FLOOD
        else alert
        for alert in alerts
    )


def _stream(alert: Alert) -> tuple[ChannelRef, bool]:
    return alert.channel, alert.urgency is Urgency.CRITICAL


def alert_id(channel: ChannelRef, story_id: str, article_id: str, version: int) -> str:
    """Return the key of a decision: 24 characters of [a-z2-7], the same for the same decision."""
    named = "\n".join((str(channel), story_id, article_id, str(version)))
    digest = hashlib.sha256(named.encode()).digest()
    return base64.b32encode(digest)[:24].decode().lower()


def _decide_one(
    case: Case,
    channel: ChannelRef,
    fired: Sequence[Rule],
    history: History | None,
    now: datetime,
) -> Alert:
    active = [rule for rule in fired if not rule.paused]
    urgency = _highest(active or fired)
    article = case.article
    return Alert(
        id=alert_id(channel, case.story.id, article.id, article.version),
        channel=channel,
        story_id=case.story.id,
        article_id=article.id,
        version=article.version,
        rules=tuple(rule.name for rule in active or fired),
        urgency=urgency,
        reason=_reason(case, active, urgency, history),
        decided_at=now,
        reply_to=history.told.alert_id if history else None,
    )


def _reason(
    case: Case, active: Sequence[Rule], urgency: Urgency, history: History | None
) -> Reason:
    if not active:
        return Reason.PAUSED
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
