"""`/feeds list`: the health of all sources at a glance, the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.commands.desk import Command, Desk
from bot.commands.feeds_paused import is_paused, pause_line
from bot.commands.listing import Listing, listed
from bot.commands.pages import first_look
from bot.commands.press_flood import held_here, held_of
from bot.commands.wording import counted, lasting
from bot.model import Asked, Card, CardLine, CommandSpec, Feed, FeedState, Order, Origin
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
    known = desk.feeds_here(look.order)
    feeds = sorted(known, key=lambda feed: _rank(feed, states.get(feed.id), now, desk))
    failing = sum(1 for feed in feeds if feed.id in states and states[feed.id].failures)
    held = held_here(tally, look.order.workspace, desk)
    title = counted(len(feeds), "source") if feeds else "There are no sources yet"
    if feeds:
        title += f", {failing} failing" if failing else ", all answering"

    def line(feed: Feed) -> CardLine:
        return _line(feed, states.get(feed.id), held_of(feed.id, held), look.order, desk)

    return await listed(Listing(title, feeds, line), look, desk)


def _rank(feed: Feed, state: FeedState | None, now: datetime, desk: Desk) -> tuple[int, float, str]:
    """Rank failing feeds first, the longest failing before others; then the longest silent."""
    if is_paused(feed, desk):
        return 3, 0, feed.title.casefold()
    if state is None:
        return 1, 0, feed.title.casefold()
    if state.failures:
        since = state.failing_since or state.last_success_at or now
        return 0, since.timestamp(), feed.title.casefold()
    newest = state.last_new_at or state.last_success_at
    return (2, newest.timestamp(), feed.title.casefold()) if newest else (1, 0, feed.title)


def _line(feed: Feed, state: FeedState | None, held: str, asked: Asked, desk: Desk) -> CardLine:
    paused = is_paused(feed, desk)
    site = domain_of(feed.url)
    facts = (
        f"{_sign(state, paused=paused)} {feed.title}{f' ({site})' if site else ''}",
        *_health(feed, state, desk.clock.now(), paused=paused),
        held,
        "config/feeds.yaml" if feed.origin is Origin.YAML else "added in chat",
    )
    by = pause_line(feed, asked, desk) if paused else CardLine(text="")
    return replace(by, text=" · ".join(filter(None, (*facts, by.text))))


def _health(feed: Feed, state: FeedState | None, now: datetime, *, paused: bool) -> Iterator[str]:
    if state is None or state.last_polled_at is None:
        if not paused:
            yield "not polled yet"
        return
    if state.failures:
        since = f" for {lasting(now - state.failing_since)}" if state.failing_since else ""
        yield f"failing{since}, {counted(state.failures, 'time')}: {state.last_error or 'unknown'}"
    yield f"answered {_ago(state.last_success_at, now)}"
    yield f"last new item {_ago(state.last_new_at, now)}"
    yield _interval(feed, state)


def _sign(state: FeedState | None, *, paused: bool) -> str:
    if paused:
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
