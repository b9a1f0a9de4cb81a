"""The demo's newspaper, and when all that it publishes has been told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.demo import DemoSite, is_told, pieces
from bot.model import Posted
from bot.store.memory import MemoryStore
from tests.contracts.store_world import PLATFORMS, feed, message, owed, owing, state
from tests.fakes import FakeClock

HOUR = 3600.0


@pytest.fixture
async def newspaper(clock: FakeClock) -> AsyncIterator[DemoSite]:
    """The demo's newspaper, being served."""
    site = DemoSite(clock)
    await site.start()
    yield site
    await site.stop()


async def read(site: DemoSite) -> str:
    """The feed, as a poll finds it."""
    async with aiohttp.ClientSession() as session, session.get(site.feed_url) as answer:
        return await answer.text()


async def read_all(site: DemoSite, clock: FakeClock) -> list[str]:
    """The feed at each poll of a machine that needs an hour for one, until it has everything."""
    polls = [await read(site)]
    while site.all_served_at is None:
        clock.advance(HOUR)
        polls.append(await read(site))
    return polls


async def test_a_slow_machine_sees_each_thing_after_the_other(
    newspaper: DemoSite, clock: FakeClock
) -> None:
    """However long polls take, the first is a baseline, and a follow-up comes after its story."""
    polls = await read_all(newspaper, clock)
    told = [piece for piece in pieces() if piece.after]
    updates = [piece for piece in told if piece.version > 1]

    assert updates
    assert all(piece.paragraphs[0] not in polls[0] for piece in told)
    for update in updates:
        first = next(piece for piece in told if piece.slug == update.slug)
        seen = [poll for poll in polls if f"/news/{first.slug}" in poll]
        assert len(seen) >= 2, "the story and its update came in one poll"


async def test_all_is_told_once_the_last_piece_was_read_and_nothing_is_owed(
    newspaper: DemoSite, clock: FakeClock
) -> None:
    """The farewell waits for the poll that saw everything, and for what that poll owes."""
    store = MemoryStore()
    await store.open()
    await store.sync_feeds([feed()], clock.now())

    async def is_over() -> bool:
        return is_told(newspaper.all_served_at, await store.tally())

    assert not await is_over(), "nothing was published"
    await store.remember(replace(owing(), state=state(last_success_at=clock.now())))
    await read_all(newspaper, clock)
    assert not await is_over(), "the last piece was not read"
    await store.remember(replace(owing(owed()), state=state(last_success_at=clock.now())))
    assert not await is_over(), "its alert is owed"
    claim = await store.claim(PLATFORMS, clock.now())
    assert claim is not None
    assert not await is_over(), "its alert is being sent"
    await store.settle(claim, Posted(message()), clock.now())
    assert await is_over()
