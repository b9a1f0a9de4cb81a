"""Messages of Redline itself, which no article brought. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.model import Alert, ChannelRef, Reason, Urgency


def own_alert(
    key: str, channel: ChannelRef, reason: Reason, now: datetime, urgency: Urgency = Urgency.NOW
) -> Alert:
    """Return a message of Redline itself as delivery knows it.

    It names no rule, because it is no alert of any, and is a story of its own.
    """
    return Alert(
        id=key,
        channel=channel,
        story_id=f"own-{key}",
        article_id=f"own-{key}",
        version=1,
        rules=(),
        urgency=urgency,
        reason=reason,
        decided_at=now,
    )
