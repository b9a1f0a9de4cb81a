"""What people decide outlives the service in its real database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from bot.model import Reason
from bot.rules.normal import folded_text
from bot.store.sql import SqlStore
from tests.fakes import FakeClock
from tests.watching import FERRY, LONG, RED, World, a_chat_rule, a_world, told_of

PATIENCE = 30.0


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds: a database answers from threads of its own."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - nothing tells of what a thread has written
            await asyncio.sleep(0.01)


async def read(world: World, number: int) -> None:
    """Let time pass until so many articles were read."""

    async def read_so_many() -> bool:
        world.clock.advance(LONG)
        return len((await world.store.latest(None, 50, None)).articles) == number

    await until(read_so_many)


async def test_decisions_are_in_force_after_a_restart_of_the_real_thing(
    clock: FakeClock, tmp_path: Path
) -> None:
    """A rule and a pause that were written into SQLite count in the service that starts again."""
    world = replace(
        a_world(clock, tmp_path), store=SqlStore(tmp_path / "kept.db", fold=folded_text)
    )
    async with world.running() as watch:
        await read(world, 1)
        await watch.change(world.change(None, a_chat_rule()))
        await watch.change(world.change(None, world.mute("red-line", hours=None)))

    world = replace(world, store=SqlStore(tmp_path / "kept.db", fold=folded_text))
    async with world.running() as watch:

        async def loaded() -> bool:
            return list(watch.rules) == ["red-line", "ferries"]

        await until(loaded)
        world.press.courier.publish("ferry", FERRY, teaser=FERRY)
        world.press.courier.publish("blockade", RED, teaser=RED)
        await read(world, 3)

        assert (await told_of(world, "ferry")).reason is Reason.NEW_STORY
        assert (await told_of(world, "blockade")).reason is Reason.PAUSED

        async def posted() -> bool:
            world.clock.advance(60)
            return world.titles(world.slack) == ["Report on ferry"]

        await until(posted)
