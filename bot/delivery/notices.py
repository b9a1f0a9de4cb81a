"""What an admin should hear of: each trouble once, until it is gone."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.model import ChannelRef, Malformed, Outcome, Post, ShutOut, Sighting, Unseen, Unwelcome

_PATIENCE = 20.0  # Seconds that giving a notice may take.

log = structlog.get_logger(__name__)


class NoticeKind(enum.StrEnum):
    """What happened. The value begins the sentence that an admin reads."""

    PARKED = "channel parked"
    SHUT_OUT = "platform refuses us"
    GIVEN_UP = "alert given up"
    UNSEEN = "channel cannot be looked into"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something about delivery that a person should act on.

    `about` is a channel, a platform or an alert; `said` is the platform's own word for the trouble,
    `advice` what to do.
    """

    kind: NoticeKind
    about: str
    said: str
    advice: str


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
            "delivery.notice",
            kind=str(notice.kind),
            about=notice.about,
            said=notice.said,
            advice=notice.advice,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._notify(notice)
        except Exception:  # The alerts count more than the notice.
            log.exception("delivery.notice_lost", about=notice.about)

    def forget(self, channel: ChannelRef) -> None:
        """Forget the troubles of a channel that takes messages, and those of its platform."""
        well = {str(channel), channel.platform}
        self._told = {(kind, about) for kind, about in self._told if about not in well}


def notice_of_send(post: Post, outcome: Outcome) -> Notice | None:
    """Return what an admin should hear of a send that ended so."""
    match outcome:
        case Unwelcome(code, advice):
            about = str(post.channel)
            return Notice(kind=NoticeKind.PARKED, about=about, said=code, advice=advice)
        case ShutOut(code, advice):
            about = post.channel.platform
            return Notice(kind=NoticeKind.SHUT_OUT, about=about, said=code, advice=advice)
        case Malformed(why) if post.plain:
            return Notice(
                kind=NoticeKind.GIVEN_UP,
                about=f"{post.key} to {post.channel}",
                said=why,
                advice=f"Read it at {post.card.url or 'its source'}, and report this card.",
            )
        case _:
            return None


def notice_of_look(post: Post, sighting: Sighting) -> Notice | None:
    """Return what an admin should hear of a look that ended so."""
    if not isinstance(sighting, Unseen):
        return None
    return Notice(
        kind=NoticeKind.UNSEEN,
        about=str(post.channel),
        said=sighting.why,
        advice="We look again; if this lasts, let the app read the history of the channel.",
    )
