"""The service of `benchmarks.chat`: `python -m benchmarks.chat_service FOLDER`.

It is the real one, but that its feeds are polled again as soon as they have answered, and all at
once although they are on one host, which the settings do not allow.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.app import real_doors
from bot.clock import SystemClock
from bot.service import Service
from bot.settings import environment, load
from handlers import PLATFORMS

AT_ONCE = timedelta(seconds=0.2)


async def serve(folder: Path) -> None:
    """Run until SIGTERM."""
    settings = load(folder, environment(folder), PLATFORMS)
    feeds = tuple(replace(feed, interval=AT_ONCE) for feed in settings.feeds)
    poll = replace(settings.poll, concurrency=len(feeds), per_host=len(feeds))
    settings = replace(settings, feeds=feeds, poll=poll, database=folder / "redline.db")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with real_doors(settings, PLATFORMS, SystemClock()) as doors:
        await Service(settings, doors).run(stop)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
