"""What the flood gate may rely on in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import StoreError
from bot.model import AlertState, Change, Changed, Flood, Hold, Reason
from bot.ports import ChangeQuery, Held, PollRecord, Store
from tests.contracts.store_world import (
    DESK,
    NOW,
    PLATFORMS,
    WATCH,
    at,
    owed,
    owing,
    state,
)

DAY = 86_400
HOLD = Hold(id="h1", feed_id="gazette", channel=DESK, flood=Flood.BURST, entries=40, held_at=NOW)


def brought(entries: int, seconds: float = 0, feed: str = "gazette") -> PollRecord:
    """A poll that brought so many new entries."""
    return PollRecord(state=state(feed, last_polled_at=at(seconds)), entries=entries)


def flooding(hold: Hold = HOLD, *names: str) -> PollRecord:
    """A poll whose alerts are held, with the message that tells of it."""
    held = [
        replace(owed(name, hold.channel, reason=Reason.FLOOD), held_in=hold.id)
        for name in names or ("k1", "k2")
    ]
    message = owed(hold.id, hold.channel, reason=Reason.HOLD, story_id=hold.id)
    return replace(owing(*held, message), holds=(hold,))


def decision(name: str = "c1", what: str = "feeds release") -> Change:
    """What an admin decided."""
    return Change(
        id=name, at=at(60), platform="slack", workspace="T1", channel_id="C1", user_id="U1",
        what=what, subject="gazette",
    )  # fmt: skip


async def states(store: Store, *names: str) -> list[AlertState]:
    """How alerts stand."""
    records = [await store.alert(name) for name in names]
    return [record.state for record in records if record]


class HoldContract:
    """What is held, until somebody decides."""

    async def test_what_a_feed_brings_at_once_is_remembered(self, store: Store) -> None:
        """Polls that brought something are counted once each, by feed, for thirty days."""
        for record in (brought(7), brought(2, 60), brought(0, 90), brought(9, 120, "wire")):
            await store.remember(record)
            await store.remember(record)

        assert await store.bursts("gazette", NOW) == (2, 7)
        assert await store.bursts("gazette", at(1)) == (2,)
        assert await store.bursts("unheard-of", NOW) == ()

        await store.remember(brought(5, 30 * DAY + 30))
        assert await store.bursts("gazette", NOW) == (2, 5)

    async def test_what_is_held_is_not_claimed(self, store: Store) -> None:
        """Only the message goes out; what it tells of waits, and is counted."""
        await store.remember(flooding())

        claim = await store.claim(PLATFORMS, at(1))
        assert claim is not None
        assert claim.post.key == "h1"
        assert await store.claim(PLATFORMS, at(10)) is None
        assert await states(store, "k1", "k2") == [AlertState.HELD] * 2
        assert await store.waiting_channels() == {}
        assert (await store.tally()).held == (Held(HOLD, 2),)

    async def test_a_hold_is_found_by_its_feed(self, store: Store) -> None:
        """The newest open hold of each channel is found, if it began lately."""
        later = replace(HOLD, id="h2", held_at=at(100))
        elsewhere = replace(HOLD, id="h3", channel=WATCH)
        others = replace(HOLD, id="h4", feed_id="wire", held_at=at(200))
        for hold in (HOLD, later, elsewhere, others):
            await store.remember(flooding(hold, f"k-{hold.id}"))

        assert await store.open_holds("gazette", NOW) == {DESK: later, WATCH: elsewhere}
        assert await store.open_holds("gazette", at(50)) == {DESK: later}
        assert await store.hold("h4") == others
        assert await store.hold("unheard-of") is None
        held = [one.hold.id for one in (await store.tally()).held]
        assert held == ["h1", "h3", "h2", "h4"]

    async def test_what_is_released_is_owed(self, store: Store) -> None:
        """A release owes every alert, is in the audit trail, and counts as usual from then on."""
        await store.remember(flooding())

        assert await store.decide_hold(decision(), "h1", release=True) is Changed.DONE

        assert await states(store, "k1", "k2", "h1") == [AlertState.OWED] * 3
        assert await store.hold("h1") == replace(HOLD, change_id="c1")
        assert (await store.tally()).held == ()
        assert await store.open_holds("gazette", NOW) == {}
        assert await store.bursts("gazette", NOW) == (40,)
        assert await store.changes(ChangeQuery(subject="gazette")) == (decision(),)

    async def test_what_is_discarded_is_quiet(self, store: Store) -> None:
        """A discard leaves everything at the message, and the feed's ways as they were."""
        await store.remember(flooding())

        discard = decision(what="feeds discard")
        assert await store.decide_hold(discard, "h1", release=False) is Changed.DONE

        assert await states(store, "k1", "k2", "h1") == [
            AlertState.QUIET, AlertState.QUIET, AlertState.OWED,
        ]  # fmt: skip
        assert await store.bursts("gazette", NOW) == ()

    async def test_a_crowd_says_nothing_about_its_feed(self, store: Store) -> None:
        """Where only the channel had too much, the poll was counted when it came."""
        await store.remember(flooding(replace(HOLD, flood=Flood.CROWD)))
        await store.decide_hold(decision(), "h1", release=True)

        assert await store.bursts("gazette", NOW) == ()

    async def test_the_first_decision_counts(self, store: Store) -> None:
        """A repeated decision is known again, a second one comes too late; both change nothing."""
        await store.remember(flooding())
        await store.decide_hold(decision("c1"), "h1", release=False)

        assert await store.decide_hold(decision("c1"), "h1", release=True) is Changed.REPEATED
        assert await store.decide_hold(decision("c2"), "h1", release=True) is Changed.CONFLICT
        assert await store.decide_hold(decision("c3"), "h9", release=True) is Changed.CONFLICT
        assert await states(store, "k1") == [AlertState.QUIET]
        assert len(await store.changes(ChangeQuery())) == 1

    async def test_a_poll_that_is_repeated_opens_nothing_again(self, store: Store) -> None:
        """What was decided stays so when the same poll is remembered once more."""
        await store.remember(flooding())
        await store.decide_hold(decision(), "h1", release=False)
        await store.remember(flooding())

        assert await states(store, "k1") == [AlertState.QUIET]
        assert (await store.tally()).held == ()

    async def test_what_nobody_decides_on_ends(self, store: Store) -> None:
        """Holds that began too long ago end as discarded, by nobody; later ones stay."""
        late, young = HOLD, replace(HOLD, id="h2", held_at=at(100))
        await store.remember(flooding(late, "k1"))
        await store.remember(flooding(young, "k2"))

        assert await store.let_go(at(100)) == 1
        assert await store.let_go(at(100)) == 0
        assert await states(store, "k1", "k2") == [AlertState.QUIET, AlertState.HELD]
        assert await store.hold("h1") == replace(late, change_id="")
        assert await store.decide_hold(decision(), "h1", release=True) is Changed.CONFLICT

    async def test_what_is_held_outlives_a_restart(self, store: Store) -> None:
        """A new process finds the hold, and can release it."""
        await store.remember(flooding())
        await store.close()
        await store.open()

        assert (await store.tally()).held == (Held(HOLD, 2),)
        await store.decide_hold(decision(), "h1", release=True)
        assert await states(store, "k1") == [AlertState.OWED]

    async def test_a_reply_does_not_wait_for_what_is_held(self, store: Store) -> None:
        """What follows up a held alert goes out by itself."""
        await store.remember(flooding())
        claim = await store.claim(PLATFORMS, NOW)
        assert claim is not None
        await store.remember(owing(owed("r1", reply_to="k1")))

        reply = await store.claim(PLATFORMS, NOW + timedelta(minutes=5))
        assert reply is not None
        assert (reply.post.key, reply.post.thread) == ("r1", None)

    async def test_what_is_held_counts_as_told(self, store: Store) -> None:
        """The message names it, so that it stands among what the channel was told."""
        await store.remember(flooding())
        assert [one.alert.id for one in await store.told_in(DESK, NOW, 9)] == ["k2", "k1"]

        await store.decide_hold(decision(), "h1", release=False)
        assert await store.told_in(DESK, NOW, 9) == ()

    async def test_an_alert_that_is_held_nowhere_is_refused(self, store: Store) -> None:
        """Nobody could ever release it."""
        stray = replace(owed(reason=Reason.FLOOD), held_in=None)
        with pytest.raises(StoreError, match="held in no hold"):
            await store.remember(owing(stray))
