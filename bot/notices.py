"""Troubles of Redline itself, told in the channels of those who run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from bot.alerts.key import key_of
from bot.alerts.own import own_alert
from bot.model import Card, CardLine, ChannelRef, Notice, NoticeKind, Reason
from bot.ports import Clock, Owed, Store

_TITLES: Final = {
    NoticeKind.PARKED: "{about} takes no messages",
    NoticeKind.SHUT_OUT: "Redline is refused by {about}",
    NoticeKind.CLOSED: "Redline cannot connect to {about}",
    NoticeKind.GIVEN_UP: "An alert for {about} could not be posted",
    NoticeKind.UNSEEN: "The history of {about} cannot be read",
}
_MEANINGS: Final = {
    NoticeKind.PARKED: "What it is owed waits, and is posted once it takes messages again.",
    NoticeKind.SHUT_OUT: "What its channels are owed waits, and is posted after the next start.",
    NoticeKind.CLOSED: "What its channels are owed waits; Redline goes on trying.",
    NoticeKind.GIVEN_UP: "Nobody was told of the article there.",
    NoticeKind.UNSEEN: "Alerts of which nobody knows whether they arrived wait until it can.",
}


class Notices:
    """Owes each notice to every channel that it can reach; delivery posts it like an alert."""

    def __init__(
        self, channels: Sequence[ChannelRef], store: Store, clock: Clock, owed: Callable[[], None]
    ) -> None:
        """Tell `channels`; call `owed` when there is something to post."""
        self._channels = channels
        self._store = store
        self._clock = clock
        self._owed = owed

    async def give(self, notice: Notice) -> None:
        """Owe a notice; the same trouble is told once a day at most, after a restart too."""
        if await self._is_of_a_notice(notice):
            return
        now, card = self._clock.now(), card_of(notice)
        for channel in self._channels:
            if not concerns(notice, channel):
                key = key_in(notice, channel, now)
                alert = own_alert(key, channel, Reason.NOTICE, now)
                await self._store.owe(Owed(alert=alert, card=card))
        self._owed()

    async def _is_of_a_notice(self, notice: Notice) -> bool:
        """Say whether what was given up was a notice: another would go the same way."""
        record = await self._store.alert(notice.alert_id) if notice.alert_id else None
        return record is not None and record.alert.reason is Reason.NOTICE


def concerns(notice: Notice, channel: ChannelRef) -> bool:
    """Say whether a channel has the trouble itself, so that it cannot be told of it."""
    if notice.channel is not None:
        return notice.channel == channel
    return notice.platform == channel.platform


def card_of(notice: Notice) -> Card:
    """Return what people see of a notice."""
    about = notice.channel or notice.platform.capitalize()
    return Card(
        title=_TITLES[notice.kind].format(about=about),
        url=notice.url,
        lines=(CardLine(text=f"The reason: {notice.said}"), CardLine(text=_MEANINGS[notice.kind])),
        notes=(notice.advice,) if notice.advice else (),
    )


def key_in(notice: Notice, channel: ChannelRef, now: datetime) -> str:
    """Return the key of a notice in a channel: the same all day."""
    day = now.date().isoformat()
    return key_of("notice", notice.kind, notice.about, notice.said, str(channel), day)
