"""Delivery: what is owed is posted once, whatever the platform does."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.control import Reply, resume
from bot.delivery import Delivery, DeliveryOptions
from bot.errors import StoreError
from bot.model import (
    AlertState,
    Channel,
    ChannelRef,
    Finding,
    Malformed,
    Notice,
    NoticeKind,
    Outcome,
    Post,
    Reason,
    Sighting,
    Urgency,
)
from bot.ports import Claim, DeliveryPolicy, Owed
from bot.store.memory import MemoryStore
from tests.contracts.store_world import owed, owing
from tests.fakes import FakeChat, FakeClock, Mishap

DESK = ChannelRef("fake", "#desk")
WATCH = ChannelRef("fake", "#watch")
OTHER = ChannelRef("other", "#desk")
POLICY = DeliveryPolicy(send_timeout=timedelta(seconds=0.3))
SETTLE = POLICY.settle.total_seconds()
LEASE = POLICY.lease.total_seconds()


@dataclass(slots=True)
class World:
    """A store, a platform, and a delivery between them."""

    clock: FakeClock
    store: MemoryStore
    chat: FakeChat
    notices: list[Notice] = field(default_factory=list)
    chats: tuple[FakeChat, ...] = ()
    options: DeliveryOptions = field(default_factory=DeliveryOptions)

    def delivery(self, **options: Any) -> Delivery:
        """Return a new delivery, as a new process has."""
        given = replace(self.options, policy=POLICY, notify=self.hear, **options)
        return Delivery(self.store, self.chats or (self.chat,), self.clock, given)

    async def hear(self, notice: Notice) -> None:
        self.notices.append(notice)

    async def owe(self, *names: str, channel: ChannelRef = DESK, **changes: Any) -> None:
        await self.store.remember(owing(*(owed(name, channel, **changes) for name in names)))

    async def state(self, name: str) -> AlertState:
        record = await self.store.alert(name)
        assert record is not None
        return record.state

    async def restart(self) -> Delivery:
        await self.store.close()
        await self.store.open()
        return self.delivery()


@pytest.fixture
async def world(clock: FakeClock) -> World:
    """A world in which nothing is owed."""
    store = MemoryStore(POLICY)
    await store.open()
    return World(clock, store, FakeChat(clock))


async def drain(delivery: Delivery) -> int:
    """Carry out everything that can be done now, and say how much it was."""
    steps = 0
    while await delivery.step():
        steps += 1
    return steps


async def breathe() -> None:
    """Let every task go as far as it can without time passing."""
    for _ in range(60):
        await asyncio.sleep(0)


async def let_pass(clock: FakeClock, seconds: int) -> None:
    """Let time pass, a second at a time."""
    for _ in range(seconds):
        clock.advance(1)
        await breathe()


@pytest.fixture
async def running(world: World) -> AsyncIterator[Delivery]:
    """A delivery that runs."""
    delivery = world.delivery()
    task = asyncio.create_task(delivery.run())
    await breathe()
    yield delivery
    await delivery.stop(1)
    await task


# --- one message ------------------------------------------------------------------------------


async def test_what_is_owed_is_posted_once(world: World) -> None:
    """An owed alert becomes one message, with its card, and nothing is left to do."""
    await world.owe("k1")

    assert await drain(world.delivery()) == 1
    assert world.chat.keys() == ["k1"]
    assert world.chat.tried[0].card.title == "Card of k1"
    assert await world.state("k1") is AlertState.POSTED


async def test_where_nothing_is_owed_nothing_is_done(world: World) -> None:
    """An idle step says that it was idle."""
    assert not await world.delivery().step()


async def test_a_restart_sends_nothing_twice(world: World) -> None:
    """What was posted stays posted."""
    await world.owe("k1")
    await drain(world.delivery())
    world.clock.advance(SETTLE)

    assert await drain(await world.restart()) == 0
    assert world.chat.keys() == ["k1"]


async def test_a_lost_answer_is_looked_for_after_the_settle_time(world: World) -> None:
    """A message whose answer was lost is found in the channel and not sent again."""
    await world.owe("k1")
    world.chat.drop_reply_after_accepting()
    delivery = world.delivery()
    await drain(delivery)
    assert await world.state("k1") is AlertState.IN_DOUBT

    world.clock.advance(SETTLE - 1)
    assert await drain(delivery) == 0
    world.clock.advance(1)
    assert await drain(delivery) == 1

    assert await world.state("k1") is AlertState.POSTED
    assert world.chat.keys() == ["k1"]
    assert len(world.chat.looked) == 1


@pytest.mark.parametrize("accepting", [True, False], ids=["accepted", "not accepted"])
@pytest.mark.parametrize("verb", ["hang", "crash"])
async def test_silence_and_broken_adapters_leave_doubt(
    world: World, verb: str, accepting: bool
) -> None:
    """A send without an answer is in doubt; it is sent again only where it did not arrive."""
    await world.owe("k1")
    getattr(world.chat, verb)(accepting=accepting)
    delivery = world.delivery()
    with capture_logs() as logged:
        await drain(delivery)
    assert await world.state("k1") is AlertState.IN_DOUBT
    assert len([entry for entry in logged if entry["event"] == "alert not posted"]) == 1

    world.clock.advance(SETTLE)
    await drain(delivery)

    assert await world.state("k1") is AlertState.POSTED
    assert world.chat.keys() == ["k1"]
    assert len(world.chat.tried) == (1 if accepting else 2)


async def test_a_broken_adapter_is_in_the_log(world: World) -> None:
    """The exception of an adapter is logged with the channel it was about."""
    await world.owe("k1")
    world.chat.crash()

    with capture_logs() as logged:
        await drain(world.delivery())

    (entry,) = [entry for entry in logged if entry["event"] == "adapter broke"]
    assert (entry["channel"], entry["log_level"]) == (str(DESK), "error")


class BlindChat(FakeChat):
    """A platform whose looks fail."""

    hangs = False

    async def find(self, post: Post, since: datetime) -> Sighting:
        if self.hangs:
            await asyncio.Event().wait()
        raise ValueError("no such page")


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "raises"])
async def test_a_look_that_fails_leaves_the_doubt(world: World, hangs: bool) -> None:
    """Without a look nothing is sent again, and an admin hears why."""
    chat = BlindChat(world.clock)
    chat.hangs = hangs
    chat.drop_reply_after_accepting()
    policy = replace(POLICY, lease=timedelta(seconds=0.1))
    options = DeliveryOptions(policy=policy, notify=world.hear)
    await world.owe("k1")
    delivery = Delivery(world.store, (chat,), world.clock, options)
    await drain(delivery)
    world.clock.advance(SETTLE)
    with capture_logs():
        await drain(delivery)

    assert await world.state("k1") is AlertState.IN_DOUBT
    assert [notice.kind for notice in world.notices] == [NoticeKind.UNSEEN]
    assert world.notices[0].advice


async def test_a_hidden_history_never_doubles(world: World) -> None:
    """Where a channel cannot be looked into, doubt lasts until it can; it is told once."""
    await world.owe("k1")
    world.chat.drop_reply_after_accepting()
    world.chat.hide_history()
    delivery = world.delivery()
    for _ in range(10):
        await drain(delivery)
        world.clock.advance(3600)
    assert await world.state("k1") is AlertState.IN_DOUBT
    assert len(world.notices) == 1

    world.chat.accept()
    await drain(delivery)

    assert await world.state("k1") is AlertState.POSTED
    assert world.chat.keys() == ["k1"]


async def test_the_look_goes_back_a_little_further_than_the_intent(world: World) -> None:
    """A platform whose clock is behind ours by less than a minute still shows the message."""
    await world.owe("k1")
    world.chat.drop_reply_after_accepting()
    delivery = world.delivery()
    await drain(delivery)
    (entry,) = world.chat.accepted
    world.chat.accepted = [replace(entry, at=entry.at - timedelta(seconds=59))]
    world.clock.advance(SETTLE)
    await drain(delivery)

    assert len(world.chat.tried) == 1


# --- refusals ---------------------------------------------------------------------------------


async def test_a_rate_limit_is_waited_out(world: World) -> None:
    """A postponed alert is sent when the platform's delay is over, not earlier."""
    await world.owe("k1")
    world.chat.rate_limit(30)
    delivery = world.delivery()
    assert await drain(delivery) == 1
    world.clock.advance(29.9)
    assert await drain(delivery) == 0
    world.clock.advance(0.1)
    assert await drain(delivery) == 1

    assert world.chat.keys() == ["k1"]
    assert world.notices == []


async def test_a_parked_channel_is_told_of_once_and_resumes(world: World) -> None:
    """An archived channel keeps its alerts, an admin hears of it once, and `resume` sends them."""
    await world.owe("k1", "k2")
    world.chat.archive(DESK)
    delivery = world.delivery()
    await drain(delivery)
    world.clock.advance(3600)
    assert await drain(delivery) == 0
    assert world.notices == [
        Notice(
            kind=NoticeKind.PARKED,
            platform="fake",
            channel=DESK,
            said="is_archived",
            advice="Unarchive fake:#desk or change its rules.",
        )
    ]

    world.chat.unarchive(DESK)
    command = resume(world.store, world.clock, delivery.wake)
    reply = await command.run(["fake:#desk"])
    await drain(delivery)
    world.clock.advance(1)
    await drain(delivery)

    assert reply == Reply(True, "fake:#desk is open again; what it is owed is being sent.")
    assert sorted(world.chat.keys()) == ["k1", "k2"]
    assert (await command.run(["fake:#desk"])).ok is False


async def test_a_parked_channel_opens_when_its_cause_is_gone(
    world: World, running: Delivery
) -> None:
    """Half an hour after somebody unarchived a channel, at most, its alerts are sent unasked."""
    await world.owe("k1", channel=DESK)
    await world.owe("k2", channel=WATCH)
    world.chat.archive(DESK)
    world.chat.archive(WATCH)
    running.wake()
    await let_pass(world.clock, 1)
    assert len(world.chat.tried) == 2
    world.chat.unarchive(DESK)
    await let_pass(world.clock, 60)
    assert len(world.chat.tried) == 2
    world.clock.advance(1800)
    await breathe()

    assert world.chat.keys() == ["k1"]
    assert len(world.chat.tried) == 3
    assert len(world.notices) == 2


class BlankChat(FakeChat):
    """A platform that cannot inspect one of its channels: it raises, or finds nothing to say."""

    raises = False

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        if channels != [DESK]:
            return await super().inspect(channels)
        if self.raises:
            raise ValueError("no such page")
        return ()


@pytest.mark.parametrize("raises", [True, False], ids=["raises", "finds nothing"])
async def test_a_channel_that_cannot_be_inspected_stays_parked(world: World, raises: bool) -> None:
    """Only an inspection that finds a channel well opens it; one that fails stops no other."""
    chat = BlankChat(world.clock)
    chat.raises = raises
    world.chats = (chat,)
    await world.owe("k1", channel=DESK)
    await world.owe("k2", channel=WATCH)
    chat.archive(DESK)
    chat.archive(WATCH)
    delivery = world.delivery()
    with capture_logs():
        task = asyncio.create_task(delivery.run())
        await breathe()
        chat.accept()
        world.clock.advance(1800)
        await breathe()
        await delivery.stop(1)
        await task

    assert chat.keys() == ["k2"]
    assert await world.state("k1") is AlertState.OWED


async def test_a_channel_that_refuses_again_is_told_of_again(world: World) -> None:
    """Once a channel took a message, its next refusal is news."""
    delivery = world.delivery()
    for name in ("k1", "k2"):
        await world.owe(name)
        world.chat.archive(DESK)
        world.clock.advance(2)
        await drain(delivery)
        world.chat.unarchive(DESK)
        await world.store.resume_channel(DESK, world.clock.now())
        world.clock.advance(2)
        await drain(delivery)

    assert world.chat.keys() == ["k1", "k2"]
    assert [notice.kind for notice in world.notices] == [NoticeKind.PARKED] * 2


async def test_resuming_and_failing_again_is_one_trouble(world: World) -> None:
    """A channel that is still archived after a resume is not told of a second time."""
    await world.owe("k1")
    world.chat.archive(DESK)
    delivery = world.delivery()
    await drain(delivery)
    await world.store.resume_channel(DESK, world.clock.now())
    world.clock.advance(2)
    await drain(delivery)

    assert len(world.chat.tried) == 2
    assert len(world.notices) == 1


async def test_a_revoked_token_stops_one_platform(world: World) -> None:
    """A platform that shuts us out is left alone and told of once; the others go on."""
    other = FakeChat(world.clock, "other")
    world.chats = (world.chat, other)
    world.chat.revoke_token()
    await world.owe("k1", channel=DESK)
    await world.owe("k2", channel=WATCH)
    await world.owe("k3", channel=OTHER)
    await drain(world.delivery())

    assert len(world.chat.tried) == 1
    assert other.keys() == ["k3"]
    assert [(notice.kind, notice.about) for notice in world.notices] == [
        (NoticeKind.SHUT_OUT, "fake")
    ]


async def test_refused_content_is_sent_plain_and_then_given_up(world: World) -> None:
    """A card that is refused in its plain form too is given up, and an admin hears of it."""
    await world.owe("k1", "k2")
    delivery = world.delivery()
    world.chat.refuse_next(Malformed("invalid_blocks"))
    world.chat.refuse_next(Malformed("msg_too_long"))
    for _ in range(4):
        await drain(delivery)
        world.clock.advance(1)

    assert [post.plain for post in world.chat.tried] == [False, True, False]
    assert await world.state("k1") is AlertState.DEAD
    assert world.chat.keys() == ["k2"]
    (notice,) = world.notices
    assert (notice.kind, notice.said) == (NoticeKind.GIVEN_UP, "msg_too_long")
    assert "https://gazette.example/a1" in notice.advice


async def test_a_notice_that_fails_stops_nothing(world: World) -> None:
    """Whoever hears of trouble may fail; the alerts go on and the log has it."""

    async def deaf(_notice: Notice) -> None:
        raise ValueError("nobody is here")

    await world.owe("k1", channel=DESK)
    await world.owe("k2", channel=WATCH)
    world.chat.archive(DESK)
    options = DeliveryOptions(policy=POLICY, notify=deaf)
    with capture_logs() as logged:
        await drain(Delivery(world.store, (world.chat,), world.clock, options))

    assert world.chat.keys() == ["k2"]
    events = [entry["event"] for entry in logged]
    assert "notice" in events
    assert "notice lost" in events


async def test_a_reply_goes_into_the_thread_of_its_parent(world: World) -> None:
    """A follow-up is sent after its parent and into its thread."""
    await world.owe("k2", reply_to="k1", version=2)
    await world.owe("k1")
    delivery = world.delivery()
    await drain(delivery)
    world.clock.advance(1)
    await drain(delivery)

    first, second = world.chat.accepted
    assert (first.key, second.key) == ("k1", "k2")
    assert second.thread == first.message


# --- the store's troubles ---------------------------------------------------------------------


class FlakyStore(MemoryStore):
    """A store that fails when it is told to."""

    broken = ""

    def break_next(self, verb: str) -> None:
        self.broken = verb

    def _trip(self, verb: str) -> None:
        if verb == self.broken:
            self.broken = ""
            raise StoreError("the database", "is out of reach")

    async def claim(self, platforms: Sequence[str], now: datetime) -> Claim | None:
        self._trip("claim")
        return await super().claim(platforms, now)

    async def settle(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        self._trip("settle")
        return await super().settle(claim, outcome, now)

    async def waiting_channels(self) -> Mapping[ChannelRef, datetime]:
        self._trip("waiting_channels")
        return await super().waiting_channels()

    async def waiting(self, channel: ChannelRef) -> Sequence[Owed]:
        self._trip("waiting")
        return await super().waiting(channel)


@pytest.fixture
async def flaky(world: World) -> FlakyStore:
    """A store that fails when it is told to, in the place of the other."""
    store = FlakyStore(POLICY)
    await store.open()
    world.store = store
    return store


async def test_an_outcome_that_could_not_be_written_is_looked_for(
    world: World, flaky: FlakyStore
) -> None:
    """A send whose outcome the store did not take is in doubt after its lease, and not doubled."""
    await world.owe("k1")
    flaky.break_next("settle")
    delivery = world.delivery()
    with capture_logs() as logged:
        await drain(delivery)
    assert [entry["event"] for entry in logged] == ["alert not settled"]

    world.clock.advance(SETTLE)
    await drain(delivery)

    assert await world.state("k1") is AlertState.POSTED
    assert world.chat.keys() == ["k1"]


@pytest.mark.parametrize("verb", ["claim", "waiting_channels"])
async def test_the_loop_outlives_the_stores_troubles(
    world: World, flaky: FlakyStore, verb: str
) -> None:
    """A database that is away for a moment delays delivery by seconds and ends nothing."""
    await world.owe("k1")
    flaky.break_next(verb)
    delivery = world.delivery()
    with capture_logs() as logged:
        task = asyncio.create_task(delivery.run())
        await breathe()
        assert world.chat.keys() == []
        await let_pass(world.clock, 5)
        await delivery.stop(1)
        await task

    assert world.chat.keys() == ["k1"]
    assert "delivery in trouble" in [entry["event"] for entry in logged]


async def test_a_claim_that_was_lost_writes_nothing(world: World) -> None:
    """Who overslept the lease finds the claim gone, and what another wrote stands."""
    await world.owe("k1")
    world.chat.hang(accepting=True)
    options = DeliveryOptions(policy=replace(POLICY, send_timeout=timedelta(seconds=30)))
    sleeper = asyncio.create_task(Delivery(world.store, (world.chat,), world.clock, options).step())
    await breathe()
    world.clock.advance(SETTLE)
    await drain(world.delivery())
    with capture_logs() as logged:
        world.chat.accept()
        await sleeper

    assert [e["event"] for e in logged] == ["alert posted", "claim lost"]
    assert await world.state("k1") is AlertState.POSTED
    assert world.chat.keys() == ["k1"]


class Crowd(FakeChat):
    """A platform that counts how many messages are on their way at once, and holds them all."""

    now_at_once = 0
    most_at_once = 0

    async def send(self, post: Post) -> Outcome:
        self.now_at_once += 1
        self.most_at_once = max(self.most_at_once, self.now_at_once)
        try:
            await self._released.wait()
            return await super().send(post)
        finally:
            self.now_at_once -= 1


async def test_a_clock_that_jumps_ahead_doubles_nothing(world: World) -> None:
    """A message that is still on its way is not looked for, however late the clock says it is."""
    await world.owe("k1")
    crowd = Crowd(world.clock)
    policy = replace(POLICY, send_timeout=timedelta(seconds=30))
    options = DeliveryOptions(policy=policy, notify=world.hear)
    delivery = Delivery(world.store, (crowd,), world.clock, options)
    sending = asyncio.create_task(delivery.step())
    await breathe()
    world.clock.advance(3600)
    await drain(delivery)
    assert crowd.looked == []
    assert world.notices == []

    crowd.accept()
    await sending
    world.clock.advance(3600)
    await drain(delivery)

    assert await world.state("k1") is AlertState.POSTED
    assert crowd.keys() == ["k1"]


class SlowStore(MemoryStore):
    """A store whose machine sleeps between the claim and the send."""

    def __init__(self, clock: FakeClock, sleeps: float) -> None:
        super().__init__(POLICY)
        self.clock, self.sleeps = clock, sleeps

    async def claim(self, platforms: Sequence[str], now: datetime) -> Claim | None:
        claim = await super().claim(platforms, now)
        self.clock.advance(self.sleeps)
        self.sleeps = 0
        return claim


@pytest.mark.parametrize("sleeps", [11, LEASE * 2], ids=["late", "much too late"])
async def test_who_oversleeps_does_not_send(world: World, sleeps: float) -> None:
    """A process that slept through its lease sends nothing that another may have sent."""
    world.store = SlowStore(world.clock, sleeps)
    await world.store.open()
    await world.owe("k1")
    delivery = world.delivery()
    await delivery.step()
    assert world.chat.tried == []

    world.clock.advance(SETTLE)
    await drain(delivery)
    assert world.chat.keys() == ["k1"]


# --- running ----------------------------------------------------------------------------------


async def test_what_is_newly_owed_is_sent_at_once(world: World, running: Delivery) -> None:
    """A delivery that is woken sends without waiting for any time to pass."""
    await world.owe("k1")
    running.wake()
    await breathe()

    assert world.chat.keys() == ["k1"]


async def test_what_another_process_owes_is_found_unasked(world: World, running: Delivery) -> None:
    """Nobody has to wake delivery; it looks for itself every 15 seconds."""
    await world.owe("k1")
    await let_pass(world.clock, 15)

    assert world.chat.keys() == ["k1"]


class CountingStore(MemoryStore):
    """A store that counts how often it is asked for something to do."""

    asked = 0

    async def claim(self, platforms: Sequence[str], now: datetime) -> Claim | None:
        self.asked += 1
        return await super().claim(platforms, now)


async def test_delivery_rests_while_nothing_can_be_done(world: World) -> None:
    """With a parked channel, a doubt and a reply that waits for it, the store is seldom asked."""
    world.store = store = CountingStore(POLICY)
    await store.open()
    await world.owe("k1", channel=WATCH)
    await world.owe("k2", channel=DESK)
    await world.owe("k3", channel=DESK, reply_to="k2", version=2)
    await world.owe("k4", channel=DESK, reason=Reason.DIGEST)
    world.chat.archive(WATCH)
    world.chat.misbehave(lambda: Mishap.DROPPED)
    delivery = world.delivery()
    task = asyncio.create_task(delivery.run())
    await breathe()
    before = store.asked
    await let_pass(world.clock, 90)
    asked = store.asked - before
    await delivery.stop(1)
    await task

    assert len(world.chat.tried) == 2
    assert asked <= 90 / 15 + 1


async def test_a_channel_gets_one_message_a_second(world: World, running: Delivery) -> None:
    """A burst for one channel goes out in order and at the channel's pace."""
    names = [f"k{number}" for number in range(8)]
    for number, name in enumerate(names):
        await world.owe(name, decided_at=world.clock.now() + timedelta(microseconds=number))
    running.wake()
    await let_pass(world.clock, 9)

    sent = [entry.at for entry in world.chat.accepted]
    assert world.chat.keys() == names
    assert {(b - a) >= timedelta(seconds=1) for a, b in itertools.pairwise(sent)} == {True}


async def test_a_hanging_channel_stops_no_other(world: World) -> None:
    """While one channel gets no answer, the others of its platform are served."""
    options = replace(POLICY, send_timeout=timedelta(seconds=30))
    delivery = Delivery(world.store, (world.chat,), world.clock, DeliveryOptions(policy=options))
    await world.owe("k1", channel=DESK, urgency=Urgency.CRITICAL)
    await world.owe("k2", channel=WATCH)
    world.chat.hang()
    task = asyncio.create_task(delivery.run())
    await breathe()

    assert world.chat.keys() == ["k2"]
    await delivery.stop(0)
    await task


async def test_messages_on_their_way_are_bounded_by_platform(world: World) -> None:
    """A platform that hangs on all its messages takes nothing from another platform."""
    crowd, other = Crowd(world.clock), FakeChat(world.clock, "other")
    for number in range(9):
        await world.owe(f"k{number}", channel=ChannelRef("fake", f"#c{number}"))
    await world.owe("k9", channel=OTHER)
    options = DeliveryOptions(policy=replace(POLICY, send_timeout=timedelta(seconds=30)), at_once=4)
    delivery = Delivery(world.store, (crowd, other), world.clock, options)
    task = asyncio.create_task(delivery.run())
    await breathe()
    assert crowd.now_at_once == 4
    assert other.keys() == ["k9"]

    for _ in range(9):
        crowd.accept()
        await breathe()
    await delivery.stop(1)
    await task

    assert sorted(crowd.keys()) == [f"k{number}" for number in range(9)]
    assert crowd.most_at_once == 4


async def test_a_stop_finishes_what_is_under_way(world: World) -> None:
    """A stop within its grace leaves a posted alert, and starts no other."""
    crowd = Crowd(world.clock)
    world.chats = (crowd,)
    await world.owe("k1")
    delivery = world.delivery()
    task = asyncio.create_task(delivery.run())
    await breathe()
    stopping = asyncio.create_task(delivery.stop(5))
    await breathe()
    await world.owe("k2", channel=WATCH)
    crowd.accept()
    await stopping
    await task

    assert await world.state("k1") is AlertState.POSTED
    assert await world.state("k2") is AlertState.OWED


class StoppedStore(MemoryStore):
    """A store whose service is told to stop while it claims."""

    delivery: Delivery | None = None
    stopping: asyncio.Task[None] | None = None

    async def claim(self, platforms: Sequence[str], now: datetime) -> Claim | None:
        claim = await super().claim(platforms, now)
        if self.delivery and not self.stopping:
            self.stopping = asyncio.create_task(self.delivery.stop(5))
            await asyncio.sleep(0)
        return claim


async def test_a_stop_claims_nothing_more(world: World) -> None:
    """What was claimed when the stop came is sent, what was not stays owed."""
    world.store = store = StoppedStore(POLICY)
    await store.open()
    await world.owe("k1", channel=DESK)
    await world.owe("k2", channel=WATCH)
    store.delivery = world.delivery()
    await store.delivery.run()

    assert world.chat.keys() == ["k1"]
    assert await world.state("k2") is AlertState.OWED


async def test_what_a_stop_cuts_off_is_in_doubt_at_the_next_start(world: World) -> None:
    """A message that was on its way when the grace ended is looked for, not sent again."""
    await world.owe("k1")
    world.chat.hang(accepting=True)
    options = DeliveryOptions(policy=replace(POLICY, send_timeout=timedelta(seconds=30)))
    delivery = Delivery(world.store, (world.chat,), world.clock, options)
    task = asyncio.create_task(delivery.run())
    await breathe()
    with capture_logs() as logged:
        await delivery.stop(0)
        await task
    assert [(entry["event"], entry["alerts"]) for entry in logged] == [("sends unfinished", 1)]
    assert await world.state("k1") is AlertState.SENDING

    later = await world.restart()
    assert await world.state("k1") is AlertState.IN_DOUBT
    assert await drain(later) == 0
    world.clock.advance(SETTLE)
    await drain(later)

    assert await world.state("k1") is AlertState.POSTED
    assert world.chat.keys() == ["k1"]


async def test_a_cancelled_run_leaves_nothing_running(world: World) -> None:
    """A run that is cancelled takes its messages with it."""
    await world.owe("k1")
    world.chat.hang()
    task = asyncio.create_task(world.delivery().run())
    await breathe()
    before = len(asyncio.all_tasks())
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()
    assert before > len(asyncio.all_tasks()) == 1


async def test_a_delivery_that_never_ran_can_be_stopped(world: World) -> None:
    """A stop before the start is a stop."""
    await world.delivery().stop(0)


# --- digests ----------------------------------------------------------------------------------

EVENING = Channel(ref=DESK, digest_at=(time(9, 1),), timezone="UTC")


async def test_a_digest_goes_out_at_its_time(world: World) -> None:
    """What waits is posted as one card at the channel's digest time."""
    world.options = DeliveryOptions(channels={DESK: EVENING})
    delivery = world.delivery()
    task = asyncio.create_task(delivery.run())
    for name in ("k1", "k2"):
        await world.owe(name, reason=Reason.DIGEST, urgency=Urgency.DIGEST, story_id=name)
    delivery.wake()
    await let_pass(world.clock, 59)
    assert world.chat.keys() == []
    await let_pass(world.clock, 1)
    await delivery.stop(1)
    await task

    (post,) = world.chat.tried
    assert [line.text for line in post.card.lines] == ["red-line (2)", "Card of k1", "Card of k2"]
    assert await world.state("k1") is AlertState.GATHERED
    assert await world.state(post.key) is AlertState.POSTED


async def test_each_digest_time_is_one_digest(world: World) -> None:
    """What comes after a digest waits for the next day's."""
    world.options = DeliveryOptions(channels={DESK: EVENING})
    delivery = world.delivery()
    for day in range(3):
        now = world.clock.now()
        await world.owe(f"k{day}", reason=Reason.DIGEST, decided_at=now, story_id=f"s{day}")
        for _ in range(24):
            world.clock.advance(3600)
            await drain(delivery)

    assert [len(post.card.lines) for post in world.chat.tried] == [2, 2, 2]


async def test_without_digest_times_nothing_waits(world: World) -> None:
    """A channel without digest times is told of everything in one message now."""
    world.options = DeliveryOptions(channels=_without_times(DESK))
    for number in range(2, 40):
        await world.owe(f"k{number}", reason=Reason.DIGEST, story_id=f"s{number}")
    delivery = world.delivery()
    delivery.wake()
    await drain(delivery)

    (post,) = world.chat.tried
    assert post.card.title == "Digest: 38 stories"


def _without_times(*channels: ChannelRef) -> dict[ChannelRef, Channel]:
    return {ref: Channel(ref=ref, digest_at=()) for ref in channels}


async def test_what_is_held_is_not_gathered(world: World) -> None:
    """A flood waits for an admin, whatever the digest times; its message goes out by itself."""
    world.options = DeliveryOptions(channels=_without_times(DESK))
    await world.owe("k1", reason=Reason.FLOOD)
    delivery = world.delivery()
    delivery.wake()
    await drain(delivery)

    assert world.chat.tried == []
    assert await world.state("k1") is AlertState.HELD


async def test_what_another_process_lets_wait_is_gathered(world: World) -> None:
    """Nobody has to wake delivery for a digest either."""
    world.options = DeliveryOptions(channels=_without_times(DESK))
    delivery = world.delivery()
    task = asyncio.create_task(delivery.run())
    await breathe()
    await world.owe("k1", reason=Reason.DIGEST)
    await let_pass(world.clock, 15)
    await delivery.stop(1)
    await task

    assert len(world.chat.accepted) == 1


async def test_a_channel_that_cannot_be_read_waits(world: World, flaky: FlakyStore) -> None:
    """Trouble with one channel's alerts delays its digest, and nobody else's."""
    world.options = DeliveryOptions(channels=_without_times(DESK, WATCH))
    await world.owe("k1", reason=Reason.DIGEST, channel=DESK)
    await world.owe("k2", reason=Reason.DIGEST, channel=WATCH)
    flaky.break_next("waiting")
    delivery = world.delivery()
    with capture_logs():
        await drain(delivery)
    assert len(world.chat.accepted) == 1

    world.clock.advance(15)
    await drain(delivery)
    assert {entry.channel for entry in world.chat.accepted} == {DESK, WATCH}


async def test_one_channels_trouble_leaves_the_others_their_digest(world: World) -> None:
    """A channel in a zone that does not exist waits on, in the log; the others are told."""
    nowhere = Channel(ref=DESK, timezone="Atlantis/Capital")
    world.options = DeliveryOptions(channels={**_without_times(WATCH), DESK: nowhere})
    await world.owe("k1", reason=Reason.DIGEST, channel=DESK)
    await world.owe("k2", reason=Reason.DIGEST, channel=WATCH)
    with capture_logs() as logged:
        await drain(world.delivery())

    assert [entry.channel for entry in world.chat.accepted] == [WATCH]
    assert [e["channel"] for e in logged if e["event"] == "digest not gathered"] == [str(DESK)]
    assert await world.state("k1") is AlertState.WAITING
