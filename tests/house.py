"""A whole Redline on loopback: an outlet, Slack, Discord, and the service as it really is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.app import Service, real_doors
from bot.clock import SystemClock
from bot.settings import Settings, load
from handlers import PLATFORMS
from tests.emulators.discord import DiscordEmulator
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, SlackEmulator
from tests.emulators.web import FakeWeb
from tests.newsroom import Newsroom

PATIENCE = 20.0
"""Seconds that a test waits for something that is to happen."""

OFTEN = timedelta(seconds=0.2)


@dataclass
class House:
    """Everything around one Redline; `running` starts it, and may do so again and again."""

    folder: Path
    web: FakeWeb
    newsroom: Newsroom
    slack: SlackEmulator
    discord: DiscordEmulator
    rule: str

    def publish(self) -> None:
        """Put the newsroom's feed and pages on the web as they are now."""
        self.web.serve("/feed.xml", self.newsroom.feed())
        for slug in self.newsroom.slugs():
            page = self.newsroom.page(slug)
            assert page is not None
            self.web.serve(f"/news/{slug}", page, content_type="text/html; charset=utf-8")

    def settings(self) -> Settings:
        """Read the settings of this house, as a person wrote them and the environment adds."""
        write_settings(self.folder, self.newsroom.feed_url, self.rule, self.discord.desk.id)
        environment = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "DISCORD_TOKEN": self.discord.world.token,
            "REDLINE_SLACK_API_URL": self.slack.api_url,
            "REDLINE_DISCORD_API_URL": self.discord.api_url,
            "REDLINE_DISCORD_GATEWAY_URL": self.discord.gateway_url,
        }
        settings = load(self.folder, environment, PLATFORMS)
        feeds = tuple(replace(feed, interval=OFTEN) for feed in settings.feeds)
        return replace(settings, feeds=feeds, database=self.folder / "redline.db")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        """Run the service until the block ends, and stop it as SIGTERM does."""
        settings = self.settings()
        stop = asyncio.Event()
        async with real_doors(settings, PLATFORMS, SystemClock()) as doors:
            service = Service(settings, doors)
            running = asyncio.create_task(service.run(stop))
            try:
                await until(lambda: service.open_platforms >= {"slack", "discord"})
                yield service
            finally:
                stop.set()
                await asyncio.wait_for(running, PATIENCE)

    async def polled(self, times: int) -> None:
        """Return after the feed was polled so many times more."""
        before = len(self.web.requests("/feed.xml"))
        await until(lambda: len(self.web.requests("/feed.xml")) >= before + times)


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for is on the other side of a wire
            await asyncio.sleep(0.02)


def write_settings(folder: Path, feed_url: str, rule: str, discord_channel: int) -> None:
    """Write the settings of a team that watches one outlet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "redline.yaml").write_text(
        "contact: https://courier.example/about\npoll:\n  allow_private_networks: [127.0.0.1/32]\n"
    )
    (folder / "feeds.yaml").write_text(
        f"feeds:\n  - id: courier\n    title: The Courier\n    url: {feed_url}\n"
    )
    (folder / "people.yaml").write_text("people:\n  - name: Joe Biden\n    titles: [President]\n")
    (folder / "places.yaml").write_text("places:\n  - name: Port Avel\n")
    (folder / "rules.yaml").write_text(
        "rules:\n"
        "  - name: the-red-line\n"
        "    title: The red line\n"
        f"    when: {rule}\n"
        f'    to: ["slack:#desk", "discord:{discord_channel}"]\n'
    )
