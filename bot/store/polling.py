"""Which feeds are polled, decided without a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model import Feed, FeedState

_FARTHEST = timedelta(days=2)
"""No schedule puts a poll off for longer: a day at most is heard of what a publisher asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """A feed that is remembered. `url` is that of the settings, `polled` whether they want it."""

    state: FeedState
    url: str
    polled: bool


def synced(known: Polling | None, feed: Feed, now: datetime) -> Polling:
    """Return how the feed stands once the settings name it."""
    if known is None:
        state = FeedState(feed_id=feed.id, address=feed.url, next_poll_at=now)
    elif known.url != feed.url:
        state = _readdressed(known.state, feed.url, now)
    else:
        state = _within_reach(known.state, feed, now)
    return Polling(state=state, url=feed.url, polled=not feed.paused)


def _within_reach(state: FeedState, feed: Feed, now: datetime) -> FeedState:
    """Return the state with a next poll that a right clock could have set.

    Where the clock ran ahead when the feed was last polled, it would be silent until that time.
    """
    if state.next_poll_at - now <= max(_FARTHEST, 2 * (feed.interval or timedelta())):
        return state
    return replace(state, next_poll_at=now)


def _readdressed(state: FeedState, address: str, now: datetime) -> FeedState:
    """Begin at a new address; what was seen stays seen, so the baseline is not taken again."""
    return replace(
        state,
        address=address,
        next_poll_at=now,
        etag=None,
        last_modified=None,
        body_hash=None,
        moved_to=None,
        moved_since=None,
        interval_seconds=None,
    )


def polled(known: Polling | None, state: FeedState) -> Polling:
    """Return how the feed stands after a poll; one that the settings never named is not polled."""
    if known is None:
        return Polling(state=state, url=state.address, polled=False)
    return replace(known, state=state)


def due(states: Iterable[FeedState], now: datetime, limit: int) -> tuple[FeedState, ...]:
    """Return the feeds whose time has come, longest overdue first."""
    overdue = [state for state in states if state.next_poll_at <= now]
    return tuple(sorted(overdue, key=lambda state: (state.next_poll_at, state.feed_id))[:limit])
