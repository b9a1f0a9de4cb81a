"""Whether a feed is paused, and by whom."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.model import Asked, CardLine, Feed, MuteScope

OF_THE_FILE = "paused in config/feeds.yaml"
ELSEWHERE = "paused elsewhere"


def is_paused(feed: Feed, desk: Desk) -> bool:
    """Say whether a feed is left alone: one that is paused anywhere is read for nobody."""
    now = desk.clock.now()
    return feed.paused or any(
        mute.scope is MuteScope.FEED and mute.target == feed.id and mute.holds(now)
        for mute in desk.watch.mutes.values()
    )


def pause_line(feed: Feed, asked: Asked, desk: Desk) -> CardLine:
    """Say who paused a feed; of other workspaces nobody is named."""
    if feed.paused:
        return CardLine(text=OF_THE_FILE)
    pause = desk.watch.pause_of(MuteScope.FEED, feed.id, asked.workspace)
    if pause is None:
        return CardLine(text=ELSEWHERE)
    return CardLine(text="paused by", users=(pause.user_id,))
