"""When a feed is polled next, and what a poll changes in what is remembered of it.

Pure: each function takes how the feed stands and one result, and returns how it stands then. The
time is that of the result. `jitter` is a number in [0, 1) that the caller draws; it spreads feeds
which would otherwise always come at the same moment and run into the same rate limit
(miniflux#3130).

    what a poll brought                        what to call
    a body whose entries were read             after_body
    304, or the body we know                   after_unchanged
    no body                                    after_failure
    no body, and none from anybody else        after_outage
    a body that is no feed                     after_nonsense
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.feeds.headers import LONGEST_REST
from bot.model import (
    Feed,
    FeedState,
    Fetched,
    FetchFailure,
    FetchTrouble,
    NotModified,
    ParsedFeed,
)

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=6)
UNDATED = timedelta(hours=1)
"""The interval of a feed whose entries have no dates: nothing says how often it changes."""

FIRST_RETRY = timedelta(minutes=15)
LAST_RETRY = timedelta(hours=24)
WATCHED = timedelta(days=7)
"""How long a permanent redirect is watched before its address is adopted."""

_WEEK = timedelta(days=7)
_SHORTEST_WINDOW = timedelta(hours=1)
_POLLS_PER_ENTRY = 4
"""Miniflux's factor: so many polls for each entry that is to be expected."""

# Troubles that say nothing about where the feed is.
_PASSING = frozenset({FetchTrouble.UNREACHABLE, FetchTrouble.TIMEOUT, FetchTrouble.RATE_LIMITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The shortest and the longest time between two polls of a feed that has none of its own."""

    shortest: timedelta = SHORTEST
    longest: timedelta = LONGEST

    def within(self, interval: timedelta) -> timedelta:
        """Return the interval, or the bound that it lies beyond."""
        return max(self.shortest, min(interval, self.longest))


USUAL = Pace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a poll brought: the bytes, what they hold, and whether any of it is new to us."""

    fetched: Fetched
    parsed: ParsedFeed
    found_new: bool


def body_hash(body: bytes) -> str:
    """Return what a body is recognised by."""
    return hashlib.sha256(body).hexdigest()


def is_known(state: FeedState, fetched: Fetched) -> bool:
    """Whether the body is the last one whose entries were stored, so that it need not be parsed."""
    return state.body_hash is not None and state.body_hash == body_hash(fetched.body)


def after_body(
    state: FeedState, feed: Feed, brought: Brought, jitter: float, pace: Pace = USUAL
) -> FeedState:
    """Return how the feed stands once the entries of a body are stored.

    The validators and the hash belong into the transaction that stores the entries: kept without
    them, a crash in between would lose what the next 304 or the known body leaves out.
    """
    fetched, now = brought.fetched, brought.fetched.fetched_at
    asked = [brought.parsed.ttl, fetched.max_age]
    dates = [entry.date for entry in brought.parsed.entries if entry.date]
    interval = feed.interval or polite(interval_for(dates, now, pace), asked, pace)
    return replace(
        _answered(state, fetched, interval, jitter),
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        body_hash=body_hash(fetched.body),
        baseline_done=True,
        last_new_at=now if brought.found_new else state.last_new_at,
        interval_seconds=round(interval.total_seconds()),
    )


def after_unchanged(
    state: FeedState, feed: Feed, answer: NotModified | Fetched, jitter: float, pace: Pace = USUAL
) -> FeedState:
    """Return how the feed stands when the publisher has nothing that was not stored before.

    Validators are renewed where the known body came with others.
    """
    usual = timedelta(seconds=state.interval_seconds or UNDATED.total_seconds())
    interval = feed.interval or polite(usual, [answer.max_age], pace)
    after = _answered(state, answer, interval, jitter)
    if isinstance(answer, NotModified):
        return after
    return replace(after, etag=answer.etag, last_modified=answer.last_modified)


def after_failure(state: FeedState, failure: FetchFailure, jitter: float) -> FeedState:
    """Return how the feed stands when no body came; it is polled again in any case.

    What was seen stays seen. A feed that was not asked at all, because its host wants to be left
    alone, has not failed: it is only put off.
    """
    now = failure.fetched_at
    if failure.trouble is FetchTrouble.RATE_LIMITED and failure.status is None:
        rest = min(failure.retry_after or FIRST_RETRY, LONGEST_REST)
        return replace(state, next_poll_at=now + _later(rest, jitter))
    wait = max(back_off(state.failures + 1, jitter), failure.retry_after or timedelta(0))
    after = _failed(state, now, failure.why, min(wait, LONGEST_REST))
    if failure.trouble in _PASSING:
        return after
    if failure.trouble is FetchTrouble.BROKEN:
        # Some servers cannot say 304 in proper HTTP. Asked without validators they send the body.
        after = replace(after, etag=None, last_modified=None)
    return replace(after, moved_to=None, moved_since=None)


def after_outage(state: FeedState, failure: FetchFailure, jitter: float) -> FeedState:
    """Return how the feed stands when our own network is down: it is asked again in 15 minutes.

    A night without network must not keep a feed waiting for another day once it is back, so the
    failure is not counted with the others; but the feed fails, and since when is remembered.
    """
    now = failure.fetched_at
    after = _failed(state, now, failure.why, _later(FIRST_RETRY, jitter))
    return replace(after, failures=max(state.failures, 1))


def after_nonsense(state: FeedState, fetched: Fetched, why: str, jitter: float) -> FeedState:
    """Return how the feed stands when what came is no feed; what was seen before stays seen."""
    wait = back_off(state.failures + 1, jitter)
    after = _failed(state, fetched.fetched_at, why, wait)
    return replace(after, moved_to=None, moved_since=None)


# --- Intervals ----------------------------------------------------------------------------------


def interval_for(dates: Sequence[datetime], now: datetime, pace: Pace = USUAL) -> timedelta:
    """Return how often a feed with entries of these dates is polled.

    Miniflux's rule (internal/model/feed.go, entry_frequency): a week divided by the entries of a
    week and the factor. Miniflux counts what it has stored; we see only what the feed still shows,
    so where all of it is younger than a week the rate is taken over that shorter time.
    """
    if not dates:
        return pace.within(UNDATED)
    recent = [date for date in dates if date > now - _WEEK]
    if not recent:
        return pace.longest
    window = _WEEK
    if len(recent) == len(dates):
        window = min(_WEEK, max(now - min(recent), _SHORTEST_WINDOW))
    return pace.within(window / (len(recent) * _POLLS_PER_ENTRY))


def polite(interval: timedelta, asked: Sequence[timedelta | None], pace: Pace = USUAL) -> timedelta:
    """Return the interval, lengthened to what the publisher asks for, of which a day is heard."""
    wishes = [min(wish, LONGEST_REST) for wish in asked if wish is not None]
    return max([pace.within(interval), *wishes])


def back_off(failures: int, jitter: float) -> timedelta:
    """Return the wait after so many failures in a row, at least 1: 15 minutes, doubled to a day."""
    doublings = min(failures - 1, 10)
    return min(_later(FIRST_RETRY * 2**doublings, jitter), LAST_RETRY)


def _later(wait: timedelta, jitter: float) -> timedelta:
    """Spread a wait over a tenth more; never less, because a publisher may have asked for it."""
    return wait * (1 + jitter / 10)


# --- What every answer and every failure changes ------------------------------------------------


def _answered(
    state: FeedState, answer: NotModified | Fetched, interval: timedelta, jitter: float
) -> FeedState:
    now = answer.fetched_at
    return replace(
        _redirected(state, answer.moved_to, now),
        next_poll_at=now + _later(interval, jitter),
        last_polled_at=now,
        last_success_at=now,
        failures=0,
        failing_since=None,
        last_error=None,
    )


def _failed(state: FeedState, now: datetime, why: str, wait: timedelta) -> FeedState:
    return replace(
        state,
        next_poll_at=now + wait,
        last_polled_at=now,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        last_error=why,
    )


def _redirected(state: FeedState, moved_to: str | None, now: datetime) -> FeedState:
    """Watch a permanent redirect, and adopt its address after a week of the same good answers.

    A redirect that is only a stop-gap may be answered as permanent too (opentelemetry.io#5520).
    """
    if moved_to is None or moved_to == state.address:
        return replace(state, moved_to=None, moved_since=None)
    if moved_to != state.moved_to or state.moved_since is None:
        return replace(state, moved_to=moved_to, moved_since=now)
    if now - state.moved_since < WATCHED:
        return state
    return replace(state, address=moved_to, moved_to=None, moved_since=None)
