"""What delivery may rely on in every store."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import StoreError
from bot.model import (
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
    Urgency,
)
from bot.ports import Claim, Owed, ParkedChannel, ShutPlatform, Store
from tests.contracts.store_world import (
    DESK,
    GUILD,
    NOW,
    PLATFORMS,
    WATCH,
    alert,
    at,
    card,
    message,
    owed,
    owing,
)

SETTLE, LEASE, WEEK = 120, 90, 7 * 86400
HOUR, TEN_YEARS = 3600, 3600 * 24 * 3652
POSTED = Posted(message())
OUTCOMES: list[Outcome] = [
    POSTED,
    Postponed("busy", timedelta(seconds=30)),
    Postponed("busy", timedelta(seconds=30), whole_platform=True),
    InDoubt("timeout"),
    Unwelcome("is_archived", "Unarchive it."),
    ShutOut("token_revoked", "Make a new token."),
    Malformed("invalid_blocks"),
]


async def claimed(store: Store, seconds: float = 0, *platforms: str) -> Claim:
    """Claim what must be there to claim."""
    claim = await store.claim(platforms or PLATFORMS, at(seconds))
    assert claim is not None
    return claim


async def in_state(store: Store, name: str) -> AlertState:
    """Return the state of an alert that must be there."""
    record = await store.alert(name)
    assert record is not None
    return record.state


async def doubtful(store: Store, seconds: float = 0) -> None:
    """Leave what can be claimed in doubt."""
    assert await store.settle(await claimed(store, seconds), InDoubt("timeout"), at(seconds))


class ClaimContract:
    """Who may send what, when."""

    async def test_a_claim_is_the_right_to_send_one_alert(self, store: Store) -> None:
        """An owed alert is claimed with its card, as the first attempt, intended now."""
        await store.remember(owing(owed("k1")))
        claim = await claimed(store, 3)

        assert (claim.post.key, claim.post.channel) == ("k1", DESK)
        assert claim.post.card == card("Card of k1")
        assert (claim.post.thread, claim.post.plain) == (None, False)
        assert (claim.attempt, claim.intended_at, claim.in_doubt) == (1, at(3), False)
        assert await in_state(store, "k1") is AlertState.SENDING

    async def test_nothing_owed_is_nothing_to_claim(self, store: Store) -> None:
        """Quiet and waiting decisions are never sent by themselves."""
        await store.remember(
            owing(owed("k1", reason=Reason.BASELINE), owed("k2", reason=Reason.FLOOD))
        )

        assert await store.claim(PLATFORMS, NOW) is None
        assert await store.next_action_at(PLATFORMS) is None

    async def test_only_the_platforms_asked_for_are_served(self, store: Store) -> None:
        """A claim is for one of the platforms that are connected."""
        await store.remember(owing(owed("k1")))

        assert await store.claim(["discord"], NOW) is None
        assert await store.claim([], NOW) is None
        assert await store.next_action_at(["discord"]) is None
        assert (await claimed(store, 0, "slack")).post.key == "k1"

    async def test_critical_goes_first_then_the_oldest_decision(self, store: Store) -> None:
        """Alerts of a channel go critical first, then by decision, then by id."""
        await store.remember(
            owing(
                owed("late", decided_at=at(-1)),
                owed("b", decided_at=at(-9)),
                owed("a", decided_at=at(-9)),
                owed("alarm", urgency=Urgency.CRITICAL),
                owed("dull", urgency=Urgency.DIGEST, decided_at=at(-5)),
            )
        )

        sent = []
        for second in range(5):
            claim = await claimed(store, second)
            assert await store.settle(claim, POSTED, at(second))
            sent.append(claim.post.key)
        assert sent == ["alarm", "a", "b", "dull", "late"]

    async def test_the_order_holds_across_channels(self, store: Store) -> None:
        """Of all channels that are ready, the most urgent and oldest alert goes first."""
        await store.remember(
            owing(
                owed("k1", decided_at=at(-1)),
                owed("k2", WATCH, decided_at=at(-2)),
                owed("k3", GUILD, urgency=Urgency.CRITICAL),
            )
        )

        assert [(await claimed(store)).post.key for _ in range(3)] == ["k3", "k2", "k1"]

    async def test_one_sender_per_channel(self, store: Store) -> None:
        """While one alert of a channel is being sent, no other of it is claimed; others are."""
        await store.remember(owing(owed("k1"), owed("k2"), owed("k3", WATCH)))
        claims = await asyncio.gather(*[store.claim(PLATFORMS, NOW) for _ in range(5)])

        assert {claim.post.key for claim in claims if claim} == {"k1", "k3"}
        assert await store.claim(PLATFORMS, at(LEASE - 1)) is None

    async def test_a_channel_rests_between_messages(self, store: Store) -> None:
        """The next message to a channel waits for the channel's pace after the intent."""
        await store.remember(owing(owed("k1"), owed("k2"), owed("g1", GUILD), owed("g2", GUILD)))
        for _ in range(2):
            assert await store.settle(await claimed(store), POSTED, at(0.2))

        assert await store.claim(PLATFORMS, at(0.999999)) is None
        assert await store.next_action_at(PLATFORMS) == at(1)
        assert (await claimed(store, 1)).post.key == "k2"
        assert await store.claim(PLATFORMS, at(4.999999)) is None
        assert (await claimed(store, 5)).post.key == "g2"

    async def test_the_pace_survives_a_restart(self, store: Store) -> None:
        """A restart does not shorten a channel's rest."""
        await store.remember(owing(owed("k1"), owed("k2")))
        assert await store.settle(await claimed(store), POSTED, NOW)
        await store.close()
        await store.open()

        assert await store.claim(PLATFORMS, at(0.5)) is None
        assert (await claimed(store, 1)).post.key == "k2"

    async def test_a_lease_that_ran_out_leaves_a_doubt(self, store: Store) -> None:
        """What its sender never settled is in doubt, and is looked for once it has settled."""
        await store.remember(owing(owed("k1"), owed("k2")))
        lost = await claimed(store)
        assert (await claimed(store, LEASE)).post.key == "k2"

        assert await in_state(store, "k1") is AlertState.IN_DOUBT
        assert not await store.settle(lost, POSTED, at(LEASE))
        assert not await store.settle_look(lost, Absent(), at(LEASE))
        assert await in_state(store, "k1") is AlertState.IN_DOUBT

    async def test_a_restart_puts_what_was_being_sent_in_doubt(self, store: Store) -> None:
        """What an earlier process left in sending is in doubt at once, and its claim is lost."""
        await store.remember(owing(owed("k1"), owed("k2")))
        left = await claimed(store)
        await store.close()
        await store.open()

        assert await in_state(store, "k1") is AlertState.IN_DOUBT
        assert not await store.settle(left, POSTED, at(1))
        assert (await claimed(store, 1)).post.key == "k2"
        look = await claimed(store, LEASE + SETTLE)
        assert (look.post.key, look.in_doubt, look.attempt) == ("k1", True, 1)
        assert look.intended_at == NOW
        assert look.fence > left.fence

    async def test_every_claim_of_a_channel_raises_its_fence(self, store: Store) -> None:
        """Fences of a channel only rise, over sends, looks and restarts."""
        await store.remember(owing(owed("k1")))
        await doubtful(store)
        look = await claimed(store, SETTLE)
        assert await store.settle_look(look, Absent(), at(SETTLE))
        await store.close()
        await store.open()

        again = await claimed(store, SETTLE)
        assert (look.fence, again.fence) == (2, 3)
        assert again.attempt == 2

    async def test_a_claim_can_be_settled_once(self, store: Store) -> None:
        """The second settlement of one claim is refused and changes nothing."""
        await store.remember(owing(owed("k1")))
        claim = await claimed(store)
        assert await store.settle(claim, POSTED, at(1))

        assert not await store.settle(claim, Malformed("too late"), at(2))
        record = await store.alert("k1")
        assert record is not None
        assert (record.state, record.message, record.attempts) == (
            AlertState.POSTED,
            message(),
            1,
        )

    async def test_next_action_says_when_a_claim_may_come(self, store: Store) -> None:
        """Before that time nothing can be claimed, at that time something can."""
        await store.remember(owing(owed("k1")))
        soon = await store.next_action_at(PLATFORMS)
        assert soon is not None
        assert soon <= NOW

        await claimed(store)
        assert await store.next_action_at(PLATFORMS) == at(SETTLE)
        await store.remember(owing(owed("k2")))
        assert await store.next_action_at(PLATFORMS) == at(LEASE)


class SettleContract:
    """What becomes of a send."""

    async def test_a_posted_alert_keeps_its_message(self, store: Store) -> None:
        """A posted alert knows its message, and its channel is free again."""
        await store.remember(owing(owed("k1")))
        assert await store.settle(await claimed(store), POSTED, at(1))

        record = await store.alert("k1")
        assert record is not None
        assert (record.state, record.message, record.why) == (AlertState.POSTED, message(), "")
        assert await store.claim(PLATFORMS, at(9999)) is None
        assert await store.next_action_at(PLATFORMS) is None

    async def test_a_postponed_alert_waits_with_its_channel(self, store: Store) -> None:
        """The channel waits as long as the platform asked; other channels go on."""
        await store.remember(owing(owed("k1"), owed("k2"), owed("k3", WATCH)))
        later = Postponed("rate limited", timedelta(seconds=30))
        assert await store.settle(await claimed(store), later, at(2))

        assert (await claimed(store, 2)).post.key == "k3"
        assert await store.claim(PLATFORMS, at(31)) is None
        again = await claimed(store, 32)
        assert (again.post.key, again.attempt) == ("k1", 2)
        record = await store.alert("k1")
        assert record is not None
        assert record.why == "rate limited"

    async def test_a_short_delay_never_shortens_the_pace(self, store: Store) -> None:
        """A platform that asks for no delay still gets the channel's pace."""
        await store.remember(owing(owed("g1", GUILD)))
        assert await store.settle(await claimed(store), Postponed("busy", timedelta(0)), at(1))

        assert await store.next_action_at(PLATFORMS) == at(5)
        assert await store.claim(PLATFORMS, at(4)) is None

    async def test_a_platform_may_postpone_all_its_channels(self, store: Store) -> None:
        """A delay of the whole platform holds all its channels, looks too, over a restart."""
        await store.remember(
            owing(owed("k1"), owed("k2", WATCH, decided_at=at(1)), owed("g1", GUILD))
        )
        await doubtful(store, -SETTLE)
        later = Postponed("global limit", timedelta(seconds=60), whole_platform=True)
        slack = await claimed(store, -1, "slack")
        assert await store.settle(slack, later, NOW)
        await store.close()
        await store.open()

        assert await store.claim(["slack"], at(59)) is None
        assert await store.next_action_at(["slack"]) == at(60)
        assert (await claimed(store, 0)).post.key == "g1"
        assert {(await claimed(store, 60)).post.key for _ in range(2)} == {"k1", "k2"}

    async def test_a_doubt_frees_the_channel_but_not_the_slot(self, store: Store) -> None:
        """An alert in doubt is not sent again; its channel goes on at its pace."""
        await store.remember(owing(owed("k1"), owed("k2")))
        assert await store.settle(await claimed(store), InDoubt("timeout"), at(0.5))

        assert await store.claim(PLATFORMS, at(0.5)) is None
        assert (await claimed(store, 1)).post.key == "k2"
        record = await store.alert("k1")
        assert record is not None
        assert (record.state, record.why) == (AlertState.IN_DOUBT, "timeout")

    async def test_an_unwelcome_alert_parks_its_channel(self, store: Store) -> None:
        """A channel that refuses us is parked with code, advice and time; its alerts queue."""
        await store.remember(owing(owed("k1"), owed("k2"), owed("k3", WATCH)))
        refusal = Unwelcome("is_archived", "Unarchive it.")
        assert await store.settle(await claimed(store), refusal, at(1))

        assert (await store.tally()).parked == (
            ParkedChannel(
                channel=DESK, code="is_archived", advice="Unarchive it.", since=at(1), owed=2
            ),
        )
        assert (await claimed(store, 2)).post.key == "k3"
        assert await store.claim(PLATFORMS, at(80)) is None

    async def test_a_parked_channel_stays_parked_until_resumed(self, store: Store) -> None:
        """A restart does not open a parked channel; resuming it does, and sends what queued."""
        await store.remember(owing(owed("k1")))
        await store.settle(await claimed(store), Unwelcome("is_archived", "Unarchive it."), at(1))
        await store.close()
        await store.open()
        assert await store.next_action_at(PLATFORMS) is None

        assert await store.resume_channel(DESK, at(60))
        assert not await store.resume_channel(DESK, at(60))
        assert not await store.resume_channel(GUILD, at(60))
        assert (await claimed(store, 60)).post.key == "k1"
        assert (await store.tally()).parked == ()

    async def test_alerts_of_a_parked_channel_die_in_the_end(self, store: Store) -> None:
        """Each alert waits for a parked channel as long as the policy says, then dies, said why."""
        await store.remember(owing(owed("k1"), owed("k2", decided_at=at(-9))))
        await doubtful(store, -5)
        await store.settle(await claimed(store), Unwelcome("is_archived", "Unarchive it."), NOW)
        await store.remember(owing(owed("k3", decided_at=at(3600))))

        look = await claimed(store, WEEK - 1)
        assert await store.settle_look(look, Unseen("no history"), at(WEEK - 1))
        assert await in_state(store, "k1") is AlertState.OWED
        given_up = await store.give_up(PLATFORMS, at(WEEK))
        assert {record.alert.id for record in given_up} == {"k1", "k2"}
        assert await store.give_up(PLATFORMS, at(WEEK)) == ()
        assert [await in_state(store, name) for name in ("k1", "k2", "k3")] == [
            AlertState.DEAD,
            AlertState.DEAD,
            AlertState.OWED,
        ]
        first, second = await store.dead(10)
        assert (first, second) == tuple(sorted(given_up, key=lambda record: record.alert.id))
        assert "is_archived" in first.why
        assert await store.dead(1) == (first,)

    async def test_what_a_channel_was_told_is_remembered(self, store: Store) -> None:
        """What was posted since a time is read back, newest first; what waits or is owed is not."""
        await store.remember(
            owing(
                owed("k1", decided_at=at(-60)),
                owed("k2", decided_at=at(-1)),
                owed("k3"),
                owed("k4", WATCH),
                owed("q1", reason=Reason.NOTHING_NEW),
            )
        )
        for second in range(0, 40, 10):
            await store.settle(await claimed(store, second), POSTED, at(second))
        await store.remember(owing(owed("k5", decided_at=at(50))))

        told = await store.told_in(DESK, at(-60), 10)
        assert [record.alert.id for record in told] == ["k3", "k2", "k1"]
        assert [await store.alert(record.alert.id) for record in told] == list(told)
        assert await store.told_in(DESK, at(-59), 10) == told[:2]
        assert await store.told_in(DESK, at(-60), 1) == told[:1]
        assert [record.alert.id for record in await store.told_in(WATCH, at(-60), 9)] == ["k4"]
        assert await store.told_in(GUILD, at(-60), 10) == ()

    async def test_what_a_digest_gathered_was_told_too(self, store: Store) -> None:
        """Each alert stands for itself, beside the digest that told it."""
        waiting = owed("w1", reason=Reason.DIGEST), owed("w2", reason=Reason.DIGEST)
        await store.remember(owing(*waiting))
        assert await store.told_in(DESK, at(-60), 10) == ()
        digest = owed("d1", story_id="digest-d1", reason=Reason.DIGEST, decided_at=at(9))
        await store.gather(digest, ["w1", "w2"])

        gathered = [record.alert.id for record in await store.told_in(DESK, at(-60), 10)]
        await store.settle(await claimed(store, 10), POSTED, at(10))
        posted = [record.alert.id for record in await store.told_in(DESK, at(-60), 10)]
        assert (gathered, posted) == (["w2", "w1"], ["d1", "w2", "w1"])

    async def test_alerts_of_a_platform_that_nobody_serves_die_in_the_end(
        self, store: Store
    ) -> None:
        """What is owed to a platform without a token waits a week, and is then given up."""
        await store.remember(owing(owed("k1"), owed("k2", GUILD)))

        assert await store.give_up(["slack"], at(WEEK - 1)) == ()
        assert await store.give_up(PLATFORMS, at(WEEK)) == ()
        (dead,) = await store.give_up(["slack"], at(WEEK))
        assert (dead.alert.id, dead.state) == ("k2", AlertState.DEAD)
        assert dead.why == "discord was not set up for 7 days"
        assert await in_state(store, "k1") is AlertState.OWED

    async def test_alerts_of_a_platform_that_shut_us_out_die_in_the_end(self, store: Store) -> None:
        """A revoked token that nobody renews keeps what is owed for a week."""
        await store.remember(owing(owed("k1")))
        await store.settle(await claimed(store), ShutOut("token_revoked", "Renew it."), NOW)

        assert await store.give_up(PLATFORMS, at(WEEK - 1)) == ()
        (dead,) = await store.give_up(PLATFORMS, at(WEEK))
        assert dead.why == "slack refused us (token_revoked) for 7 days"

    async def test_a_doubt_that_nobody_can_resolve_ends(self, store: Store) -> None:
        """After a week of looks that saw nothing the alert is given up; its replies go on."""
        await store.remember(owing(owed("k1"), owed("r1", reply_to="k1", decided_at=at(1))))
        await doubtful(store)
        for number in range(10):
            second = 86_400 * number / 2 + SETTLE
            await store.settle_look(await claimed(store, second), Unseen("hidden"), at(second))
            assert await store.give_up(PLATFORMS, at(second)) == ()

        assert await store.give_up(PLATFORMS, at(WEEK - 1)) == ()
        (dead,) = await store.give_up(PLATFORMS, at(WEEK))
        assert dead.why == "nobody could see whether it was posted (hidden) for 7 days"
        assert (await claimed(store, WEEK)).post.key == "r1"

    async def test_a_platform_that_shuts_us_out_is_left_alone(self, store: Store) -> None:
        """Nothing is sent or looked for until the platform is resumed."""
        await store.remember(owing(owed("k1"), owed("k2", WATCH), owed("g1", GUILD)))
        refusal = ShutOut("token_revoked", "Make a new token.")
        assert await store.settle(await claimed(store), refusal, at(1))

        (shut,) = (await store.tally()).shut_out
        assert shut == ShutPlatform(
            platform=shut.platform, code="token_revoked", advice="Make a new token.", since=at(1)
        )
        rest = [await store.claim(PLATFORMS, at(60)) for _ in range(3)]
        assert shut.platform not in {claim.post.channel.platform for claim in rest if claim}
        assert await store.resume_platform(shut.platform, at(61))
        assert not await store.resume_platform(shut.platform, at(61))
        assert (await store.tally()).shut_out == ()
        assert (await claimed(store, 61)).post.channel.platform == shut.platform

    async def test_a_restart_tries_a_platform_that_shut_us_out(self, store: Store) -> None:
        """A new start has new tokens, so it tries again."""
        await store.remember(owing(owed("k1")))
        await store.settle(await claimed(store), ShutOut("token_revoked", "Make one."), at(1))
        assert await store.next_action_at(PLATFORMS) is None
        await store.close()
        await store.open()

        assert (await claimed(store, 60)).attempt == 2

    async def test_malformed_once_is_sent_plain(self, store: Store) -> None:
        """Content that a platform refuses is sent once more in its plain form, at the pace."""
        await store.remember(owing(owed("k1")))
        assert await store.settle(await claimed(store), Malformed("invalid_blocks"), at(0.1))

        again = await claimed(store, 1)
        assert (again.post.plain, again.attempt) == (True, 2)
        assert await store.settle(again, POSTED, at(1))
        assert await in_state(store, "k1") is AlertState.POSTED

    async def test_malformed_twice_is_dead(self, store: Store) -> None:
        """Content refused in its plain form too is given up, with the platform's reason."""
        await store.remember(owing(owed("k1")))
        for second in (0, 1):
            assert await store.settle(
                await claimed(store, second), Malformed(f"refused at {second}"), at(second)
            )

        (dead,) = await store.dead(10)
        assert (dead.alert.id, dead.state, dead.why) == ("k1", AlertState.DEAD, "refused at 1")
        assert await store.claim(PLATFORMS, at(9999)) is None

    @pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
    async def test_a_stale_fence_writes_nothing(self, store: Store, outcome: Outcome) -> None:
        """Whoever lost the claim changes neither alert nor channel nor platform."""
        await store.remember(owing(owed("k1"), owed("k2", decided_at=at(1))))
        lost = await claimed(store)
        await store.close()
        await store.open()
        held = await claimed(store, 1)
        before = await store.tally(), await store.alert("k1"), await store.alert("k2")

        assert not await store.settle(lost, outcome, at(2))
        assert (await store.tally(), await store.alert("k1"), await store.alert("k2")) == before
        assert await store.claim(PLATFORMS, at(2)) is None
        assert await store.settle(held, POSTED, at(3))


class LookContract:
    """What becomes of a doubt."""

    async def test_a_doubt_is_looked_into_after_the_settle_time(self, store: Store) -> None:
        """A look is due when the settle time since the intent is over, and not before."""
        await store.remember(owing(owed("k1")))
        await doubtful(store, 3)
        assert await store.next_action_at(PLATFORMS) == at(3 + SETTLE)
        assert await store.claim(PLATFORMS, at(2.999 + SETTLE)) is None

        look = await claimed(store, 3 + SETTLE)
        assert (look.in_doubt, look.intended_at, look.attempt) == (True, at(3), 1)
        assert await in_state(store, "k1") is AlertState.IN_DOUBT
        assert await store.claim(PLATFORMS, at(4 + SETTLE)) is None

    async def test_found_is_posted(self, store: Store) -> None:
        """A message that is found was posted, and is never sent again."""
        await store.remember(owing(owed("k1")))
        await doubtful(store)
        assert await store.settle_look(await claimed(store, SETTLE), Found(message()), at(SETTLE))

        record = await store.alert("k1")
        assert record is not None
        assert (record.state, record.message) == (AlertState.POSTED, message())
        assert await store.claim(PLATFORMS, at(9999)) is None

    async def test_absent_is_owed_again(self, store: Store) -> None:
        """A message that is surely not there may be sent at once, as the next attempt."""
        await store.remember(owing(owed("k1")))
        await doubtful(store)
        assert await store.settle_look(await claimed(store, SETTLE), Absent(), at(SETTLE))

        again = await claimed(store, SETTLE)
        assert (again.in_doubt, again.attempt, again.intended_at) == (False, 2, at(SETTLE))

    async def test_unseen_is_looked_for_later_and_later(self, store: Store) -> None:
        """A look that saw nothing is repeated after 2, 4, 8 … minutes, at most an hour."""
        await store.remember(owing(owed("k1")))
        await doubtful(store)
        due, waits = at(SETTLE), []
        for _ in range(8):
            look = await store.claim(PLATFORMS, due)
            assert look is not None
            assert await store.settle_look(look, Unseen("no history"), due)
            assert await store.claim(PLATFORMS, due) is None
            following = await store.next_action_at(PLATFORMS)
            assert following is not None
            waits.append((following - due).total_seconds() / 60)
            due = following

        assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
        assert await in_state(store, "k1") is AlertState.IN_DOUBT

    async def test_a_new_attempt_counts_its_looks_anew(self, store: Store) -> None:
        """The waits of an earlier doubt do not lengthen those of the next."""
        await store.remember(owing(owed("k1")))
        await doubtful(store)
        sightings: list[tuple[int, Sighting]] = [(SETTLE, Unseen("hidden")), (240, Absent())]
        for second, sighting in sightings:
            assert await store.settle_look(await claimed(store, second), sighting, at(second))
        await doubtful(store, 300)
        look = await claimed(store, 300 + SETTLE)
        await store.settle_look(look, Unseen("no history"), at(300 + SETTLE))

        assert await store.next_action_at(PLATFORMS) == at(300 + SETTLE + 120)

    async def test_news_goes_before_looks(self, store: Store) -> None:
        """Where something is owed and something is in doubt, the owed alert goes first."""
        await store.remember(owing(owed("k1")))
        await doubtful(store)
        await store.remember(owing(owed("k2"), owed("k3", WATCH)))

        keys = [await claimed(store, SETTLE) for _ in range(2)]
        assert {claim.post.key for claim in keys} == {"k2", "k3"}
        assert await store.settle(keys[0], POSTED, at(SETTLE))
        assert await store.settle(keys[1], POSTED, at(SETTLE))
        assert (await claimed(store, SETTLE)).in_doubt

    async def test_a_look_holds_the_channel_but_spends_no_slot(self, store: Store) -> None:
        """While one looks, nobody sends to the channel; after it, one may at once."""
        await store.remember(owing(owed("k1")))
        await doubtful(store)
        look = await claimed(store, SETTLE)
        await store.remember(owing(owed("k2")))
        assert await store.claim(PLATFORMS, at(SETTLE)) is None

        assert await store.settle_look(look, Unseen("no history"), at(SETTLE))
        assert (await claimed(store, SETTLE)).post.key == "k2"

    async def test_an_abandoned_look_is_taken_up_again(self, store: Store) -> None:
        """A look whose lease ran out is claimed anew, and the old one is lost."""
        await store.remember(owing(owed("k1")))
        await doubtful(store)
        lost = await claimed(store, SETTLE)
        again = await claimed(store, SETTLE + LEASE)

        assert again.in_doubt
        assert not await store.settle_look(lost, Absent(), at(SETTLE + LEASE))
        assert not await store.settle(again, POSTED, at(SETTLE + LEASE))
        assert await store.settle_look(again, Found(message()), at(SETTLE + LEASE))

    async def test_an_earlier_sender_cannot_settle_a_later_attempt(self, store: Store) -> None:
        """Whoever sent the first attempt has no say in the second, though both were to be sent."""
        await store.remember(owing(owed("k1")))
        first = await claimed(store)
        look = await claimed(store, SETTLE)
        assert await store.settle_look(look, Absent(), at(SETTLE))
        second = await claimed(store, SETTLE)

        assert (first.in_doubt, second.in_doubt) == (False, False)
        assert not await store.settle(first, Malformed("invalid_blocks"), at(SETTLE))
        assert await in_state(store, "k1") is AlertState.SENDING
        assert await store.settle(second, POSTED, at(SETTLE))

    async def test_the_longest_doubt_is_looked_into_first(self, store: Store) -> None:
        """Looks go in the order in which they are due."""
        await store.remember(owing(owed("k2"), owed("k1", WATCH, decided_at=at(1))))
        await doubtful(store)
        await doubtful(store, 2)

        assert [(await claimed(store, 999)).post.key for _ in range(2)] == ["k2", "k1"]

    async def test_a_parked_channel_can_be_looked_into(self, store: Store) -> None:
        """A channel that takes no messages may still show whether it took one before."""
        await store.remember(owing(owed("k1"), owed("k2", decided_at=at(1))))
        await doubtful(store)
        await store.settle(await claimed(store, 1), Unwelcome("is_archived", "Do."), at(1))

        look = await claimed(store, SETTLE)
        assert (look.post.key, look.in_doubt) == ("k1", True)


class ClockContract:
    """A clock that ran ahead and is put right. Nothing waits for the time that it showed."""

    async def test_a_channel_does_not_rest_until_a_wrong_time(self, store: Store) -> None:
        """After a message that was sent in 2036, the next goes out when it is 2026 again."""
        await store.remember(owing(owed("k1"), owed("k2", decided_at=at(1))))
        await store.settle(await claimed(store, TEN_YEARS), POSTED, at(TEN_YEARS))

        assert (await claimed(store, 60)).post.key == "k2"

    async def test_a_platform_does_not_pause_until_a_wrong_time(self, store: Store) -> None:
        """A limit that was told of in 2036 is over in 2026."""
        await store.remember(owing(owed("k1")))
        limited = Postponed("busy", timedelta(seconds=30), whole_platform=True)
        await store.settle(await claimed(store, TEN_YEARS), limited, at(TEN_YEARS))

        assert (await claimed(store, 60)).post.key == "k1"

    @pytest.mark.parametrize("ahead", [HOUR, TEN_YEARS])
    async def test_a_lease_does_not_last_until_a_wrong_time(
        self, store: Store, ahead: float
    ) -> None:
        """What was claimed by a clock that ran ahead is looked for after a settle time."""
        await store.remember(owing(owed("k1")))
        lost = await claimed(store, ahead)

        assert await store.claim(PLATFORMS, at(60)) is None
        assert not await store.settle(lost, POSTED, at(61))
        assert await in_state(store, "k1") is AlertState.IN_DOUBT
        look = await claimed(store, (ahead if ahead == HOUR else 60) + SETTLE)
        assert (look.post.key, look.in_doubt) == ("k1", True)

    async def test_a_doubt_is_not_put_off_until_a_wrong_time(self, store: Store) -> None:
        """A doubt of 2036 is looked into in 2026, once the settle time is over."""
        await store.remember(owing(owed("k1")))
        await store.settle(await claimed(store, TEN_YEARS), InDoubt("timeout"), at(TEN_YEARS))

        assert await store.claim(PLATFORMS, at(60)) is None
        assert await store.claim(PLATFORMS, at(59 + SETTLE)) is None
        assert (await claimed(store, 60 + SETTLE)).in_doubt

    async def test_a_refusal_for_longer_than_a_day_is_a_refusal_for_a_day(
        self, store: Store
    ) -> None:
        """A platform that wants us to wait for years is asked again the next day."""
        await store.remember(owing(owed("k1")))
        await store.settle(await claimed(store), Postponed("busy", timedelta(days=4000)), NOW)

        assert await store.claim(PLATFORMS, at(86_399)) is None
        assert await store.next_action_at(PLATFORMS) == at(86_400)
        assert (await claimed(store, 86_400)).post.key == "k1"


class ReplyContract:
    """What follows what."""

    async def test_a_reply_goes_into_the_thread_of_its_parent(self, store: Store) -> None:
        """A reply waits until its parent is posted, then names its message."""
        await store.remember(owing(owed("k1"), owed("r1", reply_to="k1", urgency=Urgency.CRITICAL)))
        parent = await claimed(store)
        assert parent.post.key == "k1"
        assert await store.settle(parent, InDoubt("timeout"), NOW)
        assert await store.claim(PLATFORMS, at(60)) is None
        assert await store.next_action_at(PLATFORMS) == at(SETTLE)
        look = await claimed(store, SETTLE)
        assert await store.settle_look(look, Found(message("m7")), at(SETTLE))

        reply = await claimed(store, SETTLE)
        assert (reply.post.key, reply.post.thread) == ("r1", message("m7"))

    async def test_a_reply_to_a_dead_parent_stands_alone(self, store: Store) -> None:
        """Where the parent was given up, the reply is posted without a thread."""
        await store.remember(owing(owed("k1"), owed("r1", reply_to="k1", decided_at=at(1))))
        for second in (0, 1):
            await store.settle(await claimed(store, second), Malformed("no"), at(second))

        reply = await claimed(store, 2)
        assert (reply.post.key, reply.post.thread) == ("r1", None)

    @pytest.mark.parametrize("reason", [Reason.BASELINE, Reason.DIGEST])
    async def test_a_reply_to_what_is_never_posted_stands_alone(
        self, store: Store, reason: Reason
    ) -> None:
        """A quiet parent, or one that goes into a digest, has no thread to wait for."""
        await store.remember(owing(owed("k1", reason=reason), owed("r1", reply_to="k1")))

        assert (await claimed(store)).post.thread is None

    @pytest.mark.parametrize("parent", ["unheard-of", "k1"])
    async def test_a_reply_never_leaves_its_channel(self, store: Store, parent: str) -> None:
        """A parent that is unknown, or in another channel, is no thread and no reason to wait."""
        await store.remember(
            owing(owed("k1", WATCH, decided_at=at(1)), owed("r1", reply_to=parent))
        )

        reply = await claimed(store)
        assert (reply.post.key, reply.post.thread) == ("r1", None)


class DigestContract:
    """What waits to be gathered."""

    async def test_waiting_alerts_come_oldest_first(self, store: Store) -> None:
        """Alerts for the digest wait by channel with their cards, oldest first."""
        late = owed("a", reason=Reason.DIGEST, decided_at=at(9))
        early = owed("b", reason=Reason.DIGEST, decided_at=at(1))
        other = owed("c", WATCH, reason=Reason.DIGEST, decided_at=at(5))
        await store.remember(owing(late, early, other, owed("now")))

        assert await store.waiting(DESK) == (early, late)
        assert await store.waiting(GUILD) == ()
        assert await store.waiting_channels() == {DESK: at(1), WATCH: at(5)}

    async def test_gathering_owes_one_digest(self, store: Store) -> None:
        """A digest is owed, whatever its reason, and what is in it waits no longer."""
        waiting = [owed(name, reason=Reason.DIGEST) for name in ("a", "b", "later")]
        elsewhere = owed("w", WATCH, reason=Reason.DIGEST)
        await store.remember(owing(*waiting, elsewhere, owed("now", decided_at=at(1))))
        digest = Owed(alert=alert("d1", reason=Reason.DIGEST), card=card("Two reports"))
        for _ in range(2):
            await store.gather(digest, ["a", "b", "w", "now", "unheard-of"])

        assert [await in_state(store, name) for name in ("a", "b", "later", "w", "now")] == [
            AlertState.GATHERED,
            AlertState.GATHERED,
            AlertState.WAITING,
            AlertState.WAITING,
            AlertState.OWED,
        ]
        claim = await claimed(store)
        assert (claim.post.key, claim.post.card) == ("d1", card("Two reports"))
        assert await store.settle(claim, POSTED, NOW)
        await store.gather(digest, ["a", "b"])
        assert await in_state(store, "d1") is AlertState.POSTED

    async def test_a_digest_may_be_the_first_to_its_channel(self, store: Store) -> None:
        """A channel that never had an alert of its own gets its digest."""
        await store.gather(Owed(alert=alert("d1", GUILD), card=card()), [])

        assert (await claimed(store)).post.channel == GUILD

    async def test_a_digest_needs_a_card(self, store: Store) -> None:
        """A digest without a card is refused, and nothing is gathered."""
        await store.remember(owing(owed("a", reason=Reason.DIGEST)))
        with pytest.raises(StoreError, match="card"):
            await store.gather(Owed(alert=alert("d1"), card=None), ["a"])

        assert await in_state(store, "a") is AlertState.WAITING


class OutboxContract(
    ClaimContract, SettleContract, LookContract, ClockContract, ReplyContract, DigestContract
):
    """What delivery may rely on."""
