"""The flood gate: what counts as too much, what is held then, and what the message says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.flood import (
    FEW,
    MOST,
    TIMES,
    Influx,
    Surge,
    dam,
    flood_of,
    usual_burst,
)
from bot.model import (
    Action,
    Alert,
    Card,
    ChannelRef,
    Feed,
    Flood,
    Hold,
    Reason,
    Urgency,
)
from bot.ports import Owed
from tests.build import DESK, NOON, WIRE

FEED = Feed(id="gazette", url="https://gazette.example/feed", title="The Gazette")
RENAMED = Influx(entries=100, new=40, renamed=100, recognised=60)


def influx(new: int, **changed: int) -> Influx:
    """A poll whose entries have the ids they always had, but for the new ones."""
    given = {"entries": max(new, 100), "new": new, "renamed": new, "recognised": 0}
    return Influx(**(given | changed))


def owed(
    number: int,
    channel: ChannelRef = DESK,
    urgency: Urgency = Urgency.NOW,
    reason: Reason = Reason.NEW_STORY,
) -> Owed:
    """One decision of a poll."""
    alert = Alert(
        id=f"a{number}", channel=channel, story_id=f"s{number}", article_id=f"x{number}",
        version=1, rules=("red-line",), urgency=urgency, reason=reason, decided_at=NOON,
    )  # fmt: skip
    card = Card(title=f"Report {number}", url=f"https://gazette.example/{number}")
    return Owed(alert=alert, card=card if reason.tells else None)


def surge(flood: Flood | None = Flood.BURST, *holds: Hold) -> Surge:
    """What the gate knows of the poll."""
    return Surge(feed=FEED, entries=100, flood=flood, holds={hold.channel: hold for hold in holds})


def reasons(decided: Sequence[Owed]) -> list[Reason]:
    """Why each was told, held or quiet."""
    return [one.alert.reason for one in decided]


# --- what is a flood ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("brought", "bursts", "expected"),
    [
        (influx(0), (), None),
        (influx(MOST), (), None),
        (influx(MOST + 1), (), Flood.BURST),
        (influx(MOST + 1), (1, 2, 3), Flood.BURST),  # 5 x 3 is no more than 15
        (influx(40), (8,) * 50, None),  # 5 x 8
        (influx(41), (8,) * 50, Flood.BURST),
        (influx(200), (40,), None),  # a gazette that brings forty each morning
        (influx(201), (40,), Flood.BURST),
        (influx(100), (1,) * 99 + (90,), Flood.BURST),  # one outlier of a hundred does not count
        (influx(100), (1,) * 98 + (90, 90), None),
        (RENAMED, (), Flood.RENAMED if RENAMED.new <= MOST else Flood.BURST),
        (replace(RENAMED, new=10), (), Flood.RENAMED),
        (replace(RENAMED, new=FEW), (), None),  # only the ids changed; these few are news
        (replace(RENAMED, new=10), (12,), None),  # no more than it usually brings
        (replace(RENAMED, new=10, renamed=60), (), None),  # not more than 60 %
        (replace(RENAMED, new=10, renamed=61, recognised=31), (), Flood.RENAMED),
        (replace(RENAMED, new=10, recognised=49), (), None),  # not half of them known
    ],
)
def test_a_flood_is_more_than_a_feed_usually_brings(
    brought: Influx, bursts: tuple[int, ...], expected: Flood | None
) -> None:
    """More than 15 and five times the usual, or new ids on most entries of which half are known."""
    assert flood_of(brought, bursts) is expected


@given(
    st.builds(
        Influx,
        entries=st.integers(0, 500),
        new=st.integers(0, 500),
        renamed=st.integers(0, 500),
        recognised=st.integers(0, 500),
    ),
    st.lists(st.integers(1, 300), max_size=50).map(sorted),
)
def test_what_cannot_flood_never_does(brought: Influx, bursts: list[int]) -> None:
    """Where the gate need not ask what is usual, no answer would have mattered."""
    if not brought.may_flood:
        assert flood_of(brought, bursts) is None


@given(st.lists(st.integers(1, 300), min_size=1, max_size=300).map(sorted))
def test_the_usual_is_that_of_99_in_a_hundred_polls(bursts: list[int]) -> None:
    """At least 99 % of the polls brought no more, and one of them just as much."""
    usual = usual_burst(bursts)

    assert usual in bursts
    assert sum(1 for one in bursts if one <= usual) >= 0.99 * len(bursts)
    assert usual_burst([]) == 0


@given(st.integers(0, 60), st.lists(st.integers(1, 300), max_size=50).map(sorted))
def test_a_quiet_feed_may_always_bring_fifteen(new: int, bursts: list[int]) -> None:
    """Whatever the past, what is no more than 15 passes where the ids are as they were."""
    assert flood_of(influx(min(new, MOST)), bursts) is None
    if bursts and new <= TIMES * bursts[0]:
        assert flood_of(influx(new), bursts) is None


# --- what is held -------------------------------------------------------------------------------


def test_a_flood_is_held_and_told_in_one_message() -> None:
    """Each channel gets one message; the cards behind it are held under its id."""
    decided = [*(owed(n) for n in range(20)), owed(20, WIRE), owed(21, reason=Reason.BASELINE)]

    dammed = dam(decided, surge(), NOON)

    *kept, first, second = dammed.owed
    assert reasons(kept) == [Reason.FLOOD] * 21 + [Reason.BASELINE]
    assert reasons([first, second]) == [Reason.HOLD] * 2
    assert [hold.id for hold in dammed.holds] == [first.alert.id, second.alert.id]
    assert {one.held_in for one in kept[:20]} == {first.alert.id}
    assert kept[20].held_in == second.alert.id
    assert [(hold.channel, hold.flood, hold.entries, hold.held_at) for hold in dammed.holds] == [
        (DESK, Flood.BURST, 100, NOON),
        (WIRE, Flood.BURST, 100, NOON),
    ]


def test_the_message_says_what_is_held_and_what_to_do() -> None:
    """It names the stories as a digest does, says why, until when, and carries both buttons."""
    *_, message = dam([owed(n) for n in range(30)], surge(), NOON).owed

    card = message.card
    assert card
    assert card.title == "Held: 30 stories at once from The Gazette"
    assert card.status == "the feed brought far more at once than it ever does"
    assert [line.text for line in card.lines[:2]] == ["red-line (30)", "Report 0"]
    assert card.notes == (
        "and 11 more",
        "An admin decides: Release posts a card for each, Discard leaves it at this message.",
        "If it floods again until 00:00 UTC, that is held with these, not listed here.",
        "Where nobody decides until Monday 9 Mar, it is left at it too.",
    )
    assert [(one.action, one.target) for one in card.buttons] == [
        (Action.RELEASE, message.alert.id),
        (Action.DISCARD, message.alert.id),
    ]
    assert message.alert.rules == ()


def test_critical_alerts_never_join_a_hold_in_silence() -> None:
    """Too many critical ones get a message of their own, though a hold is open."""
    earlier = dam([owed(n) for n in range(30)], surge(), NOON).holds
    critical = [owed(n, urgency=Urgency.CRITICAL) for n in range(40, 60)]

    dammed = dam(critical, surge(None, *earlier), NOON)

    (hold,) = dammed.holds
    assert hold not in earlier
    assert {one.held_in for one in dammed.owed[:-1]} == {hold.id}
    assert (dammed.owed[-1].alert.id, dammed.owed[-1].alert.urgency) == (hold.id, Urgency.CRITICAL)


def test_a_crowd_in_one_channel_leaves_the_others_alone() -> None:
    """Sixteen cards for one channel are held although the feed is as ever; fifteen are not."""
    few = [owed(n) for n in range(MOST)]
    many = [owed(n) for n in range(MOST + 1)]

    assert dam(few, surge(None), NOON).owed == tuple(few)
    dammed = dam([*many, owed(99, WIRE)], surge(None), NOON)
    assert [hold.flood for hold in dammed.holds] == [Flood.CROWD]
    assert dammed.owed[MOST + 1] == owed(99, WIRE)


def test_a_flood_never_holds_up_what_is_critical() -> None:
    """Critical cards go out at once, unless they alone are too many for the channel."""
    critical = [owed(n, urgency=Urgency.CRITICAL) for n in range(100, 100 + MOST + 1)]

    few = dam([*(owed(n) for n in range(20)), *critical[:2]], surge(), NOON)
    assert reasons(few.owed[20:22]) == [Reason.NEW_STORY] * 2

    many = dam(critical, surge(), NOON)
    assert reasons(many.owed[:-1]) == [Reason.FLOOD] * len(critical)
    assert many.owed[-1].alert.urgency is Urgency.CRITICAL


def test_what_waits_for_the_digest_is_left_there() -> None:
    """A digest cannot fill a channel."""
    waiting = owed(1, reason=Reason.DIGEST)

    assert dam([waiting], surge(), NOON).owed == (waiting,)


def test_a_flood_that_goes_on_joins_the_open_hold() -> None:
    """A feed that floods at every poll is told of once: what comes later is held with the first."""
    (begun,) = dam([owed(n) for n in range(20)], surge(), NOON).holds
    later = NOON + timedelta(minutes=5)

    dammed = dam([owed(n) for n in range(20, 40)], surge(Flood.BURST, begun), later)

    assert dammed.holds == ()
    assert len(dammed.owed) == 20
    assert {one.held_in for one in dammed.owed} == {begun.id}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([DESK, WIRE]),
            st.sampled_from(Urgency),
            st.sampled_from([Reason.NEW_STORY, Reason.DIGEST, Reason.MUTED, Reason.BASELINE]),
        ),
        max_size=60,
    ),
    st.sampled_from([None, *Flood]),
)
def test_the_gate_loses_nothing_and_floods_nobody(
    decided: list[tuple[ChannelRef, Urgency, Reason]], flood: Flood | None
) -> None:
    """Every decision is still there in its order, and no channel gets more than 15 cards of a kind.

    What is held has a hold, whose message is there; what is not held is as it was.
    """
    given = [owed(number, *one) for number, one in enumerate(decided)]

    dammed = dam(given, surge(flood), NOON)

    assert [one.alert.id for one in dammed.owed[: len(given)]] == [one.alert.id for one in given]
    messages = {one.alert.id for one in dammed.owed[len(given) :]}
    assert messages == {hold.id for hold in dammed.holds}
    for before, after in zip(given, dammed.owed, strict=False):
        assert after == before or after.held_in in messages
    for channel in (DESK, WIRE):
        posting = [
            one for one in dammed.owed if one.alert.reason.posts and one.alert.channel == channel
        ]
        assert len(posting) <= 2 * MOST + 1
