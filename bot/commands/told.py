"""What was decided about an article for the channels of a rule: who was told, or why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from bot.alerts.decide import alert_id
from bot.alerts.silence import channels_of
from bot.cards import until_words
from bot.commands.desk import Desk
from bot.model import Alert, Article, Asked, Rule

MOST: Final = 5
"""So many channels of a rule are spoken of."""


async def decisions(rule: Rule, article: Article, asked: Asked, desk: Desk) -> AsyncIterator[str]:
    """Yield a sentence for each channel of the workspace that a decision was taken for."""
    stories = await desk.archive.stories_of([article.id])
    story_id = stories[article.id].id if article.id in stories else article.id
    here = [one for one in channels_of(rule) if desk.is_here(one, asked.workspace)]
    for channel in here[:MOST]:
        record = await desk.archive.alert(alert_id(channel, story_id, article.id, article.version))
        if record and rule.name in record.alert.known_rules:
            yield _said(record.alert, rule, desk)


def _said(alert: Alert, rule: Rule, desk: Desk) -> str:
    silenced = next((one for one in alert.silenced if one.rule == rule.name), None)
    if silenced is None:
        told = "was told" if alert.reason.tells else "was not told"
        return f"{alert.channel} {told}: {alert.reason.value}."
    mute = desk.watch.mutes.get(silenced.mute_id)
    until = f" {until_words(mute.until)}" if mute and mute.until else ""
    return f"{alert.channel} was not told of it by this rule: {silenced.reason.value}{until}."
