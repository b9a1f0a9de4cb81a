"""Presses on Discord: acknowledged at once, answered privately, each once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from bot.errors import StoreError
from bot.model import Action, Button, Card, MessageRef, Post, Posted, Request, Standing
from bot.ports.attending import FAILED
from handlers.discord.answers import UNKNOWN
from tests.contracts.chat import CARD, HOSTILE, everywhere, key_of
from tests.emulators.discord_harness import DiscordHarness, discord_harness
from tests.emulators.discord_reader import read_message
from tests.emulators.discord_world import GUILD_ID, READER_ID
from tests.fakes import FakeClock

TARGET = "b" * 26
BUTTONED = replace(CARD, buttons=(Button(action=Action.WHY, label="Why", target=TARGET),))


@dataclass
class FakeService:
    """Answers presses with the card it is told to, and remembers what was asked."""

    card: Card = field(default_factory=lambda: Card(title="Because of the red line"))
    trouble: Exception | None = None
    asked: list[Request] = field(default_factory=list)

    async def answer(self, request: Request) -> Card:
        self.asked.append(request)
        if self.trouble:
            raise self.trouble
        return self.card


@pytest.fixture
def service() -> FakeService:
    """What answers presses."""
    return FakeService()


@pytest.fixture
async def harness(clock: FakeClock, service: FakeService) -> AsyncIterator[DiscordHarness]:
    """The adapter, open, in front of an emulator."""
    async with discord_harness(clock, service.answer) as harness:
        yield harness


async def posted(
    harness: DiscordHarness, card: Card = BUTTONED, thread: MessageRef | None = None
) -> MessageRef:
    """Post a card with a button."""
    number = len(harness.accepted()) + 1
    post = Post(key=key_of(number), channel=harness.channel, card=card, thread=thread)
    outcome = await harness.chat.send(post)
    assert isinstance(outcome, Posted), outcome
    return outcome.message


def button_of(harness: DiscordHarness, message: MessageRef) -> str:
    """Return the custom_id of a message's first button."""
    custom_id = harness.emulator.message(message)["components"][0]["components"][0]["custom_id"]
    assert isinstance(custom_id, str)
    return custom_id


async def test_a_press_is_answered_privately(harness: DiscordHarness, service: FakeService) -> None:
    """The press is acknowledged first and the answer is seen by the one who pressed alone."""
    message = await posted(harness)
    pressed = await harness.emulator.press(message, button_of(harness, message))
    said = await pressed.answered()

    assert pressed.acks == [{"type": 6}]
    assert pressed.private
    assert said["embeds"][0]["title"] == "Because of the red line"
    assert said["allowed_mentions"]["parse"] == []
    assert service.asked == [
        Request(
            workspace=str(GUILD_ID),
            channel_id=message.channel_id,
            user_id=str(READER_ID),
            action=Action.WHY,
            target=TARGET,
            standing=Standing.MEMBER,
            platform="discord",
            id=f"discord:{pressed.id}",
        )
    ]


async def test_buttons_work_after_a_restart(harness: DiscordHarness, service: FakeService) -> None:
    """A button of a message that an earlier run posted is answered: nothing is kept of it."""
    message = await posted(harness)
    await harness.restart()
    pressed = await harness.emulator.press(message, button_of(harness, message))
    await pressed.answered()

    assert [request.target for request in service.asked] == [TARGET]


async def test_a_press_in_a_thread_is_answered(
    harness: DiscordHarness, service: FakeService
) -> None:
    """A follow-up's button works in its thread."""
    reply = await posted(harness, thread=await posted(harness))
    pressed = await harness.emulator.press(reply, button_of(harness, reply))
    await pressed.answered()

    assert service.asked[0].channel_id == reply.channel_id


async def test_a_message_without_buttons_explains_itself(
    harness: DiscordHarness, service: FakeService
) -> None:
    """The button that marks a card without buttons asks why, under the card's own key."""
    message = await posted(harness, Card(title="A digest"))
    pressed = await harness.emulator.press(message, button_of(harness, message))
    await pressed.answered()

    assert [(asked.action, asked.target) for asked in service.asked] == [(Action.WHY, key_of(1))]


async def test_two_people_get_two_answers(harness: DiscordHarness, service: FakeService) -> None:
    """Two presses of one button are two questions."""
    message = await posted(harness)
    custom_id = button_of(harness, message)
    presses = [await harness.emulator.press(message, custom_id, user) for user in (41, 42)]
    for pressed in presses:
        await pressed.answered()

    assert sorted(request.user_id for request in service.asked) == ["41", "42"]


async def test_a_press_during_a_lost_gateway_is_answered(
    harness: DiscordHarness, service: FakeService
) -> None:
    """What was pressed while the gateway was away is replayed and answered once."""
    message = await posted(harness)
    custom_id = button_of(harness, message)
    await harness.emulator.drop_gateway("close 4000")
    pressed = await harness.emulator.press(message, custom_id)
    await pressed.answered()

    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "custom_id",
    [
        "redline:mutter:aaaa",
        "redline:why:",
        "redline:why:UPPER",
        "redline:why:" + "a" * 56,
        "redline:why:aaaa:bbbb:cccc",
        "other:thing",
        "redline:why:a;DROP",
        "x" * 100,
    ],
)
async def test_an_unknown_button_is_acknowledged(
    harness: DiscordHarness, service: FakeService, custom_id: str
) -> None:
    """A button of another version, or a made-up one, gets a private word and asks nothing."""
    message = await posted(harness)
    row = harness.emulator.message(message)["components"][0]
    row["components"][0]["custom_id"] = custom_id
    pressed = await harness.emulator.press(message, custom_id)
    said = await pressed.answered()

    assert said["content"] == UNKNOWN
    assert pressed.private
    assert service.asked == []


async def test_an_unknown_command_is_acknowledged(harness: DiscordHarness) -> None:
    """A slash command of another version gets a private word, its suggestions are none."""
    written = await harness.emulator.command("nothing")
    begun = await harness.emulator.command("nothing", completing=True)

    assert (await written.answered())["content"] == UNKNOWN
    assert written.private
    assert (await begun.answered()) == {"choices": []}


async def test_an_error_of_ours_is_said(harness: DiscordHarness, service: FakeService) -> None:
    """An error that says what to do reaches the one who pressed, as text only."""
    service.trouble = StoreError("@everyone", "is being moved", advice="Try again in a minute")
    message = await posted(harness)
    pressed = await harness.emulator.press(message, button_of(harness, message))
    said = read_message(await pressed.answered())

    assert "is being moved. Try again in a minute" in said.text
    assert said.mentions == []


async def test_any_other_error_is_logged_and_hidden(
    harness: DiscordHarness, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error goes to the log by its kind and place; its text goes nowhere."""
    service.trouble = ValueError("inner workings")
    message = await posted(harness)
    pressed = await harness.emulator.press(message, button_of(harness, message))
    said = read_message(await pressed.answered())

    assert FAILED in said.text
    assert "inner workings" not in said.text + caplog.text
    assert "ValueError at test_discord_serve.py:" in caplog.text


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_answers_are_only_text(
    harness: DiscordHarness, service: FakeService, name: str
) -> None:
    """An answer that quotes an article is as careful as an alert."""
    service.card = everywhere(HOSTILE[name])
    message = await posted(harness)
    pressed = await harness.emulator.press(message, button_of(harness, message))
    said = read_message(await pressed.answered())

    assert said.mentions == []
    assert not [url for _, url in said.links if "evil" in url]


async def test_a_late_press_is_left(
    harness: DiscordHarness,
    service: FakeService,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A press that reaches us after Discord's three seconds cannot be answered; it is logged."""
    message = await posted(harness)
    await harness.emulator.drop_gateway("close 4000")
    pressed = await harness.emulator.press(message, button_of(harness, message))
    clock.advance(4)
    async with asyncio.timeout(5):
        while not pressed.refusals:  # noqa: ASYNC110 - the emulator has no event for it
            await asyncio.sleep(0.01)
        while "10062" not in caplog.text:  # noqa: ASYNC110 - nor the log
            await asyncio.sleep(0.01)

    assert pressed.refusals == [10062]
    assert pressed.answers == []
    assert service.asked == []
