"""A whole Redline on loopback: an outlet, Slack, Discord, and the service as it really is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from bot.app import real_doors
from bot.clock import SystemClock
from bot.ports import Platform, Tally
from bot.service import Service
from bot.settings import Settings, load
from bot.store.sql import SqlStore
from handlers import PLATFORMS
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_reader import read_message
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, SlackEmulator
from tests.emulators.web import FakeWeb
from tests.newsroom import Newsroom

PATIENCE = 20.0
"""Seconds that a test waits for something that is to happen."""

OFTEN = timedelta(seconds=0.2)


@dataclass
class House:
    """Everything around one Redline; `running` starts it, and may do so again and again.

    `feeds` and `channels` are further ones, `redline` is added to redline.yaml, and `environment`
    replaces variables; an empty one is as good as unset.
    """

    folder: Path
    web: FakeWeb
    newsroom: Newsroom
    slack: SlackEmulator
    discord: DiscordEmulator
    rule: str
    feeds: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    redline: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[Platform, ...] = PLATFORMS

    def publish(self) -> None:
        """Put the newsroom's feed and pages on the web as they are now."""
        self.web.serve("/feed.xml", self.newsroom.feed())
        for slug in self.newsroom.slugs():
            page = self.newsroom.page(slug)
            assert page is not None
            self.web.serve(f"/news/{slug}", page, content_type="text/html; charset=utf-8")

    def settings(self) -> Settings:
        """Read the settings of this house, as a person wrote them and the environment adds."""
        self.write()
        settings = load(self.folder, self.variables(), PLATFORMS)
        feeds = tuple(replace(feed, interval=OFTEN) for feed in settings.feeds)
        return replace(settings, feeds=feeds, database=self.folder / "redline.db")

    def write(self) -> None:
        """Write the files of config/."""
        team = Team(
            feeds={"courier": self.newsroom.feed_url, **self.feeds},
            rule=self.rule,
            channels=("slack:#desk", f"discord:{self.discord.desk.id}", *self.channels),
            redline=self.redline,
        )
        write_settings(self.folder, team)

    def variables(self) -> dict[str, str]:
        """Return the environment of the service."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "DISCORD_TOKEN": self.discord.world.token,
            "REDLINE_SLACK_API_URL": self.slack.api_url,
            "REDLINE_DISCORD_API_URL": self.discord.api_url,
            "REDLINE_DISCORD_GATEWAY_URL": self.discord.gateway_url,
            **self.environment,
        }

    @asynccontextmanager
    async def running(
        self, platforms: frozenset[str] = frozenset({"slack", "discord"})
    ) -> AsyncIterator[Service]:
        """Run the service until the block ends, and stop it as SIGTERM does.

        The block begins once the given platforms are open.
        """
        settings = self.settings()
        stop = asyncio.Event()
        async with real_doors(settings, self.platforms, SystemClock()) as doors:
            service = Service(settings, doors)
            running = asyncio.create_task(service.run(stop))
            try:
                await until(lambda: service.open_platforms >= platforms)
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


@dataclass(frozen=True, kw_only=True)
class Team:
    """What a team writes into its settings; `feeds` are addresses by id."""

    feeds: Mapping[str, str]
    rule: str
    channels: tuple[str, ...]
    redline: str = ""


def write_settings(folder: Path, team: Team) -> None:
    """Write the settings of a team."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "redline.yaml").write_text(
        "contact: https://courier.example/about\n"
        + (team.redline or "poll:\n  allow_private_networks: [127.0.0.1/32]\n")
    )
    (folder / "feeds.yaml").write_text(
        "feeds:\n"
        + "".join(
            f"  - id: {name}\n    title: The {name.title()}\n    url: {url}\n"
            for name, url in team.feeds.items()
        )
    )
    (folder / "people.yaml").write_text("people:\n  - name: Joe Biden\n    titles: [President]\n")
    (folder / "places.yaml").write_text("places:\n  - name: Port Avel\n")
    (folder / "rules.yaml").write_text(
        "rules:\n"
        "  - name: the-red-line\n"
        "    title: The red line\n"
        f"    when: {team.rule}\n"
        f"    to: {list(team.channels)}\n"
    )


@asynccontextmanager
async def house_of(
    folder: Path, rule: str, nonce_window: timedelta = timedelta(minutes=5)
) -> AsyncIterator[House]:
    """An outlet that has published something else, and a team that watches it."""
    web, discord = FakeWeb(), DiscordEmulator(SystemClock(), nonce_window)
    async with SlackEmulator() as slack:
        slack.workspace.add_channel("#desk")
        await web.start()
        await discord.start()
        newsroom = Newsroom(web.url(""))
        newsroom.publish("old", "A red line of yesterday in Port Avel and Rafah, it was said.")
        house = House(folder, web, newsroom, slack, discord, rule)
        house.publish()
        try:
            yield house
        finally:
            await discord.stop()
            await web.stop()


async def tally_of(house: House) -> Tally:
    """Return how the service stands, read beside it."""
    store = SqlStore(house.folder / "redline.db", read_only=True)
    await store.open()
    try:
        return await store.tally()
    finally:
        await store.close()


def messages_of(house: House) -> tuple[list[str], list[str]]:
    """Return what Slack and Discord accepted, each message as `channel: title and words`."""
    in_slack = [
        f"#{message.channel.name}: {message.seen().words}"
        for message in house.slack.workspace.accepted
    ]
    in_discord = [
        f"#{house.discord.world.places[entry.channel_id].name}: "
        + read_message(house.discord.message_of(entry.nonce)).text
        for entry in house.discord.world.accepted
    ]
    return in_slack, in_discord
