"""One bad feed never stops the others, and one bad channel never stops the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.model import AlertState
from bot.ports import Tally
from bot.settings import InvalidSettingsError, load
from tests.emulators.web import FakeWeb
from tests.house import House, house_of, messages_of, tally_of, until

RULE = 'place:"Port Avel" AND "red line"'
TITLE = "Envoys meet at Port Avel"
NEWS = (
    "Boarding a freighter would cross the red line that was drawn for Port Avel, officials said.",
    "The harbour authority expects the talks to go on for the rest of the week, they added.",
)
SETTINGS = """\
poll:
  allow_private_networks: [127.0.0.0/8]
  per_host: 20
  timeout: 1s
"""
FIFTEEN_MIB = 15 * 1024 * 1024
MANY_ATTRIBUTES = "".join(f' a{number}="1"' for number in range(100_000))
ONE_ENTRY = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>The Tag</title><item{}>'
    "<title>Red line at Port Avel</title><guid>1</guid></item></channel></rss>"
)
WHAT_IS_SAID = {
    "html": "it is a web page, not a feed",
    "empty": "it is empty",
    "brackets": "it is neither XML nor JSON",
    "bomb": "the answer is larger than 15 MiB",
    "drip": "the publisher did not answer in full within 1 seconds",
    "circle": "it redirects in a circle",
    "inside": "the address is not one of the public internet",
    "busy": "the publisher says that we ask too often (status 429) and asks to be left alone for "
    "60 min",
    "attributes": "one of its tags has more than 1000 attributes",
}


def misbehave(web: FakeWeb, busy: FakeWeb) -> dict[str, str]:
    """Put the bad feeds on the web; return their addresses by id."""
    web.redirect("/back", "/circle")
    page = "<!doctype html><title>Hello</title><p>Red line at Port Avel"
    return {
        "html": web.serve("/html", page, content_type="text/html"),
        "empty": web.serve("/empty", b""),
        "brackets": web.serve("/brackets", b"<" * FIFTEEN_MIB),
        "bomb": web.bomb("/bomb"),
        "drip": web.drip("/drip"),
        "circle": web.redirect("/circle", "/back"),
        "inside": "http://169.254.169.254/latest/feed.xml",
        "busy": busy.rate_limit("/busy", "3600"),
        "attributes": web.serve("/attributes", ONE_ENTRY.format(MANY_ATTRIBUTES)),
    }


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """An outlet, and a team that watches it."""
    async with house_of(tmp_path, RULE) as house:
        house.redline = SETTINGS
        yield house


@asynccontextmanager
async def busy_publisher() -> AsyncIterator[FakeWeb]:
    """A host of its own, because a publisher who asks for rest asks for all its feeds."""
    web = FakeWeb("127.0.0.2")
    await web.start()
    try:
        yield web
    finally:
        await web.stop()


def publish(house: House) -> None:
    """Publish the article, and beside it one whose page never ends."""
    house.newsroom.publish("endless", "A longer report on the harvest follows on this page.")
    house.newsroom.publish("news", *NEWS, title=TITLE)
    house.publish()
    house.web.drip("/news/endless")


async def untold(house: House, count: int) -> Tally:
    """Return the tally once so many alerts wait for channels that refuse us."""
    tally = await tally_of(house)
    while sum(parked.owed for parked in tally.parked) < count:
        await house.polled(1)
        tally = await tally_of(house)
    return tally


async def test_the_good_are_served_among_the_bad(house: House) -> None:
    """Among nine bad feeds, an endless page and three bad channels, each good channel gets a card.

    Each bad feed has its sentence, each bad channel its advice, and nobody gets anything else.
    """
    bad_channels = spoil_channels(house)
    async with busy_publisher() as busy:
        house.feeds = misbehave(house.web, busy)
        async with house.running():
            await house.polled(2)
            publish(house)
            await until(lambda: bool(house.slack.workspace.accepted) and bool(house.discord.keys()))
            tally = await untold(house, len(bad_channels))
            await house.polled(2)
        asked = busy.requests()
    (in_slack,), (in_discord,) = messages_of(house)

    said = {feed.feed_id: feed.last_error for feed in tally.feeds}
    parked = {str(parked.channel): parked.advice.split(":")[0] for parked in tally.parked}
    assert said == {"courier": None, **WHAT_IS_SAID}
    assert parked == bad_channels
    assert in_slack.startswith(f"#desk: {TITLE}")
    assert in_discord.startswith(f"#policy-desk: \n{TITLE}")
    assert len(asked) == 1


def spoil_channels(house: House) -> dict[str, str]:
    """Let the rule name three bad channels; return how the advice for each begins."""
    house.slack.workspace.add_channel("#attic")
    house.slack.workspace.archive("#attic")
    locked = house.discord.add_channel("locked")
    house.discord.remove_permission(locked, send_messages=True)
    bad = {
        "slack:#nowhere": "Check the name, and invite Redline where the channel is private",
        "slack:#attic": "Unarchive the channel, or send its rules to another one",
        f"discord:{locked.id}": "Give the bot's role Send Messages and Embed Links in the channel",
    }
    house.channels = tuple(bad)
    return bad


async def test_settings_that_go_wrong_disturb_no_running_service(house: House) -> None:
    """Who spoils the files of a running service is told by `redline check`; the cards still come.

    An unknown key, a bad address and a rule with a typo are told together.
    """
    async with house.running():
        await house.polled(2)
        (house.folder / "redline.yaml").write_text("pol:\n  timeout: 1s\n")
        (house.folder / "feeds.yaml").write_text("feeds:\n  - url: courier.example/feed\n")
        (house.folder / "rules.yaml").write_text(
            "rules:\n  - name: a\n    when: plce:Avel\n    to: slack:#desk\n"
        )
        with pytest.raises(InvalidSettingsError) as refused:
            load(house.folder, house.variables(), house.platforms)
        publish(house)
        await until(lambda: bool(house.slack.workspace.accepted) and bool(house.discord.keys()))

    assert [(p.file, p.advice.split("?")[0]) for p in refused.value.problems] == [
        ("feeds.yaml", "Did you mean https://courier.example/feed"),
        ("redline.yaml", "Did you mean poll"),
        ("rules.yaml", 'Did you mean place:, or, for the words themselves, "plce:Avel"'),
    ]
    assert [len(each) for each in messages_of(house)] == [1, 1]


async def test_a_platform_that_refuses_its_token_is_loud_and_alone(house: House) -> None:
    """With a wrong Discord token Slack gets its card, and the log says what to do about Discord.

    The alert for Discord stays owed.
    """
    house.environment = {"DISCORD_TOKEN": "wrong"}
    with capture_logs() as log:
        async with house.running(platforms=frozenset({"slack"})):
            await house.polled(2)
            publish(house)
            await until(lambda: bool(house.slack.workspace.accepted))
        tally = await tally_of(house)
    refused = next(line for line in log if line["event"] == "platform not open")

    assert refused["platform"] == "discord"
    assert "the token is refused. Make a new token" in refused["why"]
    assert tally.states[AlertState.POSTED] == 1
    assert tally.states[AlertState.OWED] == 1
    assert house.discord.keys() == []


async def test_a_platform_without_a_token_is_named(house: House) -> None:
    """A rule for Discord without a token holds up nobody, and the log names it.

    The alert for Discord is sent once there is a token.
    """
    house.environment = {"DISCORD_TOKEN": ""}
    with capture_logs() as log:
        async with house.running(platforms=frozenset({"slack"})):
            await house.polled(2)
            publish(house)
            await until(lambda: bool(house.slack.workspace.accepted))
    missing = next(line for line in log if line["event"] == "channel without a platform")
    house.environment = {}
    async with house.running():
        await until(lambda: bool(house.discord.keys()))

    assert missing["channel"] == f"discord:{house.discord.desk.id}"
    assert missing["why"] == "discord is not set up, so what it is owed waits, for a week"
    assert [len(each) for each in messages_of(house)] == [1, 1]
