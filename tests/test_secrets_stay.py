"""Secrets that strangers hand back to us, and where they must not turn up."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from bot import logs
from bot.model import Card, Request
from bot.ports import Chat, Platform, Serve
from handlers import PLATFORMS
from tests.emulators.discord_world import READER_ID, TOKEN
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN
from tests.emulators.slack_person import Person
from tests.house import House, house_of, messages_of, until

RULE = 'place:"Port Avel" AND "red line"'
NEWS = "Boarding a freighter would cross the red line that was drawn for Port Avel, they said."
WEBHOOK = "https://hooks.slack.com/services/T0001/B0001/abcdefghijklmnopqrstuvwx"
PASSWORD = "hunter2-of-the-desk"
SECRETS = (BOT_TOKEN, APP_TOKEN, TOKEN, WEBHOOK.removeprefix("https://hooks.slack.com/"), PASSWORD)
SETTINGS = """\
poll:
  allow_private_networks: [127.0.0.1/32]
delivery:
  settle: 1s
  send_timeout: 1s
"""


@pytest.fixture(autouse=True)
def stream() -> Iterator[io.StringIO]:
    """The log, set up as `redline run` does where there is no terminal."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def breaking(platform: Platform) -> Platform:
    """Return the platform, with presses answered by a handler that breaks and tells secrets."""

    async def answer(_request: Request) -> Card:
        raise RuntimeError(f"no answer from {WEBHOOK} with {BOT_TOKEN} and {TOKEN}")

    def connect(options: object, serve: Serve) -> Chat:
        return platform.connect(options, replace(serve, answer=answer))

    return replace(platform, connect=connect)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house among strangers who hand secrets back."""
    async with house_of(tmp_path, RULE) as house:
        house.redline = SETTINGS
        house.platforms = tuple(breaking(platform) for platform in PLATFORMS)
        host = house.web.base.removeprefix("http://")
        to = f"http://desk:{PASSWORD}@{host}/gone?access_token={PASSWORD}"
        house.feeds = {
            "moved": house.web.redirect("/moved", to, status=301),
            "nowhere": house.web.redirect("/nowhere", f"ftp://desk:{PASSWORD}@{host}/x"),
            "circle": house.web.redirect("/circle", f"http://desk:{PASSWORD}@{host}/circle"),
        }
        yield house


def publish(house: House) -> None:
    """Publish an article whose link carries a name and a password."""
    house.newsroom.publish("news", NEWS, "The talks go on for the rest of the week, they added.")
    site = house.newsroom.site
    with_password = site.replace("http://", f"http://desk:{PASSWORD}@")
    house.publish()
    feed = house.newsroom.feed().replace(
        f"<link>{site}/news".encode(), f"<link>{with_password}/news".encode()
    )
    house.web.serve("/feed.xml", feed)


def echo_secrets(house: House) -> None:
    """Let both platforms hand a token back in an error, once each."""
    house.slack.workspace.refuse(f"bad_token_{BOT_TOKEN}", "chat.postMessage")
    said = {"message": f"no such token: {TOKEN}", "code": 99999}
    house.discord.answer(400, said)


async def press(house: House) -> None:
    """Press Why on both platforms."""
    (message,) = house.slack.workspace.messages("#desk")
    (why,) = [button for button in message.seen().buttons if "why" in button]
    await Person(house.slack).press(message, why)
    (entry,) = house.discord.world.accepted
    said = house.discord.message_of(entry.nonce)
    place = house.discord.world.places[entry.channel_id]
    buttons = said["components"][0]["components"]
    (custom_id,) = [one["custom_id"] for one in buttons if one["label"] == "Why"]
    pressed = await house.discord.rest.interactions.press(place, said, custom_id, READER_ID)
    await pressed.answered()
    await until(lambda: bool(house.slack.workspace.ephemeral))


async def test_no_secret_turns_up_anywhere(
    house: House, stream: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """Tokens, webhooks and passwords that come back to us are in no log, database or message."""
    settings = house.settings()
    logs.set_up(settings.log, stream, settings.platforms.secrets())
    async with house.running():
        await house.polled(2)
        echo_secrets(house)
        publish(house)
        await until(lambda: bool(house.discord.keys()) and bool(house.slack.workspace.accepted))
        await press(house)
        stored = b"".join(
            path.read_bytes() for path in house.folder.glob("redline.db*") if not path.is_socket()
        )
    printed = capfd.readouterr()
    told = json.dumps(
        [messages_of(house), house.slack.workspace.ephemeral, house.discord.rest.requests],
        default=str,
    )
    places = {
        "log": stream.getvalue(),
        "standard output": printed.out,
        "standard error": printed.err,
        "database": stored.decode(errors="replace"),
        "messages": told
        + repr([entry.request for entry in house.discord.world.accepted])
        + repr(house.slack.requests),
    }
    found = [
        (where, secret) for where, text in places.items() for secret in SECRETS if secret in text
    ]

    assert found == []
    assert all(json.loads(line)["event"] for line in stream.getvalue().splitlines())
