"""What the store in memory holds, and how one alert of it is looked at and changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.errors import StoreError
from bot.model import (
    UNDER_WAY,
    Alert,
    AlertState,
    Card,
    Change,
    Channel,
    ChannelRef,
    Draft,
    Errand,
    Feedback,
    Hold,
    Match,
    Story,
    Thing,
    Urgency,
)
from bot.ports import DeliveryPolicy, Look, Owed, Remembered
from bot.store import protocol
from bot.store.polling import Polling
from bot.store.protocol import Gate, Lane, Standing, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One alert with its card and how it stands."""

    alert: Alert
    card: Card | None
    standing: Standing
    held_in: str | None = None

    def turn(self) -> tuple[bool, datetime, str]:
        """Order alerts: critical first, then the oldest decision."""
        return self.alert.urgency is not Urgency.CRITICAL, self.alert.decided_at, self.alert.id

    def age(self) -> tuple[datetime, str]:
        """Order alerts by their decision alone."""
        return self.alert.decided_at, self.alert.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A match with the sentences that held its evidence."""

    match: Match
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """Where an article version stands in time, and the words by which it is found."""

    place: int
    words: str


@dataclass(slots=True)
class Decisions:
    """Everything that people decided."""

    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    feedback: dict[tuple[str, str], Feedback] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    errands: dict[str, Errand] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Book:
    """Everything that is remembered. `under_way` names the alerts of a channel not yet settled."""

    feeds: dict[str, Polling] = field(default_factory=dict)
    aliases: dict[str, Remembered] = field(default_factory=dict)
    articles: dict[tuple[str, int], Remembered] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    proofs: dict[tuple[str, str, int], Proof] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    story_of: dict[str, str] = field(default_factory=dict)
    shelf: dict[tuple[str, int], Standpoint] = field(default_factory=dict)
    last_of_second: dict[int, int] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    alerts: dict[str, Kept] = field(default_factory=dict)
    under_way: dict[ChannelRef, set[str]] = field(default_factory=lambda: defaultdict(set))
    lanes: dict[ChannelRef, Lane] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)
    bursts: dict[str, dict[datetime, int]] = field(default_factory=lambda: defaultdict(dict))
    holds: dict[str, Hold] = field(default_factory=dict)
    decisions: Decisions = field(default_factory=Decisions)


class BookKeeper:
    """Opens and closes the book, and keeps its parts in step."""

    def __init__(
        self,
        policy: DeliveryPolicy | None = None,
        channels: Mapping[ChannelRef, Channel] | None = None,
    ) -> None:
        """Make an empty store; `channels` own their pace, others take the policy's."""
        self._policy = policy or DeliveryPolicy()
        self._channels = channels or {}
        self._pages = Book()
        self._is_open = False

    @property
    def _book(self) -> Book:
        if not self._is_open:
            raise StoreError("the store in memory", "is not open", advice="Call open() first")
        return self._pages

    async def open(self) -> None:
        """Begin, or begin again as a new process does: what was being sent is in doubt."""
        self._is_open = True
        book = self._book
        for kept in list(book.alerts.values()):
            self._stand(kept, protocol.expired(kept.standing))
        for ref, lane in book.lanes.items():
            book.lanes[ref] = protocol.freed(lane)
        for name, gate in book.gates.items():
            book.gates[name] = protocol.reopened(gate)

    async def close(self) -> None:
        """Refuse further use until `open`."""
        self._is_open = False

    def _owe(self, owed: Owed, state: AlertState) -> None:
        """Remember an alert, once."""
        self._book.lanes.setdefault(owed.alert.channel, Lane())
        if owed.alert.id not in self._book.alerts:
            standing = Standing(state=state)
            kept = Kept(alert=owed.alert, card=owed.card, standing=standing, held_in=owed.held_in)
            self._stand(kept, standing)

    def _stand(self, kept: Kept, standing: Standing) -> None:
        book, alert = self._book, kept.alert
        book.alerts[alert.id] = replace(kept, standing=standing)
        if standing.state in UNDER_WAY:
            book.under_way[alert.channel].add(alert.id)
        else:
            book.under_way[alert.channel].discard(alert.id)

    def _lane_of(self, kept: Kept) -> Lane:
        return self._book.lanes[kept.alert.channel]

    def _gate(self, platform: str) -> Gate:
        return self._book.gates.get(platform, Gate())

    def _pace(self, ref: ChannelRef) -> timedelta:
        return self._channels[ref].pace if ref in self._channels else self._policy.pace

    def _under_way(self, ref: ChannelRef) -> list[Kept]:
        return [self._book.alerts[alert_id] for alert_id in self._book.under_way[ref]]

    def _lanes(self, platforms: Sequence[str]) -> Iterator[tuple[ChannelRef, Lane]]:
        for ref, lane in list(self._book.lanes.items()):
            if ref.platform in platforms:
                yield ref, lane

    def _step(self, kept: Kept) -> Step:
        gate = self._gate(kept.alert.channel.platform)
        return Step(standing=kept.standing, lane=self._lane_of(kept), gate=gate)

    def _write(self, kept: Kept, step: Step) -> None:
        self._stand(kept, step.standing)
        self._book.lanes[kept.alert.channel] = step.lane
        self._book.gates[kept.alert.channel.platform] = step.gate
