"""What has to be done now and then."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from bot.upkeep import EVERY, Upkeep
from tests.fakes import FakeClock


async def test_a_duty_that_fails_holds_up_no_other_and_is_tried_again(clock: FakeClock) -> None:
    """Where the disk is full for ten minutes, the log says so, and the rest is done meanwhile."""
    done: list[str] = []

    async def broken() -> None:
        done.append("tried")
        raise OSError("the disk is full")

    async def sound() -> None:
        done.append("done")

    with capture_logs() as logged:
        running = asyncio.create_task(Upkeep(clock, broken, sound).run())
        await clock.slept()
        clock.advance(EVERY.total_seconds())
        await clock.slept()
        running.cancel()

    assert done == ["tried", "done"] * 2
    assert [one["event"] for one in logged] == ["upkeep in trouble"] * 2
