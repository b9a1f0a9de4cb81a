"""Floods in memory: what feeds bring at once, and what is held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.model import AlertState, Change, Changed, ChannelRef, Hold
from bot.ports import KEEP_BURSTS, Held, PollRecord
from bot.store.book import BookKeeper
from bot.store.codec import Codec
from bot.store.protocol import let_out

_CHANGES = Codec[Change](Change, "a line of the audit trail")


class MemoryHolds(BookKeeper):
    """Keeps what is held."""

    async def bursts(self, feed_id: str, since: datetime) -> Sequence[int]:
        """Return how many new entries each poll brought; see `bot.ports.Holds`."""
        known = self._book.bursts[feed_id]
        return tuple(sorted(entries for at, entries in known.items() if at >= since))

    async def open_holds(self, feed_id: str, since: datetime) -> Mapping[ChannelRef, Hold]:
        """Return the newest open hold of a feed, by channel; see `bot.ports.Holds`."""
        return {
            hold.channel: hold
            for hold in self._open()
            if hold.feed_id == feed_id and hold.held_at >= since
        }

    async def let_go(self, before: datetime) -> int:
        """End the open holds begun before then as discarded; return how many there were."""
        late = [hold for hold in self._open() if hold.held_at < before]
        self._end(late, "", release=False)
        return len(late)

    async def hold(self, hold_id: str) -> Hold | None:
        """Return a hold, open or ended."""
        return self._book.holds.get(hold_id)

    async def decide_hold(self, change: Change, hold_id: str, *, release: bool) -> Changed:
        """End a hold and write the line of the audit trail; see `bot.ports.Holds`."""
        _CHANGES.write(change)
        written = self._book.decisions.changes
        if change.id in written:
            return Changed.REPEATED
        hold = self._book.holds.get(hold_id)
        if hold is None or hold.change_id is not None:
            return Changed.CONFLICT
        self._end([hold], change.id, release=release)
        if release and hold.counts:
            self._count(hold.feed_id, hold.held_at, hold.entries)
        written[change.id] = change
        return Changed.DONE

    def _remember_flood(self, record: PollRecord) -> None:
        at = record.state.last_polled_at
        if record.entries and at:
            self._count(record.state.feed_id, at, record.entries)
        for hold in record.holds:
            self._book.holds.setdefault(hold.id, hold)

    def _count(self, feed_id: str, at: datetime, entries: int) -> None:
        known = self._book.bursts[feed_id]
        known.setdefault(at, entries)
        self._book.bursts[feed_id] = {
            when: number for when, number in known.items() if when >= at - KEEP_BURSTS
        }

    def _held(self) -> tuple[Held, ...]:
        """Return the open holds, oldest first."""
        numbers = Counter(
            kept.held_in
            for kept in self._book.alerts.values()
            if kept.standing.state is AlertState.HELD
        )
        return tuple(Held(hold, numbers[hold.id]) for hold in self._open())

    def _open(self) -> Sequence[Hold]:
        holds = [hold for hold in self._book.holds.values() if hold.change_id is None]
        return sorted(holds, key=lambda hold: (hold.held_at, hold.id))

    def _end(self, holds: Iterable[Hold], change_id: str, *, release: bool) -> None:
        ended = {hold.id: replace(hold, change_id=change_id) for hold in holds}
        self._book.holds |= ended
        for kept in list(self._book.alerts.values()):
            if kept.held_in in ended and kept.standing.state is AlertState.HELD:
                self._stand(kept, replace(kept.standing, state=let_out(release=release)))
