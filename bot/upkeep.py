"""Upkeep: what has to be done now and then, whether or not anything happens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from bot.alerts.flood import KEEP
from bot.delivery.notices import Notify, only_log
from bot.model import ChannelRef, Notice, NoticeKind, Reason
from bot.ports import AlertRecord, Clock, Holds, Outbox

EVERY = timedelta(minutes=10)

log = structlog.get_logger(__name__)


Duty = Callable[[], Awaitable[None]]


class Upkeep:
    """Does its duties now and then; one that fails holds up no other."""

    def __init__(self, clock: Clock, *duties: Duty) -> None:
        """Do `duties`, in their order."""
        self._clock = clock
        self._duties = duties

    async def run(self) -> None:
        """Do what is due, until it is cancelled."""
        while True:
            for duty in self._duties:
                try:
                    await duty()
                except Exception:
                    # The store may be back the next time.
                    log.exception("upkeep in trouble", next_try=str(EVERY))
            await self._clock.sleep(EVERY.total_seconds())


class Kept(Holds, Outbox, Protocol):
    """Where things wait for somebody."""


class Overdue:
    """Ends what nobody decided on, or nobody could deliver, in time."""

    def __init__(
        self, store: Kept, served: Collection[str], clock: Clock, notify: Notify = only_log
    ) -> None:
        """Look after `store`; `served` are the platforms that this service delivers to.

        `notify` is called once for all that was given up in a channel for one reason.
        """
        self._notify = notify
        self._store = store
        self._served = served
        self._clock = clock

    async def let_go(self) -> None:
        """Leave the floods at their messages that nobody decided on."""
        ended = await self._store.let_go(self._clock.now() - KEEP)
        if ended:
            log.info("floods left at their messages", holds=ended)

    async def give_up(self) -> None:
        """Give up the alerts that waited too long for a person, and tell of them."""
        lost: dict[tuple[ChannelRef, str], list[AlertRecord]] = defaultdict(list)
        for dead in await self._store.give_up(self._served, self._clock.now()):
            log.warning(
                "alert given up",
                alert=dead.alert.id,
                channel=str(dead.alert.channel),
                title=_title_of(dead),
                why=dead.why,
            )
            if dead.alert.reason is not Reason.NOTICE:
                lost[dead.alert.channel, dead.why].append(dead)
        for (channel, why), records in lost.items():
            await self._notify(_notice(channel, why, records))


def _notice(channel: ChannelRef, why: str, records: Sequence[AlertRecord]) -> Notice:
    """Return what those who run Redline should hear of alerts that nobody was told of."""
    first = records[0]
    others = f" and {len(records) - 1} more" if len(records) > 1 else ""
    return Notice(
        kind=NoticeKind.GIVEN_UP,
        platform=channel.platform,
        channel=channel,
        alert_id=first.alert.id,
        url=first.card.url if first.card else None,
        said=why,
        advice=f"It was “{_title_of(first)}”{others}. `redline check` says what is missing.",
    )


def _title_of(record: AlertRecord) -> str:
    return record.card.title if record.card else ""
