"""The whole service as a process: killed, stopped, and started again.

`make faults-service` kills it at every point; here is one of them, and the stops.
"""

from __future__ import annotations

import shutil
import signal
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from tests.emulators.slack import APP_TOKEN, BOT_TOKEN
from tests.faults.kill_service import kill_everywhere
from tests.faults.service_life import (
    PARAGRAPHS,
    RULE,
    SETTINGS,
    TEASER,
    Life,
    Team,
    team_of,
    title_of,
)
from tests.faults.service_points import EVERYWHERE, recover
from tests.house import House, house_of
from tests.newsroom import Newsroom

PLACES = {place.name: place for place in EVERYWHERE}
PATIENT = """\
delivery:
  settle: 12s
  send_timeout: 12s
  lease: 30s
"""
"""Longer than the grace of a stop, so that it is the stop that cuts a send off."""


def lines_are_clean(team: Team) -> None:
    """Every line of every life is JSON, and no token is in any."""
    secrets = (BOT_TOKEN, APP_TOKEN, team.house.discord.world.token)
    for life in team.lives:
        assert all("event" in line and "level" in line for line in life.lines())
        assert not [secret for secret in secrets if secret in life.log.read_text()]


async def test_a_killed_service_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Killed when Slack has the message and has not answered, the next start tells it once."""
    async with team_of(tmp_path) as team:
        verdict = await kill_everywhere(team, [(PLACES["taken in, before the reply"], "slack")])
        lines_are_clean(team)

    assert (verdict.kills, verdict.messages) == (1, 2)
    assert (verdict.lost, verdict.doubled, verdict.codes) == (0, 0, (0,))


async def test_a_restored_backup_doubles_nothing(tmp_path: Path) -> None:
    """What was told after the backup was made comes anew, is found in the channels, and is left."""
    async with team_of(tmp_path) as team:
        team.publish("before")
        async with team.life() as life:
            await team.is_quiet(life, 2)
            with sqlite3.connect(team.database) as this, sqlite3.connect(tmp_path / "copy") as that:
                this.backup(that)
            assert await life.stop() == 0
        team.publish("since")
        async with team.life() as life:
            await team.is_quiet(life, 4)
            assert await life.stop() == 0
        shutil.move(tmp_path / "copy", team.database)
        team.publish("after")
        async with team.life() as life:
            await team.is_quiet(life, 6)
            assert await life.stop() == 0
        lines_are_clean(team)

        assert {slug: team.times_told(slug) for slug in ("before", "since", "after")} == {
            "before": (1, 1),
            "since": (1, 1),
            "after": (1, 1),
        }


@dataclass
class Wire:
    """A second outlet, whose new page hangs."""

    house: House
    newsroom: Newsroom = field(init=False)

    def __post_init__(self) -> None:
        self.newsroom = Newsroom(self.house.web.url("/wire"))
        self.newsroom.publish("old", "A quiet morning at the harbour, with little to report.")
        self.house.feeds = {"wire": self.newsroom.feed_url}
        self.publish()

    def publish(self) -> None:
        self.house.web.serve("/wire/feed.xml", self.newsroom.feed())

    def publish_what_hangs(self) -> None:
        """Publish an article whose page takes the request and never answers."""
        self.newsroom.publish("slow", *PARAGRAPHS, title=title_of("slow"), teaser=TEASER)
        self.publish()
        self.house.web.hang("/wire/news/slow")

    def has_hung(self) -> bool:
        """Whether the page that hangs was asked for."""
        return bool(self.house.web.requests("/wire/news/slow"))

    def mend(self) -> None:
        """Let the page answer."""
        page = self.newsroom.page("slow")
        assert page is not None
        self.house.web.serve("/wire/news/slow", page, content_type="text/html")


async def test_a_stop_cuts_off_what_hangs(tmp_path: Path) -> None:
    """A page, a post and a gateway that hang do not keep the service from ending well.

    The next start tells each thing once.
    """
    wires: list[Wire] = []

    def prepare(house: House) -> None:
        wires.append(Wire(house))
        house.redline = house.redline.partition("delivery:")[0] + PATIENT

    async with team_of(tmp_path, prepare) as team:
        house, wire = team.house, wires[0]
        house.discord.gateway.mute = True
        house.slack.workspace.hold_reply("chat.postMessage")
        team.publish("told")
        wire.publish_what_hangs()
        async with team.life() as life:
            await life.until(lambda: bool(house.slack.workspace.accepted) and wire.has_hung())
            await life.until(lambda: bool(house.discord.gateway.queries))
            code = await life.stop()
        house.discord.gateway.mute = False
        wire.mend()
        after = await recover(team, articles=2)
        lines_are_clean(team)

        assert (code, after) == (0, 0)
        assert (team.times_told("told"), team.times_told("slow")) == ((1, 1), (1, 1))


async def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """Where the grace is too long for a person, a second signal, of another kind too, ends it."""
    async with team_of(tmp_path) as team:
        team.publish("slow")
        team.house.web.hang("/news/slow")
        async with team.life() as life:
            await life.until(lambda: bool(team.house.web.requests("/news/slow")))
            life.process.terminate()
            await life.until(lambda: says(life, "stopping"))
            life.process.send_signal(signal.SIGINT)

            assert await life.ended() == -signal.SIGINT


async def test_a_signal_during_the_start_is_heeded(tmp_path: Path) -> None:
    """A service that is asked to stop while it still opens its doors ends well, too."""
    async with house_of(tmp_path, RULE) as house:
        house.redline = SETTINGS.format(database=tmp_path / "redline.db")
        team = Team(house)
        async with team.life() as life:
            await life.until(team.database.with_name("redline.db.lock").exists)

            assert await life.stop() == 0


def says(life: Life, event: str) -> bool:
    """Whether an event was logged."""
    return f'"event": "{event}"' in life.log.read_text()
