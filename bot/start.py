"""Starting the service, or the demo where there is no chat to post to; and how signals end it."""

from __future__ import annotations

import asyncio
import signal
import sys

import structlog
from rich.console import Console

from bot import logs, terminal
from bot.app import real_doors
from bot.checks import half_set_up
from bot.clock import SystemClock
from bot.demo import DemoSite, all_told, demo_settings
from bot.errors import RedlineError, SettingsError
from bot.service import Doors, Service
from bot.settings import Settings
from bot.store.sqlite import begin_anew
from bot.version import VERSION
from handlers import PLATFORMS
from handlers.console import CONSOLE

_log = structlog.get_logger(__name__)

NO_TOKENS = "No chat tokens are set, so this is the demo: "
ASKED = "This is the demo: "
GREETING = (
    "a small newspaper on this machine publishes a few invented articles. "
    "README.md says how to connect Slack or Discord. Ctrl-C ends it."
)
FAREWELL = "That was all that the demo publishes. Ctrl-C ends it; README.md says how to go on."


def start(settings: Settings, *, demo: bool) -> None:
    """Run the service until a signal ends it; the demo where it is asked for or nothing is set up.

    Raises:
        SettingsError: a chat is set up by half, so that neither would be what was meant.
    """
    logs.set_up(settings.log, sys.stderr, settings.platforms.secrets())
    for problem in settings.warnings:
        _log.warning("odd setting", said=str(problem))
    try:
        if demo or not can_post(settings):
            terminal.say(f"{ASKED if demo else _none_set(settings)}{GREETING}", Console())
            sys.stdout.flush()
            asyncio.run(_demo())
        else:
            asyncio.run(_serve(settings))
    except RedlineError:
        raise
    except Exception:
        _log.exception("redline failed")
        raise


def can_post(settings: Settings) -> bool:
    """Whether anybody would see a card: a chat has its tokens, or a rule names the console."""
    chats = served(settings) - {CONSOLE.name}
    return bool(chats) or any(ref.platform == CONSOLE.name for ref in settings.rule_channels())


def served(settings: Settings) -> set[str]:
    """Return the platforms that are set up."""
    return {one.name for one in PLATFORMS if one.ready(settings.platforms[one.name])}


def _none_set(settings: Settings) -> str:
    """Return why the demo runs unasked; who has begun to set up a chat is told what it lacks."""
    halves = filter(None, (half_set_up(settings, platform) for platform in PLATFORMS))
    for half in halves:
        advice = f"{half.advice}; the demo runs with --demo"
        raise SettingsError(half.about, half.said, advice=advice)
    return NO_TOKENS


async def _serve(settings: Settings) -> None:
    stop = stop_on_signals()
    _log.info(
        "starting",
        version=VERSION,
        feeds=len(settings.feeds),
        rules=len(settings.rules),
        channels=[str(channel) for channel in settings.rule_channels()],
        database=str(settings.database),
    )
    async with real_doors(settings, PLATFORMS, SystemClock()) as doors:
        await Service(settings, doors).run(stop)


async def _demo() -> None:
    """Run the service on the demo's newspaper, with the demo's own database, begun anew."""
    clock = SystemClock()
    site = DemoSite(clock)
    await site.start()
    try:
        settings = demo_settings(site.feed_url, PLATFORMS)
        # Cards are what the demo is about: lines of the log between them only for troubles.
        logs.set_up(settings.log, sys.stderr)
        begin_anew(settings.database)
        async with real_doors(settings, (CONSOLE,), clock) as doors:
            farewell = asyncio.create_task(_farewell(site, doors))
            try:
                await Service(settings, doors).run(stop_on_signals())
            finally:
                farewell.cancel()
    finally:
        await site.stop()


async def _farewell(site: DemoSite, doors: Doors) -> None:
    await all_told(site, doors.store, doors.clock)
    terminal.say(FAREWELL, Console())


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set; a second signal stops the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    numbers = (signal.SIGTERM, signal.SIGINT)

    def ask_to_stop() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)
            # Python's own answer to Ctrl-C would wait for every task to be cancelled.
            signal.signal(number, signal.SIG_DFL)

    for number in numbers:
        loop.add_signal_handler(number, ask_to_stop)
    return stop
