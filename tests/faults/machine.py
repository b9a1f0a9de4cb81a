"""Deliveries as a machine that Hypothesis drives: whatever happens, in any order, at any time.

The platform has a clock of its own, which is right; the clock of the service may jump. Of every
message the platform knows whether it took it in, so that it can tell what no service can: whether
an alert was posted twice, or lost.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from structlog.testing import capture_logs

from bot.delivery import Delivery, DeliveryOptions
from bot.model import (
    UNDER_WAY,
    AlertState,
    ChannelRef,
    Malformed,
    Outcome,
    Post,
    Reason,
    Unwelcome,
    Urgency,
)
from bot.ports import AlertRecord, DeliveryPolicy, Store
from bot.store.memory import MemoryStore
from tests.contracts.store_world import owed, owing
from tests.fakes import FakeChat, FakeClock, Mishap

T = TypeVar("T")

PLATFORM = "fake"
CHANNELS = tuple(ChannelRef(PLATFORM, name) for name in ("#desk", "#watch"))
POLICY = DeliveryPolicy(send_timeout=timedelta(seconds=0.003))
"""A FakeClock does not move timeouts, which are the event loop's; so they are short."""

OPEN = (AlertState.WAITING, *UNDER_WAY)
HOUR = 3600.0
TEN_YEARS = 10 * 365 * 24 * HOUR
JUMPS = (-TEN_YEARS, -HOUR, -120.0, 120.0, HOUR, TEN_YEARS)
MOMENTS = (0.3, 1.0, 5.0, 45.0, 91.0, 121.0, 700.0, 2 * HOUR)

channels = st.sampled_from(CHANNELS)


class Listening(FakeChat):
    """A platform that notes when each request to post came, taken in or not."""

    def __init__(self, clock: FakeClock, sent: list[tuple[datetime, ChannelRef]]) -> None:
        super().__init__(clock, PLATFORM)
        self._right = clock
        self._sent = sent

    async def send(self, post: Post) -> Outcome:
        self._sent.append((self._right.now(), post.channel))
        return await super().send(post)

    def catch_up(self) -> None:
        """Take in at once what would be taken in later."""
        self._late = [(self._right.now(), post) for _, post in self._late]
        self._arrive()


class Deliveries(RuleBasedStateMachine):
    """One service after another on the same store, and the platform they post to."""

    policy = POLICY

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.ours, self.theirs = FakeClock(), FakeClock()
        self.sent: list[tuple[datetime, ChannelRef]] = []
        self.chat = Listening(self.theirs, self.sent)
        self.store = self.new_store()
        self.names: list[str] = []
        self.jumps: list[datetime] = []
        self.wait(self.store.open())
        self.delivery = self.new_delivery()

    def new_store(self) -> Store:
        """Return the store that all services share; a restart closes and opens it."""
        return MemoryStore(self.policy)

    def new_delivery(self) -> Delivery:
        """Return a delivery as a new process has it."""
        options = DeliveryOptions(policy=self.policy)
        return Delivery(self.store, (self.chat,), self.ours, options)

    def wait(self, asked: Awaitable[T]) -> T:
        """Return what was asked for; what is logged meanwhile is nobody's to read."""

        async def waited() -> T:
            return await asked

        with capture_logs():
            return self.loop.run(waited())

    def teardown(self) -> None:
        """Let everything be well again, and see that every alert came to an end."""
        try:
            self.make_everything_well()
            self.finish()
            self.everything_ended()
        finally:
            self.wait(self.store.close())
            self.loop.close()

    # --- what happens ---------------------------------------------------------------------------

    @rule(channel=channels, urgency=st.sampled_from(Urgency), waits=st.booleans())
    def something_is_decided(self, channel: ChannelRef, urgency: Urgency, waits: bool) -> None:
        reason = Reason.DIGEST if waits else Reason.NEW_STORY
        self.owe(channel, urgency=urgency, reason=reason)

    @precondition(lambda self: self.names)
    @rule(data=st.data())
    def a_story_goes_on(self, data: st.DataObject) -> None:
        parent = self.record(data.draw(st.sampled_from(self.names)))
        self.owe(parent.alert.channel, reply_to=parent.alert.id)

    @precondition(lambda self: self.names)
    @rule(data=st.data())
    def a_feed_is_read_again(self, data: st.DataObject) -> None:
        again = self.record(data.draw(st.sampled_from(self.names))).alert
        before = self.wait(self.store.tally())
        self.wait(self.store.remember(owing(owed(again.id, again.channel, reason=again.reason))))
        assert self.wait(self.store.tally()) == before

    def owe(self, channel: ChannelRef, **changes: object) -> None:
        name = f"k{len(self.names)}"
        self.names.append(name)
        decided = owed(name, channel, decided_at=self.ours.now(), story_id=name, **changes)
        self.wait(self.store.remember(owing(decided)))

    @rule(mishap=st.sampled_from(Mishap), times=st.integers(1, 3))
    def the_next_messages_meet_with(self, mishap: Mishap, times: int) -> None:
        left = [mishap] * times
        self.chat.misbehave(lambda: left.pop() if left else Mishap.NONE)

    @rule(seconds=st.sampled_from([1, 30, 3600, 7200]), everywhere=st.booleans())
    def the_platform_limits(self, seconds: int, everywhere: bool) -> None:
        self.chat.rate_limit(seconds, whole_platform=everywhere)

    @rule(times=st.integers(1, 2))
    def the_content_is_refused(self, times: int) -> None:
        for _ in range(times):
            self.chat.refuse_next(Malformed("invalid_blocks"))

    @rule(channel=channels)
    def a_channel_is_archived(self, channel: ChannelRef) -> None:
        self.chat.refuse(channel, Unwelcome("is_archived", "Unarchive it."))

    @rule(channel=channels)
    def a_channel_is_opened_again(self, channel: ChannelRef) -> None:
        self.chat.unarchive(channel)
        self.wait(self.store.resume_channel(channel, self.ours.now()))

    @rule()
    def the_token_is_revoked(self) -> None:
        self.chat.revoke_token()

    @rule()
    def the_history_is_hidden(self) -> None:
        self.chat.hide_history()

    @rule()
    def the_platform_is_well(self) -> None:
        self.chat.accept()

    @rule(seconds=st.sampled_from(MOMENTS))
    def time_passes(self, seconds: float) -> None:
        self.let_pass(seconds)

    @rule(seconds=st.sampled_from(JUMPS))
    def our_clock_jumps(self, seconds: float) -> None:
        """It does so while nothing is late: a jump ahead shortens the wait for what is."""
        self.chat.catch_up()
        self.ours.advance(seconds)
        self.jumps.append(self.theirs.now())

    @rule(steps=st.integers(1, 6))
    def the_service_works(self, steps: int) -> None:
        for _ in range(steps):
            if not self.wait(self.delivery.step()):
                return

    @rule(turns=st.integers(0, 40), seconds=st.sampled_from([0.0, 1.0, 121.0]))
    def the_service_is_killed(self, turns: int, seconds: float) -> None:
        """The process dies at any turn of its loop, and another begins."""
        self.wait(self.live(turns, seconds))
        self.restart()

    async def live(self, turns: int, seconds: float) -> None:
        life = asyncio.create_task(self.delivery.run())
        for turn in range(turns):
            await asyncio.sleep(0)
            if turn == turns // 2:
                self.let_pass(seconds)
        life.cancel()
        await asyncio.wait({life})

    def let_pass(self, seconds: float) -> None:
        self.ours.advance(seconds)
        self.theirs.advance(seconds)

    @rule(served=st.booleans())
    def the_housekeeper_comes(self, served: bool) -> None:
        """What waited too long for a person is given up, and nothing else."""
        platforms = [PLATFORM] if served else []
        for record in self.wait(self.store.give_up(platforms, self.ours.now())):
            assert record.state is AlertState.DEAD

    @rule()
    def the_service_stops(self) -> None:
        self.wait(self.delivery.stop(1))
        self.restart()

    def restart(self) -> None:
        self.wait(self.store.close())
        self.wait(self.store.open())
        self.delivery = self.new_delivery()

    # --- what holds at every moment -------------------------------------------------------------

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert not self.chat.doubled()

    @invariant()
    def what_counts_as_posted_was_taken_in(self) -> None:
        taken = Counter(self.chat.keys())
        for name in self.names[-4:]:
            record = self.record(name)
            if record.state is AlertState.POSTED:
                assert taken[name] == 1
            if record.state is AlertState.DEAD:
                assert record.why

    @invariant()
    def a_channel_is_not_hurried(self) -> None:
        """Between two messages lies the pace, unless our clock jumped between them."""
        for channel in CHANNELS:
            times = [at for at, ref in self.sent if ref == channel]
            for before, after in itertools.pairwise(times):
                jumped = any(before <= jump <= after for jump in self.jumps)
                assert jumped or after - before >= self.policy.pace

    # --- the end --------------------------------------------------------------------------------

    def make_everything_well(self) -> None:
        """Mend the platform, put our clock right, open what is parked, and start anew."""
        self.chat.accept()
        self.our_clock_jumps((self.theirs.now() - self.ours.now()).total_seconds())
        self.restart()
        for channel in CHANNELS:
            self.a_channel_is_opened_again(channel)

    def finish(self) -> None:
        for _ in range(10 * len(self.names) + 20):
            self.the_service_works(50)
            if not any(self.wait(self.store.tally()).states[state] for state in OPEN):
                return
            self.let_pass(HOUR)

    def everything_ended(self) -> None:
        """Every alert was posted, stands in a digest, or was given up and says why."""
        self.nothing_is_told_twice()
        taken = Counter(self.chat.keys())
        for record in map(self.record, self.names):
            match record.state:
                case AlertState.POSTED:
                    assert taken[record.alert.id] == 1
                case AlertState.DEAD:
                    assert record.why
                case state:
                    assert state is AlertState.GATHERED

    def record(self, name: str) -> AlertRecord:
        record = self.wait(self.store.alert(name))
        assert record is not None
        return record
