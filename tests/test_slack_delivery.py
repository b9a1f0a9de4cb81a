"""Delivery and Slack together, over the real wire: nothing lost, nothing doubled."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from bot.delivery import Delivery
from bot.model import AlertState, ChannelRef, Secret
from bot.ports import Serve
from bot.store.memory import MemoryStore
from handlers.slack.chat import SlackChat
from handlers.slack.options import SlackOptions
from tests.contracts.chat import key_of
from tests.contracts.store_world import owed, owing
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, SlackEmulator
from tests.fakes import FakeClock
from tests.test_slack_chat import answer

CHANNELS = [ChannelRef("slack", "#mideast-desk"), ChannelRef("slack", "#trade-desk")]


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SlackEmulator]:
    """A workspace with two channels."""
    async with SlackEmulator(clock.now) as emulator:
        for channel in CHANNELS:
            emulator.workspace.add_channel(channel.name)
        yield emulator
    assert emulator.problems == []


class Desk:
    """A store that owes alerts, and one service after another that sends them."""

    def __init__(self, slack: SlackEmulator, clock: FakeClock) -> None:
        self.slack = slack
        self.clock = clock
        self.store = MemoryStore()
        self.chat = self.start()

    def start(self) -> SlackChat:
        """Start a service that remembers nothing but what the store does."""
        options = SlackOptions(
            api_url=self.slack.api_url, bot_token=Secret(BOT_TOKEN), app_token=Secret(APP_TOKEN)
        )
        self.chat = SlackChat(options, Serve(answer, self.clock))
        return self.chat

    async def owe(self, numbers: range) -> None:
        await self.store.remember(
            owing(*(owed(key_of(number), CHANNELS[number % 2]) for number in numbers))
        )

    async def send_all(self, rounds: int = 400) -> None:
        """Send until nothing can be done, and then let time pass, again and again."""
        for _ in range(rounds):
            while await Delivery(self.store, [self.chat], self.clock).step():
                pass
            if await self.store.next_action_at(["slack"]) is None:
                return
            self.clock.advance(5)

    async def states(self, numbers: range) -> Counter[AlertState]:
        records = [await self.store.alert(key_of(number)) for number in numbers]
        return Counter(record.state for record in records if record)


@pytest.fixture
async def desk(slack: SlackEmulator, clock: FakeClock) -> Desk:
    """A desk that owes nothing yet."""
    made = Desk(slack, clock)
    await made.store.open()
    return made


def mishap(dice: random.Random, slack: SlackEmulator) -> None:
    """Let something go wrong with the next request, more often than not."""
    workspace = slack.workspace
    method = dice.choice(["chat.postMessage", "chat.postMessage", "conversations.history", None])
    kind = dice.randrange(9)
    if kind < 2:
        workspace.drop_reply_after_accepting("chat.postMessage")
    elif kind == 2:
        workspace.drop_before_accepting("chat.postMessage")
    elif kind == 3:
        workspace.answer(dice.choice([500, 502, 503]), method)
    elif kind == 4:
        workspace.rate_limit(dice.randrange(1, 40), method)
    elif kind == 5:
        workspace.refuse(dice.choice(["fatal_error", "internal_error", "brand_new_code"]), method)
    elif kind == 6:
        workspace.answer(200, method, body="<html>maintenance</html>")


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_goes_wrong_each_alert_is_there_once(
    desk: Desk, slack: SlackEmulator, seed: int
) -> None:
    """Lost answers, broken servers, rate limits and restarts lose nothing and double nothing."""
    dice = random.Random(seed)
    numbers = range(24)
    for number in numbers:
        await desk.owe(range(number, number + 1))
        mishap(dice, slack)
        if dice.random() < 0.2:
            desk.start()
        await desk.send_all(rounds=dice.randrange(3))
    slack.workspace.faults.clear()

    await desk.send_all()

    assert Counter(slack.workspace.keys()) == Counter(map(key_of, numbers))
    assert await desk.states(numbers) == {AlertState.POSTED: len(numbers)}


async def test_a_channel_that_comes_back_gets_what_it_missed(
    desk: Desk, slack: SlackEmulator
) -> None:
    """An archived channel keeps its alerts waiting, and the other channel none."""
    slack.workspace.archive("#mideast-desk")
    await desk.owe(range(6))
    await desk.send_all(rounds=20)
    assert sorted(slack.workspace.keys()) == sorted(key_of(n) for n in (1, 3, 5))

    slack.workspace.unarchive("#mideast-desk")
    await desk.store.resume_channel(CHANNELS[0], desk.clock.now())
    await desk.send_all(rounds=20)

    assert Counter(slack.workspace.keys()) == Counter(key_of(n) for n in range(6))


async def test_refused_content_is_sent_plain(desk: Desk, slack: SlackEmulator) -> None:
    """A card that Slack will not take arrives in its plain form."""
    slack.workspace.refuse("invalid_blocks", "chat.postMessage")
    await desk.owe(range(1))

    await desk.send_all(rounds=20)

    message = slack.workspace.by_key(key_of(0))
    assert [block["type"] for block in message.blocks] == ["section"]
