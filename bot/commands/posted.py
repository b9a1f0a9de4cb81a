"""The alerts that stand in channels: finding one, and showing what people did with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.cards import marked_card
from bot.commands.desk import Desk
from bot.model import Alert, AlertState, Asked, Card, Mute, MuteScope, Revised
from bot.ports import AlertRecord

_ON_ITS_WAY: Final = frozenset({AlertState.SENDING, AlertState.IN_DOUBT})


@dataclass(frozen=True, slots=True)
class PostedAlert:
    """An alert that stands in a channel, and its card as it was posted."""

    alert: Alert
    card: Card


async def posted_alert(alert_id: str, asked: Asked, desk: Desk) -> PostedAlert | None:
    """Return the alert with an id and its card; None where `posted_record` returns none."""
    record = await posted_record(alert_id, asked, desk)
    if record is None or record.card is None:
        return None
    return PostedAlert(record.alert, record.card)


async def posted_record(alert_id: str, asked: Asked, desk: Desk) -> AlertRecord | None:
    """Return what is remembered of an alert that stands in a channel of the asker's workspace.

    The id is only a claim: an unknown one, one of another workspace, one that was never posted and
    one of a private rule that is asked for elsewhere are all the same to whoever asks.
    """
    record = await desk.archive.alert(alert_id)
    if record is None or not asked.workspace:
        return None
    in_theirs, in_its_channel = _whereabouts(record, asked, desk)
    if not in_theirs or (_is_private(record.alert, desk) and not in_its_channel):
        return None
    return record


def _whereabouts(record: AlertRecord, asked: Asked, desk: Desk) -> tuple[bool, bool]:
    """Say whether an alert stands in the asker's workspace, and whether they ask in its channel.

    People see a message before the platform has told us that it was posted: one that is on its way
    stands where it is sent to.
    """
    message, channel = record.message, record.alert.channel
    if message is not None:
        return message.workspace == asked.workspace, message.channel_id == asked.channel_id
    if record.state not in _ON_ITS_WAY:
        return False, False
    return desk.is_here(channel, asked.workspace), desk.is_asked_in(channel, asked)


def _is_private(alert: Alert, desk: Desk) -> bool:
    rules = desk.watch.rules
    return any(rules[name].private for name in alert.rules if name in rules)


async def marked(posted: PostedAlert, asked: Asked, desk: Desk) -> Revised:
    """Show an alert with all the opinions on it and the mutes that silence its like."""
    given = await desk.register.feedback_on(posted.alert.id)
    feedback = [one for one in given if one.workspace == asked.workspace]
    mutes = mutes_of(posted, asked.workspace, desk)
    return Revised(marked_card(posted.card, feedback, mutes, desk.clock.now()))


def mutes_of(posted: PostedAlert, workspace: str, desk: Desk) -> Sequence[Mute]:
    """Return the mutes of an alert's rules, story or source in its channel; some may have ended."""
    alert = posted.alert
    named = {(MuteScope.RULE, name) for name in alert.rules}
    named |= {(MuteScope.STORY, alert.story_id), (MuteScope.SOURCE, posted.card.domain)}
    return [
        mute
        for mute in desk.watch.mutes.values()
        if mute.workspace == workspace
        and (mute.scope, mute.target) in named
        and mute.channel in {None, alert.channel}
    ]
