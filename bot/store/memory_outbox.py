"""What delivery remembers, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.model import UNDER_WAY, AlertState, ChannelRef, MessageRef, Outcome, Post, Sighting
from bot.ports import Claim, Owed
from bot.store import protocol
from bot.store.book import BookKeeper, Kept
from bot.store.codec import Codec
from bot.store.protocol import Lane, Step

_DIGESTS = Codec[Owed](Owed, "a digest")


class MemoryOutbox(BookKeeper):
    """The outbox of the store in memory; every decision is the protocol's."""

    async def claim(self, platforms: Sequence[str], now: datetime) -> Claim | None:
        """Claim what is to be done next; see `bot.ports.Outbox`."""
        self._tidy(platforms, now)
        owed = min(self._to_send(platforms, now), key=Kept.turn, default=None)
        if owed:
            pace = self._pace(owed.alert.channel)
            return self._claimed(owed, protocol.intend(self._step(owed), now, self._policy, pace))
        doubted = min(self._to_look_for(platforms, now), key=_doubt, default=None)
        if doubted:
            return self._claimed(
                doubted, protocol.begin_look(self._step(doubted), now, self._policy)
            )
        return None

    def _tidy(self, platforms: Sequence[str], now: datetime) -> None:
        """Take back claims of leases that ran out, and waits that a wrong clock set."""
        for ref, lane in self._lanes(platforms):
            has_run_out = protocol.has_run_out(lane, now, self._policy)
            for kept in self._under_way(ref):
                standing = protocol.expired(kept.standing) if has_run_out else kept.standing
                self._stand(kept, protocol.look_within_reach(standing, now, self._policy))
            freed = protocol.freed(lane) if has_run_out else lane
            self._book.lanes[ref] = protocol.lane_within_reach(freed, now)

    def _to_send(self, platforms: Sequence[str], now: datetime) -> Iterable[Kept]:
        for ref, lane in self._lanes(platforms):
            if lane.may_send(now) and self._gate(ref.platform).is_open(now):
                yield from filter(self._is_ready, self._under_way(ref))

    def _to_look_for(self, platforms: Sequence[str], now: datetime) -> Iterable[Kept]:
        for ref, lane in self._lanes(platforms):
            if lane.is_free(now) and self._gate(ref.platform).is_open(now):
                yield from (kept for kept in self._under_way(ref) if _may_look(kept, now))

    def _is_ready(self, kept: Kept) -> bool:
        parent = self._parent(kept)
        waits = parent is not None and parent.standing.state in UNDER_WAY
        return kept.standing.state is AlertState.OWED and not waits

    def _parent(self, kept: Kept) -> Kept | None:
        parent = self._book.alerts.get(kept.alert.reply_to or "")
        return parent if parent and parent.alert.channel == kept.alert.channel else None

    def _claimed(self, kept: Kept, step: Step) -> Claim:
        self._write(kept, step)
        parent = self._parent(kept)
        post = self._post(kept, parent.standing.message if parent else None)
        return protocol.claim(post, step.standing)

    def _post(self, kept: Kept, thread: MessageRef | None) -> Post:
        assert kept.card is not None
        return Post(
            key=kept.alert.id,
            channel=kept.alert.channel,
            card=kept.card,
            thread=thread,
            plain=kept.standing.plain,
        )

    async def settle(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        """Write what became of a send; see `bot.ports.Outbox`."""
        kept = self._book.alerts.get(claim.post.key)
        if kept is None or not protocol.may_settle(kept.standing, claim):
            return False
        self._write(kept, protocol.settled(self._step(kept), outcome, now))
        return True

    async def settle_look(self, claim: Claim, sighting: Sighting, now: datetime) -> bool:
        """Write what a look found; see `bot.ports.Outbox`."""
        kept = self._book.alerts.get(claim.post.key)
        if kept is None or not protocol.may_settle_look(kept.standing, claim):
            return False
        self._write(kept, protocol.looked(self._step(kept), sighting, now))
        return True

    async def next_action_at(self, platforms: Sequence[str]) -> datetime | None:
        """Return when `claim` may next return something; see `bot.ports.Outbox`."""
        times = [self._next_action(ref, lane) for ref, lane in self._lanes(platforms)]
        return min((time for time in times if time), default=None)

    def _next_action(self, ref: ChannelRef, lane: Lane) -> datetime | None:
        kept = self._under_way(ref)
        return protocol.next_action(
            lane,
            self._gate(ref.platform),
            owes=any(map(self._is_ready, kept)),
            look_at=min(
                (one.standing.look_at for one in kept if one.standing.look_at), default=None
            ),
        )

    async def resume_channel(self, channel: ChannelRef, now: datetime) -> bool:  # noqa: ARG002 - the port's; nothing in memory is dated by it
        """Open a parked channel again; False where it was not parked."""
        lane = self._book.lanes.get(channel)
        if lane is None or lane.refusal is None:
            return False
        self._book.lanes[channel] = protocol.resumed(lane)
        return True

    async def resume_platform(self, platform: str, now: datetime) -> bool:  # noqa: ARG002 - the same
        """Send again to a platform that shut us out; False where it did not."""
        gate = self._gate(platform)
        self._book.gates[platform] = protocol.reopened(gate)
        return gate.refusal is not None

    def _give_up(self, served: Collection[str], now: datetime) -> list[str]:
        dead = []
        for kept in list(self._book.alerts.values()):
            alert = kept.alert
            platform = alert.channel.platform
            waited = protocol.Waited(
                decided_at=alert.decided_at, platform=platform, served=platform in served
            )
            after = protocol.outlived(self._step(kept), waited, now, self._policy)
            if after:
                self._stand(kept, after)
                dead.append(alert.id)
        return dead

    async def waiting(self, channel: ChannelRef) -> Sequence[Owed]:
        """Return the alerts that wait for the channel's next digest, oldest first."""
        kept = sorted(
            (kept for kept in self._waiting() if kept.alert.channel == channel), key=Kept.age
        )
        return tuple(Owed(alert=one.alert, card=one.card) for one in kept)

    async def waiting_channels(self) -> Mapping[ChannelRef, datetime]:
        """Return the channels for which alerts wait, with the time of the oldest."""
        newest_first = sorted(self._waiting(), key=Kept.age, reverse=True)
        return {kept.alert.channel: kept.alert.decided_at for kept in newest_first}

    def _waiting(self) -> list[Kept]:
        return [k for k in self._book.alerts.values() if k.standing.state is AlertState.WAITING]

    async def gather(self, digest: Owed, alert_ids: Sequence[str]) -> None:
        """Owe the digest and mark the alerts in it as gathered; see `bot.ports.Outbox`."""
        _DIGESTS.write(digest)
        protocol.require_card(digest)
        self._owe(digest, AlertState.OWED)
        for kept in self._waiting():
            if kept.alert.channel == digest.alert.channel and kept.alert.id in alert_ids:
                self._stand(kept, replace(kept.standing, state=AlertState.GATHERED))


def _may_look(kept: Kept, now: datetime) -> bool:
    look_at = kept.standing.look_at
    return kept.standing.state is AlertState.IN_DOUBT and look_at is not None and look_at <= now


def _doubt(kept: Kept) -> tuple[datetime, str]:
    return kept.standing.look_at or protocol.EPOCH, kept.alert.id
