"""`/feeds list`: the health of all sources at a glance, the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.commands.desk import Command, Desk
from bot.commands.listing import listed
from bot.commands.pages import first_look
from bot.commands.wording import counted, lasting
from bot.model import Card, CommandSpec, Feed, FeedState, Order
from bot.ports import Look
from bot.text import domain_of

SPEC = CommandSpec(
    group="feeds",
    verb="list",
    help="The sources and their health, the worst first",
    default=True,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show the sources."""
    return await turn(first_look(order, desk), desk)


async def turn(look: Look, desk: Desk) -> Card:
    """Show a page of them."""
    tally, now = await desk.archive.tally(), desk.clock.now()
    states = {state.feed_id: state for state in tally.feeds}
    feeds = sorted(desk.feeds, key=lambda feed: _rank(feed, states.get(feed.id), now))
    failing = sum(1 for state in tally.feeds if state.failures)
    title = counted(len(feeds), "source") if feeds else "There are no sources yet"
    if feeds:
        title += f", {failing} failing" if failing else ", all answering"
    lines = [" · ".join(_facts(feed, states.get(feed.id), now)) for feed in feeds]
    return await listed(title, lines, look, desk)


def _rank(feed: Feed, state: FeedState | None, now: datetime) -> tuple[int, float, str]:
    """Rank failing feeds first, the longest failing before others; then the longest silent."""
    if feed.paused:
        return 3, 0, feed.title.casefold()
    if state is None:
        return 1, 0, feed.title.casefold()
    if state.failures:
        since = state.failing_since or state.last_success_at or now
        return 0, since.timestamp(), feed.title.casefold()
    newest = state.last_new_at or state.last_success_at
    return (2, newest.timestamp(), feed.title.casefold()) if newest else (1, 0, feed.title)


def _facts(feed: Feed, state: FeedState | None, now: datetime) -> Iterator[str]:
    site = domain_of(feed.url)
    yield f"{_sign(feed, state)} {feed.title}{f' ({site})' if site else ''}"
    if feed.paused:
        yield "paused"
    if state is None or state.last_polled_at is None:
        if not feed.paused:
            yield "not polled yet"
        return
    if state.failures:
        since = f" for {lasting(now - state.failing_since)}" if state.failing_since else ""
        yield f"failing{since}, {counted(state.failures, 'time')}: {state.last_error or 'unknown'}"
    yield f"answered {_ago(state.last_success_at, now)}"
    yield f"last new item {_ago(state.last_new_at, now)}"
    yield _interval(feed, state)


def _sign(feed: Feed, state: FeedState | None) -> str:
    if feed.paused:
        return "⏸"
    if state is None or state.last_polled_at is None:
        return "…"
    return "✗" if state.failures else "✓"


def _interval(feed: Feed, state: FeedState) -> str:
    if feed.interval:
        return f"every {lasting(feed.interval)}"
    seconds = state.interval_seconds
    return f"every {lasting(timedelta(seconds=seconds))}" if seconds else "interval not known yet"


def _ago(when: datetime | None, now: datetime) -> str:
    return f"{lasting(now - when)} ago" if when else "never"


COMMAND = Command(SPEC, carry_out, turn)
