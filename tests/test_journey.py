"""The whole way of an admin who never leaves chat: a feed, a rule, an alert, and what follows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.house import OFTEN, House, house_of
from tests.members import DiscordMember, Member, SlackMember

RED_LINE = "Boarding a freighter at Port Avel would cross a red line, report {} said."
TOURISM = "The red line of the Port Avel tram reopens for tourists, report {} said."


@dataclass
class EmptyHouse(House):
    """A team with nothing in its settings but where it may fetch from."""

    def write(self) -> None:
        """Write the files of config/: nobody has written a feed or a rule."""
        super().write()
        (self.folder / "feeds.yaml").write_text("feeds: []\n")
        (self.folder / "rules.yaml").write_text("rules: []\n")

    def settings(self) -> Settings:
        """Read the settings; feeds are polled often."""
        settings = super().settings()
        poll = replace(settings.poll, min_interval=OFTEN, max_interval=OFTEN)
        return replace(settings, poll=poll)


@asynccontextmanager
async def empty_house(folder: Path) -> AsyncIterator[EmptyHouse]:
    """A team on its first day, and an outlet that publishes."""
    async with house_of(folder, "unused") as house:
        yield EmptyHouse(**{name: getattr(house, name) for name in House.__dataclass_fields__})


@pytest.mark.parametrize("come", [SlackMember, DiscordMember], ids=["slack", "discord"])
async def test_an_admin_never_has_to_leave_chat(
    tmp_path: Path, come: Callable[[House], Member]
) -> None:
    """Add a feed, write a rule, see its backtest, save, get an alert, mark, mute, tune, undo."""
    async with empty_house(tmp_path) as house, house.running():
        member = come(house)
        await add_the_feed(member, house)
        await write_the_rule(member)
        await get_and_mark_an_alert(member, house)
        await mute_and_unmute(member, house)
        await tune_the_rule(member, house)
        await undo_and_look_back(member)
        assert house.slack.problems == []


async def add_the_feed(member: Member, house: House) -> None:
    """A site's address is enough; the newest item proves that the feed lives."""
    await member.types("feeds", "add", address=house.newsroom.feed_url)
    await member.reads("Report on old")
    await member.presses("Add")
    await member.reads("alert")
    await house.polled(2)
    assert member.messages() == []


async def write_the_rule(member: Member) -> None:
    """Nothing is saved before the backtest was seen."""
    await member.types("watch", "add")
    await member.fills(name="Port Avel", when='place:"Port Avel" AND "red line"')
    await member.reads("30 days")
    await member.presses("Save")
    await member.reads("in force")


async def get_and_mark_an_alert(member: Member, house: House) -> None:
    """The alert proves itself, and shows who found it relevant."""
    publish(house, "first", RED_LINE)
    await member.sees(0, "would cross a red line", "Port Avel")
    await member.presses_on(0, "Relevant")
    await member.sees(0, "Relevant", member.name)


async def mute_and_unmute(member: Member, house: House) -> None:
    """What is muted is silent, and everybody sees until when."""
    await member.presses_on(0, "Mute…")
    await member.fills(what="rule-0")
    await member.sees(0, "uted")
    publish(house, "second", RED_LINE)
    await house.polled(4)
    assert len(member.messages()) == 1
    await member.types("watch", "unmute", rule="port-avel")
    await member.reads("no longer muted")


async def tune_the_rule(member: Member, house: House) -> None:
    """What was called not relevant is excluded, once its effect was shown."""
    for number in range(1, 4):
        publish(house, f"tram-{number}", TOURISM)
        await member.sees(number, "tourists")
        await member.presses_on(number, "Not relevant")
        await member.sees(number, "Not relevant", member.name)
    await member.types("watch", "tune", rule="port-avel")
    await member.reads("3 of 3")
    await member.presses("Use")
    await member.reads("is changed", "tram")
    publish(house, "tram-4", TOURISM)
    publish(house, "third", RED_LINE)
    await member.sees(4, "would cross a red line")


async def undo_and_look_back(member: Member) -> None:
    """The last change is taken back, and what happened can be read."""
    await member.types("watch", "undo", rule="port-avel")
    await member.reads("changed back")
    await member.types("watch", "history", rule="port-avel")
    told = await member.reads("undo")
    assert member.name in told


def publish(house: House, slug: str, words: str) -> None:
    """Publish an article, which the next poll finds."""
    house.newsroom.publish(slug, words.format(slug), teaser=words.format(slug))
    house.publish()
