"""What those who run Redline should hear of: each trouble once, until it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from bot.model import (
    ChannelRef,
    Malformed,
    Notice,
    NoticeKind,
    Outcome,
    Post,
    ShutOut,
    Sighting,
    Unseen,
    Unwelcome,
)

_PATIENCE = 20.0  # Seconds that giving a notice may take.

log = structlog.get_logger(__name__)


Notify = Callable[[Notice], Awaitable[None]]


async def only_log(_notice: Notice) -> None:
    """Leave a notice at its line in the log."""


class Teller:
    """Gives each notice once, until its channel or platform takes messages again."""

    def __init__(self, notify: Notify) -> None:
        """Give notices with `notify`; the log has them in any case."""
        self._notify = notify
        self._told: set[tuple[NoticeKind, str]] = set()

    async def tell(self, notice: Notice | None) -> None:
        """Give the notice, unless it was given; a notice that fails stays in the log."""
        if notice is None or (notice.kind, notice.about) in self._told:
            return
        self._told.add((notice.kind, notice.about))
        log.warning(
            "notice",
            kind=str(notice.kind),
            about=notice.about,
            said=notice.said,
            advice=notice.advice,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._notify(notice)
        except Exception:  # The alerts count more than the notice.
            log.exception("notice lost", about=notice.about)

    def forget(self, channel: ChannelRef) -> None:
        """Forget the troubles of a channel that takes messages, and those of its platform."""
        well = {str(channel), channel.platform}
        self._told = {(kind, about) for kind, about in self._told if about not in well}


def notice_of_send(post: Post, outcome: Outcome) -> Notice | None:
    """Return what those who run Redline should hear of a send that ended so."""
    match outcome:
        case Unwelcome(code, advice):
            return _notice(NoticeKind.PARKED, post, code, advice)
        case ShutOut(code, advice):
            kind, platform = NoticeKind.SHUT_OUT, post.channel.platform
            return Notice(kind=kind, platform=platform, said=code, advice=advice)
        case Malformed(why) if post.plain:
            where = post.card.url or "its source"
            advice = f"Read it at {where}, and report this card."
            lost = _notice(NoticeKind.GIVEN_UP, post, why, advice)
            return replace(lost, alert_id=post.key, url=post.card.url)
        case _:
            return None


def notice_of_look(post: Post, sighting: Sighting) -> Notice | None:
    """Return what those who run Redline should hear of a look that ended so."""
    if not isinstance(sighting, Unseen):
        return None
    advice = "We look again; if this lasts, let the app read the history of the channel."
    return _notice(NoticeKind.UNSEEN, post, sighting.why, advice)


def _notice(kind: NoticeKind, post: Post, said: str, advice: str) -> Notice:
    channel = post.channel
    return Notice(kind=kind, platform=channel.platform, channel=channel, said=said, advice=advice)
