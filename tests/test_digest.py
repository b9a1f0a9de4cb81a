"""Digests: when a channel's waiting alerts are gathered, and into what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.digest import MOST_LINES, digest, digest_due, gathered_now, next_digest_at
from bot.model import Alert, Card, CardLine, Channel, ChannelRef, Reason, Urgency
from bot.ports import Owed

CASES = sorted((Path(__file__).parent / "cases" / "digest").glob("*.yaml"))
DESK = Channel(ref=ChannelRef("fake", "#desk"), digest_at=(time(8, 0), time(18, 0)))
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def owed(number: int, rule: str = "crossing", **changed: Any) -> Owed:
    """Return an alert that waits for a digest; `number` tells it from others."""
    alert = Alert(
        id=f"a{number}",
        channel=DESK.ref,
        story_id=f"s{number}",
        article_id=f"x{number}",
        version=1,
        rules=(rule,) if rule else (),
        urgency=Urgency.DIGEST,
        reason=Reason.DIGEST,
        decided_at=NOON + timedelta(minutes=number),
    )
    card = Card(title=f"Report {number}", url=f"https://example.org/{number}", domain="example.org")
    return Owed(alert=replace(alert, **changed), card=card)


def texts(told: Owed) -> list[str]:
    """Return the words of a digest's lines."""
    assert told.card
    return [line.text for line in told.card.lines]


# --- when -------------------------------------------------------------------------------------


def _fired(channel: Channel, start: datetime, end: datetime) -> Sequence[datetime]:
    """Walk from `start` to `end` in steps of 5 minutes with an alert that always waits."""
    fired, waiting_since, now = [], start, start
    while now < end:
        now += timedelta(minutes=5)
        if digest_due(channel, waiting_since, now):
            fired.append(now)
            waiting_since = now
    return fired


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_each_digest_time_fires_once(case: Path) -> None:
    """Each wall time of a channel fires once a day, on days with 23, 24, 25 or no hours."""
    told = yaml.safe_load(case.read_text())
    digest_at = tuple(time.fromisoformat(at) for at in told["digest_at"])
    channel = Channel(ref=DESK.ref, digest_at=digest_at, timezone=told["timezone"])

    fired = _fired(channel, told["from"].astimezone(UTC), told["to"].astimezone(UTC))

    assert [at.astimezone(UTC) for at in told["fires"]] == fired


def test_what_a_wrong_clock_let_wait_is_told_at_once() -> None:
    """An alert that came in 2036, by a clock that is back in 2026, does not wait for ten years."""
    ahead = NOON + timedelta(days=3652)

    assert digest_due(DESK, ahead, NOON)
    assert not digest_due(DESK, NOON + timedelta(hours=1), NOON)


@given(
    zone=st.sampled_from(
        ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", "UTC"]
    ),
    at=st.times(),
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- hypothesis wants its bounds naive and adds the zone
    waits=st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=3)), max_size=30),
)
def test_nothing_waits_longer_than_a_day_and_an_hour(
    zone: str, at: time, start: datetime, waits: list[timedelta]
) -> None:
    """Whenever one looks: due if and only if a digest time passed, and the next one is near."""
    channel = Channel(ref=DESK.ref, digest_at=(at,), timezone=zone)
    now = start
    for wait in waits:
        following = next_digest_at(channel, now)
        assert following is not None
        assert timedelta(0) < following - now <= timedelta(hours=25)
        assert digest_due(channel, now, now + wait) == (following <= now + wait)
        now += wait


def test_what_began_to_wait_at_a_digest_time_waits_for_the_next() -> None:
    """A digest that was just sent is not followed by a second one at the same time."""
    eight = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    assert digest_due(DESK, eight - timedelta(microseconds=1), eight)
    assert not digest_due(DESK, eight, eight)
    assert not digest_due(DESK, eight, eight + timedelta(hours=9))
    assert digest_due(DESK, eight, eight + timedelta(hours=10))


def test_a_long_absence_is_one_digest() -> None:
    """After a week of standing still, one digest tells it all."""
    assert digest_due(DESK, NOON - timedelta(days=7), NOON)


def test_the_channels_own_zone_counts() -> None:
    """Eight o'clock is eight o'clock where the channel is."""
    tokyo = replace(DESK, timezone="Asia/Tokyo")

    assert next_digest_at(tokyo, NOON) == datetime(2026, 3, 3, 8, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_without_digest_times_nothing_waits() -> None:
    """A channel without digest times gets what would wait at once, so that nothing is lost."""
    never = replace(DESK, digest_at=())

    assert digest_due(never, NOON, NOON)
    assert next_digest_at(never, NOON) is None


def test_what_waits_is_gathered_whole_at_its_time() -> None:
    """Between digest times nothing is gathered, at one of them everything is."""
    waiting = [owed(1), owed(2)]
    before, after = NOON + timedelta(hours=1), NOON + timedelta(hours=7)

    assert list(gathered_now(DESK, waiting, before)) == []
    assert list(gathered_now(DESK, waiting, after)) == waiting
    assert list(gathered_now(DESK, [], after)) == []


# --- what -------------------------------------------------------------------------------------


def test_a_digest_groups_by_rule() -> None:
    """Stories stand under their rule, oldest first, each linked with its domain."""
    told = digest(DESK, [owed(1), owed(2, "tariffs"), owed(3)], NOON)

    assert told.card
    assert told.card.title == "Digest: 3 stories"
    assert texts(told) == ["crossing (2)", "Report 1", "Report 3", "tariffs (1)", "Report 2"]
    assert [line.heading for line in told.card.lines] == [True, False, False, True, False]
    assert told.card.lines[1] == CardLine(
        text="Report 1", url="https://example.org/1", domain="example.org"
    )
    assert told.card.notes == ()


def test_a_digest_is_an_alert_of_its_own() -> None:
    """The digest names every rule that fired and has a place of its own in the history."""
    told = digest(DESK, [owed(1), owed(2, "tariffs")], NOON).alert

    assert told.rules == ("crossing", "tariffs")
    assert (told.reason, told.urgency) == (Reason.DIGEST, Urgency.DIGEST)
    assert (told.channel, told.decided_at) == (DESK.ref, NOON)
    assert told.story_id not in {"s1", "s2"}


def test_one_story_is_one_line() -> None:
    """A story that was updated while it waited is told once, as it is now."""
    older, newer = owed(1), owed(2, story_id="s1")

    assert texts(digest(DESK, [older, newer], NOON)) == ["crossing (1)", "Report 2"]


def test_a_loud_rule_does_not_hide_a_quiet_one() -> None:
    """Lines are dealt out in turns; what does not fit is counted."""
    told = digest(DESK, [*(owed(n) for n in range(100)), owed(100, "tariffs")], NOON)

    assert told.card
    assert "tariffs (1)" in texts(told)
    assert "Report 100" in texts(told)
    assert texts(told)[0] == "crossing (100)"
    assert told.card.notes == ("and 83 more",)


def test_an_alert_without_a_rule_is_told_too() -> None:
    """Nothing is left out for want of a heading."""
    assert texts(digest(DESK, [owed(1, "")], NOON)) == ["other (1)", "Report 1"]


@given(st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=80))
def test_a_digest_never_grows_and_never_forgets(rules: list[str]) -> None:
    """However many wait: at most 20 lines, and what is shown and counted is everything."""
    told = digest(DESK, [owed(number, rule) for number, rule in enumerate(rules)], NOON)

    assert told.card
    assert len(told.card.lines) <= MOST_LINES
    shown = len([text for text in texts(told) if text.startswith("Report")])
    counted = int(told.card.notes[0].split()[1]) if told.card.notes else 0
    assert shown + counted == len(rules)
    assert shown >= min(len(rules), 10)


@given(st.permutations(range(12)))
def test_the_id_depends_on_the_gathered_alerts_only(order: list[int]) -> None:
    """Gathering the same alerts again, in any order and at any time, is the same digest."""
    first = digest(DESK, [owed(number) for number in range(12)], NOON).alert.id
    again = digest(DESK, [owed(number) for number in order], NOON + timedelta(days=1)).alert.id

    assert again == first
    assert len(first) == 24
    assert set(first) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_ids_of_different_digests_differ() -> None:
    """Another alert, or another channel, is another digest."""
    elsewhere = replace(DESK, ref=ChannelRef("fake", "#other"))
    ids = [
        digest(DESK, [owed(1)], NOON).alert.id,
        digest(DESK, [owed(1), owed(2)], NOON).alert.id,
        digest(elsewhere, [owed(1)], NOON).alert.id,
    ]

    assert len(set(ids)) == 3
