"""The Why button, from a card in a channel to the sentence that proves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.emulators.discord_world import GUILD_ID, READER_ID
from tests.emulators.slack_person import Person
from tests.emulators.slack_reader import read
from tests.house import House, house_of, until

RULE = 'place:"Port Avel" AND "red line"'
SENTENCE = "Boarding a freighter would cross the red line that was drawn for Port Avel"
GONE = "This alert is no longer remembered"

Press = Callable[[House], Awaitable[str]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house in whose channels there is a card."""
    async with house_of(tmp_path, RULE) as house:
        async with house.running():
            await house.polled(2)
            house.newsroom.publish("news", f"{SENTENCE}, officials said.", "The talks go on.")
            house.publish()
            await until(lambda: bool(house.slack.workspace.accepted) and bool(house.discord.keys()))
        yield house


async def press_in_slack(house: House, **more: Any) -> str:
    """Press the button in Slack; return what the person alone is shown."""
    person, workspace = Person(house.slack), house.slack.workspace
    (message,) = workspace.messages("#desk")
    before = len(workspace.ephemeral)
    (why,) = [button for button in message.seen().buttons if "why" in button]
    payload = person.press_payload(message, why, **more)
    await house.slack.socket.tell("interactive", payload)
    await until(lambda: len(workspace.ephemeral) > before)
    said = workspace.ephemeral[-1]
    assert said["user"] == person.user
    return read(said["text"], said["blocks"]).words


async def press_in_discord(house: House, guild_id: int = GUILD_ID) -> str:
    """Press the button in Discord; return what the person alone is shown."""
    (entry,) = house.discord.world.accepted
    message = house.discord.message_of(entry.nonce)
    place = house.discord.world.places[entry.channel_id]
    buttons = message["components"][0]["components"]
    (custom_id,) = [one["custom_id"] for one in buttons if one["label"] == "Why"]
    place.guild_id = guild_id
    pressed = await house.discord.rest.interactions.press(place, message, custom_id, READER_ID)
    embed = (await pressed.answered())["embeds"][0]
    assert pressed.private
    return f"{embed['title']} {embed.get('description', '')}"


async def press_in_another_workspace(house: House) -> str:
    """Send Slack's payload as another team's press would be."""
    return await press_in_slack(house, team={"id": "T0STRANGER", "domain": "stranger"})


async def press_in_another_server(house: House) -> str:
    """Press in Discord as if the message had been copied to another server."""
    return await press_in_discord(house, guild_id=GUILD_ID + 1)


@pytest.mark.parametrize("press", [press_in_slack, press_in_discord])
async def test_the_answer_is_private_and_has_the_sentence(house: House, press: Press) -> None:
    """A press on a card of an earlier run is answered to the one who pressed, with the sentence."""
    before = len(house.slack.workspace.accepted), len(house.discord.keys())
    async with house.running():
        words = await press(house)

    assert "Why this alert" in words
    assert SENTENCE in words
    assert "the-red-line" in words
    assert (len(house.slack.workspace.accepted), len(house.discord.keys())) == before


@pytest.mark.parametrize("press", [press_in_another_workspace, press_in_another_server])
async def test_nothing_crosses_to_another_workspace(house: House, press: Press) -> None:
    """A press that names another workspace learns nothing, not even that there is an alert."""
    async with house.running():
        words = await press(house)

    assert GONE in words
    assert SENTENCE not in words
    assert "red line" not in words.casefold()
