"""The courier: one message, tried once or looked for once, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bot.delivery.notices import Teller, notice_of_look, notice_of_send
from bot.model import InDoubt, Outcome, Posted, Postponed, Sighting, Unseen
from bot.ports import Chat, Claim, Clock, DeliveryPolicy, Outbox

_SKEW = timedelta(hours=1)
"""How far our clock may run ahead of a platform's while nobody notices."""

_SKEW_NOTICED = timedelta(days=1)
"""How far back we look where our clock was put back since the intent: by how much, nobody knows."""

_FRESH = timedelta(seconds=10)
"""How old an intent may be when its request goes out. The settle time begins with the intent and
has to cover this too, besides the time that a request may be on its way."""

_ON_ITS_WAY = Unseen("it is still being sent")

log = structlog.get_logger(__name__)


class Courier:
    """Carries out claims; whatever goes wrong is one message's trouble alone."""

    def __init__(
        self,
        store: Outbox,
        chats: Mapping[str, Chat],
        clock: Clock,
        policy: DeliveryPolicy,
        teller: Teller,
    ) -> None:
        """Carry claims of `store` to `chats`, which are given by platform."""
        self._store = store
        self._chats = chats
        self._clock = clock
        self._policy = policy
        self._teller = teller
        self._on_their_way: set[str] = set()

    async def carry_out(self, claim: Claim) -> None:
        """Send the message, or look for it where it is in doubt, and have that remembered."""
        about = {"alert": claim.post.key, "channel": str(claim.post.channel)}
        try:
            held = await (self._look(claim) if claim.in_doubt else self._send(claim))
        except Exception:  # It stays as it was claimed, and is in doubt once the lease is over.
            log.exception("alert not settled", **about)
            return
        if not held:
            log.warning("claim lost", **about)

    async def _send(self, claim: Claim) -> bool:
        outcome = await self._outcome(claim)
        held = await self._store.settle(claim, outcome, self._clock.now())
        log.info(
            "alert posted" if isinstance(outcome, Posted) else "alert not posted",
            alert=claim.post.key,
            channel=str(claim.post.channel),
            attempt=claim.attempt,
            outcome=type(outcome).__name__,
            why=getattr(outcome, "why", getattr(outcome, "code", "")),
        )
        if isinstance(outcome, Posted):
            self._teller.forget(claim.post.channel)
        await self._teller.tell(notice_of_send(claim.post, outcome))
        return held

    async def _outcome(self, claim: Claim) -> Outcome:
        """Try once, unless the machine slept since the intent: others may be looking already."""
        if self._clock.now() - claim.intended_at > _FRESH:
            return Postponed("the sender overslept", timedelta(0))
        self._on_their_way.add(claim.post.key)
        try:
            return await self._try(claim)
        finally:
            self._on_their_way.discard(claim.post.key)

    async def _try(self, claim: Claim) -> Outcome:
        """Try once. After an exception the request may have left, so that nobody knows."""
        limit = self._policy.send_timeout.total_seconds()
        try:
            async with asyncio.timeout(limit):
                return await self._chats[claim.post.channel.platform].send(claim.post)
        except TimeoutError:
            return InDoubt(f"no answer within {limit:g} seconds")
        except Exception as error:
            log.exception("adapter broke", channel=str(claim.post.channel))
            return InDoubt(f"the adapter broke: {type(error).__name__}")

    async def _look(self, claim: Claim) -> bool:
        sighting = await self._sighting(claim)
        held = await self._store.settle_look(claim, sighting, self._clock.now())
        log.info(
            "alert looked for",
            alert=claim.post.key,
            channel=str(claim.post.channel),
            sighting=type(sighting).__name__,
            why=getattr(sighting, "why", ""),
        )
        if sighting is not _ON_ITS_WAY:
            await self._teller.tell(notice_of_look(claim.post, sighting))
        return held

    async def _sighting(self, claim: Claim) -> Sighting:
        """Look once, within half the lease, so that the answer still counts when it comes.

        A clock that jumps ahead puts a message in doubt while it is still on its way.
        """
        if claim.post.key in self._on_their_way:
            return _ON_ITS_WAY
        limit = self._policy.lease.total_seconds() / 2
        chat = self._chats[claim.post.channel.platform]
        try:
            async with asyncio.timeout(limit):
                return await chat.find(claim.post, _not_before(claim, self._clock.now()))
        except TimeoutError:
            return Unseen(f"the look took longer than {limit:g} seconds")
        except Exception as error:
            log.exception("adapter broke", channel=str(claim.post.channel))
            return Unseen(f"the adapter broke: {type(error).__name__}")


def _not_before(claim: Claim, now: datetime) -> datetime:
    """Return a time on the platform's clock before which the message cannot have been posted."""
    if claim.intended_at > now:
        return now - _SKEW_NOTICED
    return claim.intended_at - _SKEW
