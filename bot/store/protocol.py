"""The delivery protocol, decided without a database: both stores write what this module says.

A channel's `Lane` is lease, order and pace at once: whoever claims one of its alerts holds the
lane until the claim is settled or the lease runs out, and every claim raises the lane's fence by
one. An alert carries the fence of its claim only while it is claimed, so that a claim is good for
one write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.errors import StoreError
from bot.model import (
    Absent,
    AlertState,
    Found,
    InDoubt,
    Malformed,
    MessageRef,
    Outcome,
    Post,
    Posted,
    Postponed,
    ShutOut,
    Sighting,
    Unseen,
    Unwelcome,
)
from bot.ports import Claim, DeliveryPolicy, Owed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TOLD = (AlertState.POSTED, AlertState.GATHERED, AlertState.HELD)
"""The states of what a channel has been shown, by itself, in a digest, or as one of a flood."""

KEEP_LOOKS = timedelta(days=30)
"""How long a button of an answer leads on."""

LONGEST_WAIT_TO_LOOK = timedelta(hours=1)

MANY_LOOKS = 10
"""After so many looks that saw nothing, over hours, the next will hardly see more."""

LONGEST_REFUSAL = timedelta(days=1)
"""How long a platform may have us wait. What is to wait for longer was told so by a clock that ran
ahead and was put right since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a channel is parked or a platform shut out, and since when."""

    code: str
    advice: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one alert stands on its way. `fence` is set while it is claimed.

    `look_at` is when a look may tell what became of the attempt intended at `intended_at`; `looks`
    counts the looks of this attempt that saw nothing. `why` is the last thing that went wrong.
    """

    state: AlertState
    attempt: int = 0
    fence: int | None = None
    intended_at: datetime | None = None
    look_at: datetime | None = None
    looks: int = 0
    plain: bool = False
    message: MessageRef | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A channel as delivery sees it; `refusal` is set while it is parked."""

    fence: int = 0
    lease_until: datetime = EPOCH
    next_send_at: datetime = EPOCH
    refusal: Refusal | None = None

    def is_free(self, now: datetime) -> bool:
        """Say whether nobody holds the lane."""
        return self.lease_until <= now

    def may_send(self, now: datetime) -> bool:
        """Say whether the lane is free, open and rested."""
        return self.refusal is None and max(self.lease_until, self.next_send_at) <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A platform as delivery sees it; `refusal` is set while it shuts us out."""

    paused_until: datetime = EPOCH
    refusal: Refusal | None = None

    def is_open(self, now: datetime) -> bool:
        """Say whether anything may be sent to the platform, or looked for there.

        A pause that a right clock cannot have meant is none.
        """
        return self.refusal is None and not now < self.paused_until <= now + LONGEST_REFUSAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """Since when an alert has waited, for which platform, and whether anybody serves that."""

    decided_at: datetime
    platform: str
    served: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One alert, its channel and its platform, before or after something happened."""

    standing: Standing
    lane: Lane
    gate: Gate


def first_state(owed: Owed) -> AlertState:
    """Return the state in which a decision is first remembered.

    Raises:
        StoreError: it is to be told, and there is no card to tell it; or it is held in no hold.
    """
    reason = owed.alert.reason
    if not reason.tells:
        return AlertState.QUIET
    require_card(owed)
    if reason.is_held:
        _require_hold(owed)
        return AlertState.HELD
    return AlertState.OWED if reason.posts else AlertState.WAITING


def _require_hold(owed: Owed) -> None:
    """Refuse an alert that nobody could ever release."""
    if owed.held_in is None:
        about = f"alert {owed.alert.id} to {owed.alert.channel}"
        raise StoreError(about, "is held in no hold", advice="Name the message that tells of it")


def require_card(owed: Owed) -> None:
    """Refuse an alert that is to be told without a card."""
    if owed.card is None:
        about = f"alert {owed.alert.id} to {owed.alert.channel}"
        raise StoreError(about, "has no card to tell it with", advice="Lay it out before owing it")


def intend(step: Step, now: datetime, policy: DeliveryPolicy, pace: timedelta) -> Step:
    """Claim an owed alert for sending; the intent is written before the request goes out."""
    fence = step.lane.fence + 1
    standing = replace(
        step.standing,
        state=AlertState.SENDING,
        attempt=step.standing.attempt + 1,
        fence=fence,
        intended_at=now,
        look_at=now + policy.settle,
        looks=0,
    )
    lane = replace(step.lane, fence=fence, lease_until=now + policy.lease, next_send_at=now + pace)
    return replace(step, standing=standing, lane=lane)


def let_out(*, release: bool) -> AlertState:
    """Return the state of what was held, once somebody decided, or nobody did in time."""
    return AlertState.OWED if release else AlertState.QUIET


def begin_look(step: Step, now: datetime, policy: DeliveryPolicy) -> Step:
    """Claim an alert in doubt for a look; a look takes the lane but none of its sending slots."""
    fence = step.lane.fence + 1
    return replace(
        step,
        standing=replace(step.standing, fence=fence),
        lane=replace(step.lane, fence=fence, lease_until=now + policy.lease),
    )


def expired(standing: Standing) -> Standing:
    """Take the claim away from whoever held it: what was being sent is in doubt."""
    if standing.state is not AlertState.SENDING:
        return replace(standing, fence=None)
    why = "the sender did not say what became of it"
    return replace(standing, state=AlertState.IN_DOUBT, fence=None, why=why)


def claim(post: Post, standing: Standing) -> Claim:
    """Return the claim that a claimed alert was given."""
    assert standing.fence is not None
    assert standing.intended_at is not None
    return Claim(
        post=post,
        fence=standing.fence,
        attempt=standing.attempt,
        intended_at=standing.intended_at,
        in_doubt=standing.state is AlertState.IN_DOUBT,
    )


def freed(lane: Lane) -> Lane:
    """Return the lane with nobody holding it."""
    return replace(lane, lease_until=EPOCH)


def has_run_out(lane: Lane, now: datetime, policy: DeliveryPolicy) -> bool:
    """Say whether the lease of a lane is over, or reaches farther than the clock can have meant."""
    return lane.lease_until > EPOCH and not now < lane.lease_until <= now + policy.lease


def lane_within_reach(lane: Lane, now: datetime) -> Lane:
    """Return the lane without a rest that a right clock cannot have meant."""
    return replace(lane, next_send_at=_within_reach(lane.next_send_at, now))


def _within_reach(at: datetime, now: datetime) -> datetime:
    return at if at <= now + LONGEST_REFUSAL else now


def look_within_reach(standing: Standing, now: datetime, policy: DeliveryPolicy) -> Standing:
    """Return the standing with a look that is not farther off than a right clock can have meant.

    When the attempt really was, nobody knows any more, so the settle time begins anew.
    """
    look_at = standing.look_at if standing.state is AlertState.IN_DOUBT else None
    if look_at is None or look_at <= farthest_look(now, policy):
        return standing
    return replace(standing, look_at=now + policy.settle)


def farthest_look(now: datetime, policy: DeliveryPolicy) -> datetime:
    """Return the latest time to which a look can have been put off by now."""
    return now + max(policy.settle, LONGEST_WAIT_TO_LOOK)


def resumed(lane: Lane) -> Lane:
    """Return the lane, no longer parked."""
    return replace(lane, refusal=None)


def reopened(gate: Gate) -> Gate:
    """Return the gate, no longer shut; a pause lasts."""
    return replace(gate, refusal=None)


def may_settle(standing: Standing, claim: Claim) -> bool:
    """Say whether the alert is still being sent under this claim."""
    return standing.state is AlertState.SENDING and standing.fence == claim.fence


def may_settle_look(standing: Standing, claim: Claim) -> bool:
    """Say whether the alert is still being looked for under this claim."""
    return standing.state is AlertState.IN_DOUBT and standing.fence == claim.fence


def settled(step: Step, outcome: Outcome, now: datetime) -> Step:
    """Return how things stand after a send that ended with `outcome`."""
    free = _unclaimed(step)
    match outcome:
        case Posted(message):
            return _posted(free, message)
        case Postponed():
            return _postponed(free, outcome, now)
        case InDoubt(why):
            return _standing(free, state=AlertState.IN_DOUBT, why=why)
        case Unwelcome(code, advice):
            refusal = Refusal(code=code, advice=advice, since=now)
            return replace(_owed(free, code), lane=replace(free.lane, refusal=refusal))
        case ShutOut(code, advice):
            refusal = Refusal(code=code, advice=advice, since=now)
            return replace(_owed(free, code), gate=replace(free.gate, refusal=refusal))
        case Malformed(why):
            return _malformed(free, why)


def looked(step: Step, sighting: Sighting, now: datetime) -> Step:
    """Return how things stand after a look that ended with `sighting`."""
    free = _unclaimed(step)
    match sighting:
        case Found(message):
            return _posted(free, message)
        case Absent():
            return _owed(free, step.standing.why)
        case Unseen(why):
            looks = step.standing.looks + 1
            return _standing(free, looks=looks, look_at=now + wait_to_look(looks), why=why)


def wait_to_look(looks: int) -> timedelta:
    """Return the wait after the `looks`-th look that saw nothing: 2, 4, 8 … minutes, at most 60."""
    return min(timedelta(minutes=2 ** min(looks, 6)), LONGEST_WAIT_TO_LOOK)


def outlived(step: Step, waited: Waited, now: datetime, policy: DeliveryPolicy) -> Standing | None:
    """Return the dead standing of an alert that waited in vain for too long, if it did."""
    standing = step.standing
    if standing.state not in {AlertState.OWED, AlertState.IN_DOUBT} or standing.fence is not None:
        return None
    begun_before = now - policy.keep_parked
    reasons = (why for begun_at, why in _waits_in_vain(step, waited) if begun_at <= begun_before)
    reason = next(reasons, None)
    if reason is None:
        return None
    days = round(policy.keep_parked / timedelta(days=1), 2)
    why = f"{reason} for {days:g} days"
    return replace(standing, state=AlertState.DEAD, look_at=None, why=why)


def _waits_in_vain(step: Step, waited: Waited) -> Iterator[tuple[datetime, str]]:
    """Yield since when an alert waits for what only a person can change, and for what."""
    for refusal, who in ((step.lane.refusal, "the channel"), (step.gate.refusal, waited.platform)):
        if refusal:
            yield max(waited.decided_at, refusal.since), f"{who} refused us ({refusal.code})"
    if not waited.served:
        yield waited.decided_at, f"{waited.platform} was not set up"
    standing = step.standing
    if standing.intended_at and standing.looks >= MANY_LOOKS:
        yield standing.intended_at, f"nobody could see whether it was posted ({standing.why})"


def next_action(lane: Lane, gate: Gate, *, owes: bool, look_at: datetime | None) -> datetime | None:
    """Return when the channel may next be claimed.

    Args:
        lane: the channel.
        gate: its platform.
        owes: whether an alert that waits for nothing else is owed to it.
        look_at: the earliest time at which an attempt of it may be looked for, if any may.
    """
    if gate.refusal:
        return None
    times = []
    if owes and lane.refusal is None:
        times.append(lane.next_send_at)
    if look_at is not None:
        times.append(look_at)
    return max(min(times), lane.lease_until, gate.paused_until) if times else None


def _unclaimed(step: Step) -> Step:
    return replace(
        step,
        standing=replace(step.standing, fence=None),
        lane=freed(step.lane),
    )


def _posted(step: Step, message: MessageRef) -> Step:
    return _standing(step, state=AlertState.POSTED, message=message, look_at=None, why="")


def _owed(step: Step, why: str) -> Step:
    return _standing(step, state=AlertState.OWED, look_at=None, why=why)


def _postponed(step: Step, outcome: Postponed, now: datetime) -> Step:
    again = now + min(outcome.retry_after, LONGEST_REFUSAL)
    owed = _owed(step, outcome.why)
    if outcome.whole_platform:
        gate = replace(step.gate, paused_until=max(step.gate.paused_until, again))
        return replace(owed, gate=gate)
    lane = replace(step.lane, next_send_at=max(step.lane.next_send_at, again))
    return replace(owed, lane=lane)


def _malformed(step: Step, why: str) -> Step:
    if step.standing.plain:
        return _standing(step, state=AlertState.DEAD, look_at=None, why=why)
    owed = _owed(step, why)
    return replace(owed, standing=replace(owed.standing, plain=True))


def _standing(step: Step, **changes: object) -> Step:
    # replace() checks the names at run time; its typing cannot see through the keywords.
    return replace(step, standing=replace(step.standing, **changes))  # type: ignore[arg-type]
