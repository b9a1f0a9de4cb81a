"""The delivery protocol as pure decisions: what holds for every outcome and every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.model import (
    UNDER_WAY,
    Absent,
    AlertState,
    Found,
    InDoubt,
    Malformed,
    Outcome,
    Posted,
    Postponed,
    Reason,
    ShutOut,
    Sighting,
    Unseen,
    Unwelcome,
)
from bot.ports import DeliveryPolicy, Owed
from bot.store import protocol
from bot.store.protocol import EPOCH, Gate, Lane, Refusal, Standing, Step, Waited
from tests.contracts.store_world import NOW, alert, at, card, message

POLICY = DeliveryPolicy()
PACE = timedelta(seconds=1)
SECONDS = st.floats(0, 10**6, allow_nan=False)
DELAYS = SECONDS.map(lambda seconds: timedelta(seconds=seconds))
OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(
    st.just(Posted(message())),
    st.builds(Postponed, st.just("busy"), DELAYS, st.booleans()),
    st.just(InDoubt("timeout")),
    st.just(Unwelcome("is_archived", "Unarchive it.")),
    st.just(ShutOut("token_revoked", "Make a new token.")),
    st.just(Malformed("invalid_blocks")),
)
SIGHTINGS: st.SearchStrategy[Sighting] = st.sampled_from(
    [Found(message()), Absent(), Unseen("no history")]
)
REFUSAL = Refusal(code="is_archived", advice="Unarchive it.", since=NOW)
STANDINGS = st.builds(Standing, state=st.just(AlertState.OWED), plain=st.booleans())


def sending(standing: Standing, now: datetime = NOW) -> Step:
    """Return how things stand once the alert is claimed."""
    before = Step(standing=standing, lane=Lane(fence=6), gate=Gate())
    return protocol.intend(before, now, POLICY, PACE)


@given(STANDINGS)
def test_an_intent_holds_its_lane_and_spends_its_slot(standing: Standing) -> None:
    """A claim raises the fence, holds the lane for the lease, and takes the next slot."""
    step = sending(standing)

    assert step.standing.fence == step.lane.fence == 7
    assert not step.lane.is_free(NOW + POLICY.lease - timedelta(microseconds=1))
    assert step.lane.is_free(NOW + POLICY.lease)
    assert step.lane.next_send_at == NOW + PACE
    assert step.standing.look_at == NOW + POLICY.settle
    assert step.standing.plain == standing.plain


@given(STANDINGS, OUTCOMES, SECONDS)
def test_every_outcome_frees_the_lane_and_names_a_state(
    standing: Standing, outcome: Outcome, seconds: float
) -> None:
    """Whatever the platform says, the claim is over, the slot is spent, and a reason is kept."""
    step = protocol.settled(sending(standing), outcome, at(seconds))

    assert step.standing.fence is None
    assert step.lane.is_free(EPOCH)
    assert step.lane.fence == 7
    assert step.lane.next_send_at >= NOW + PACE
    assert step.standing.state is not AlertState.SENDING
    assert bool(step.standing.why) is (step.standing.state is not AlertState.POSTED)


@given(STANDINGS, OUTCOMES)
def test_only_a_doubt_is_looked_into(standing: Standing, outcome: Outcome) -> None:
    """What is certain needs no look; what is in doubt always has a time for one."""
    after = protocol.settled(sending(standing), outcome, at(1)).standing

    assert (after.look_at is not None) is (after.state is AlertState.IN_DOUBT)
    assert (after.message is not None) is (after.state is AlertState.POSTED)


@given(STANDINGS, SIGHTINGS, SECONDS)
def test_every_look_ends_in_one_of_three_states(
    standing: Standing, sighting: Sighting, seconds: float
) -> None:
    """Found is posted, absent is owed, and unseen stays in doubt with a later look."""
    doubt = protocol.settled(sending(standing), InDoubt("timeout"), at(1))
    now = at(POLICY.settle.total_seconds() + seconds)
    after = protocol.looked(protocol.begin_look(doubt, now, POLICY), sighting, now)

    states = {Found: AlertState.POSTED, Absent: AlertState.OWED, Unseen: AlertState.IN_DOUBT}
    assert after.standing.state is states[type(sighting)]
    assert after.lane.next_send_at == doubt.lane.next_send_at
    assert after.lane.is_free(EPOCH)
    assert after.standing.look_at is None or after.standing.look_at > now


@given(st.integers(1, 10_000))
def test_waits_grow_to_an_hour(looks: int) -> None:
    """Each look that saw nothing waits no shorter than the one before, and never over an hour."""
    wait = protocol.wait_to_look(looks)

    assert timedelta(minutes=2) <= wait <= timedelta(hours=1)
    assert protocol.wait_to_look(looks + 1) >= wait


@given(DELAYS, DELAYS)
def test_a_platforms_pause_is_never_shortened(first: timedelta, second: timedelta) -> None:
    """The longer of two pauses holds, whichever came first."""
    step = sending(Standing(state=AlertState.OWED))
    paused = protocol.settled(step, Postponed("busy", first, whole_platform=True), NOW)
    again = protocol.intend(paused, NOW, POLICY, PACE)
    after = protocol.settled(again, Postponed("busy", second, whole_platform=True), NOW)

    longest = min(max(first, second), protocol.LONGEST_REFUSAL)
    assert after.gate.paused_until == NOW + longest
    assert after.gate.is_open(NOW + longest)


VAIN = timedelta(days=7)
SERVED = Waited(decided_at=NOW, platform="slack", served=True)
SEEN = Standing(state=AlertState.OWED)
BLIND = Standing(
    state=AlertState.IN_DOUBT, intended_at=NOW, look_at=NOW, looks=protocol.MANY_LOOKS, why="hidden"
)
VAINLY = {
    "the channel refused us (is_archived)": (
        Step(standing=SEEN, lane=Lane(refusal=REFUSAL), gate=Gate()),
        SERVED,
    ),
    "slack refused us (is_archived)": (
        Step(standing=SEEN, lane=Lane(), gate=Gate(refusal=REFUSAL)),
        SERVED,
    ),
    "slack was not set up": (
        Step(standing=SEEN, lane=Lane(), gate=Gate()),
        replace(SERVED, served=False),
    ),
    "nobody could see whether it was posted (hidden)": (
        Step(standing=BLIND, lane=Lane(), gate=Gate()),
        SERVED,
    ),
}
"""What only a person can change, with what is given as the reason."""


@pytest.mark.parametrize("reason", VAINLY)
def test_what_waits_in_vain_is_given_up_with_its_reason(reason: str) -> None:
    """After a week, not a moment sooner, an alert that waits for a person is dead and says why."""
    step, waited = VAINLY[reason]
    dead = protocol.outlived(step, waited, NOW + VAIN, POLICY)

    assert dead is not None
    assert (dead.state, dead.look_at) == (AlertState.DEAD, None)
    assert dead.why == f"{reason} for 7 days"
    assert protocol.outlived(step, waited, NOW + VAIN - timedelta(seconds=1), POLICY) is None


def test_what_waits_for_nobody_is_never_given_up() -> None:
    """An alert that is merely late, however late, is sent."""
    step = Step(standing=SEEN, lane=Lane(), gate=Gate(paused_until=at(10**8)))

    assert protocol.outlived(step, SERVED, at(10**9), POLICY) is None


def test_a_few_looks_in_vain_give_nothing_up() -> None:
    """A doubt that was looked into seldom may only seem old: the clock may have jumped."""
    step = Step(standing=replace(BLIND, looks=protocol.MANY_LOOKS - 1), lane=Lane(), gate=Gate())

    assert protocol.outlived(step, SERVED, at(10**9), POLICY) is None


def test_the_week_begins_with_what_came_last() -> None:
    """An alert for a channel that was parked long ago waits for a week of its own."""
    step, waited = VAINLY["the channel refused us (is_archived)"]
    later = replace(waited, decided_at=at(86400))

    assert protocol.outlived(step, later, NOW + VAIN, POLICY) is None
    assert protocol.outlived(step, later, at(86400) + VAIN, POLICY) is not None


@pytest.mark.parametrize("reason", VAINLY)
@pytest.mark.parametrize("state", [s for s in AlertState if s not in UNDER_WAY])
def test_what_is_over_does_not_die(state: AlertState, reason: str) -> None:
    """Only what still waits is ever given up."""
    step, waited = VAINLY[reason]
    over = replace(step, standing=replace(step.standing, state=state))

    assert protocol.outlived(over, waited, at(10**8), POLICY) is None


@pytest.mark.parametrize("reason", VAINLY)
def test_what_is_claimed_does_not_die(reason: str) -> None:
    """An alert that somebody looks for is not given up under their hands."""
    step, waited = VAINLY[reason]
    held = replace(step, standing=replace(step.standing, fence=3))

    assert protocol.outlived(held, waited, at(10**8), POLICY) is None


@given(SECONDS, SECONDS, st.booleans())
def test_nothing_is_next_before_its_lane_and_gate(lease: float, pause: float, owes: bool) -> None:
    """The next action is never before the lease ends and the platform's pause is over."""
    lane, gate = Lane(lease_until=at(lease)), Gate(paused_until=at(pause))
    found = protocol.next_action(lane, gate, owes=owes, look_at=at(5))

    assert found is not None
    assert found >= max(at(lease), at(pause))
    assert protocol.next_action(lane, Gate(refusal=REFUSAL), owes=owes, look_at=at(5)) is None
    assert protocol.next_action(lane, gate, owes=False, look_at=None) is None


@pytest.mark.parametrize("reason", Reason)
def test_the_first_state_follows_from_the_reason(reason: Reason) -> None:
    """What posts is owed, what waits is waiting, a flood held, all else quiet; cards are needed."""
    decided = alert(reason=reason)
    state = protocol.first_state(Owed(alert=decided, card=card(), held_in="h1"))
    loud = state is not AlertState.QUIET

    assert (state is AlertState.OWED) is reason.posts
    assert (state is AlertState.WAITING) is reason.waits
    assert (state is AlertState.HELD) is reason.is_held
    if loud:
        with pytest.raises(StoreError, match="alert k1 to slack:#desk: has no card"):
            protocol.first_state(Owed(alert=decided, card=None))
