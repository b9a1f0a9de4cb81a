"""The connection to Discord: login, the gateway, and losing it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ChatError
from bot.model import Post, Posted, Secret, ShutOut
from bot.ports import Serve
from handlers.discord import DISCORD, budget
from handlers.discord.chat import DiscordChat
from handlers.discord.connection import Tuning, identify_pause
from handlers.discord.options import DiscordOptions
from tests.contracts.chat import CARD, key_of
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_gateway import STREAM
from tests.emulators.discord_harness import (
    QUICK,
    DiscordHarness,
    answer_nothing,
    discord_harness,
)
from tests.emulators.discord_world import GUILD_ID
from tests.fakes import FakeClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
async def harness(clock: FakeClock) -> AsyncIterator[DiscordHarness]:
    """The adapter, open, in front of an emulator."""
    async with discord_harness(clock) as harness:
        yield harness


@pytest.fixture
async def emulator(clock: FakeClock) -> AsyncIterator[DiscordEmulator]:
    """A Discord that nobody is connected to."""
    emulator = DiscordEmulator(clock)
    await emulator.start()
    yield emulator
    await emulator.stop()


def chat_of(options: DiscordOptions, clock: FakeClock, tuning: Tuning = QUICK) -> DiscordChat:
    """Make an adapter, not yet open."""
    return DiscordChat(options, Serve(answer=answer_nothing, clock=clock), tuning)


async def sends(harness: DiscordHarness, number: int = 1) -> bool:
    """Whether a message goes through."""
    post = Post(key=key_of(number), channel=harness.channel, card=CARD)
    return isinstance(await harness.chat.send(post), Posted)


# --- connecting -------------------------------------------------------------------------------


async def test_we_ask_for_servers_alone(harness: DiscordHarness) -> None:
    """The one intent is guilds: no message and no member is ever read from the gateway."""
    assert [said["intents"] for said in harness.emulator.gateway.identified] == [1]


async def test_the_gateway_is_compressed(harness: DiscordHarness) -> None:
    """discord.py asks for a compressed stream of version 10."""
    query = harness.emulator.gateway.queries[0]

    assert (query["v"], query["encoding"]) == ("10", "json")
    assert query["compress"] == STREAM


async def test_a_refused_token_is_an_error_with_advice(
    emulator: DiscordEmulator, clock: FakeClock
) -> None:
    """A wrong token ends the start with what to do, and is not shown."""
    options = replace(emulator.options(), token=Secret("wrong-token-value"))
    with pytest.raises(ChatError, match="the token is refused") as caught:
        await chat_of(options, clock).open()

    assert "DISCORD_TOKEN" in caught.value.advice
    assert "wrong-token-value" not in str(caught.value)


async def test_refusals_without_end_are_ended_by_us(
    emulator: DiscordEmulator, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Discord would ban us for what it refuses, we ask nothing more for ten minutes."""
    monkeypatch.setattr(budget, "MOST", 3)
    chat = chat_of(replace(emulator.options(), token=Secret("wrong-token-value")), clock)
    for _ in range(3):
        with pytest.raises(ChatError, match="the token is refused"):
            await chat.open()
    asked = len(emulator.sent())
    with pytest.raises(ChatError, match=r"too many requests .*Try again in 600 s"):
        await chat.open()
    assert len(emulator.sent()) == asked

    clock.advance(600)
    with pytest.raises(ChatError, match="the token is refused"):
        await chat.open()


async def test_an_unreachable_discord_is_an_error_with_advice(
    emulator: DiscordEmulator, clock: FakeClock
) -> None:
    """Without a network the start says so, and can be tried again."""
    options = emulator.options()
    chat = chat_of(options, clock)
    await emulator.stop()
    for _ in range(2):
        with pytest.raises(ChatError, match="cannot be reached") as caught:
            await chat.open()
    await chat.close()

    assert "discordstatus.com" in caught.value.advice


async def test_a_failed_start_can_be_repeated(emulator: DiscordEmulator, clock: FakeClock) -> None:
    """What was in the way may be gone the next time."""
    chat = chat_of(emulator.options(), clock)
    emulator.answer(503, "<html></html>", messages_only=False)
    with pytest.raises(ChatError, match="Discord answered 503"):
        await chat.open()
    emulator.ban(90)
    with pytest.raises(ChatError, match="Try again in 90 s"):
        await chat.open()
    await chat.open()
    await chat.close()


@pytest.mark.parametrize(
    ("code", "problem"), [(4004, "token"), (4013, "intents"), (4014, "intent"), (4011, "servers")]
)
async def test_a_fatal_close_is_an_error_with_advice(
    emulator: DiscordEmulator, clock: FakeClock, code: int, problem: str
) -> None:
    """A gateway that will not have us ends the start; it is not asked again and again."""
    emulator.gateway.refuse_identify = code
    chat = chat_of(emulator.options(), clock)
    with pytest.raises(ChatError, match=problem) as caught:
        await chat.open()

    assert caught.value.advice
    assert len(emulator.gateway.identified) == 1


async def test_a_silent_gateway_is_given_up(emulator: DiscordEmulator, clock: FakeClock) -> None:
    """A gateway that never becomes ready ends the start with advice."""
    emulator.gateway.mute = True
    chat = chat_of(emulator.options(), clock, Tuning(ready=0.3, request=2))
    with pytest.raises(ChatError, match="does not become ready"):
        await chat.open()


async def test_endpoints_are_given_back(emulator: DiscordEmulator, clock: FakeClock) -> None:
    """discord.py keeps its addresses for the whole process; closing restores them."""
    before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    chat = chat_of(emulator.options(), clock)
    await chat.open()
    during = discord.http.Route.BASE
    await chat.close()

    assert during == emulator.api_url
    assert before == (discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY)


async def test_opening_twice_leaves_one_connection(harness: DiscordHarness) -> None:
    """Opening again replaces the connection, and closing then gives the endpoints back."""
    await harness.chat.open()

    assert await sends(harness)
    await harness.chat.close()
    assert discord.http.Route.BASE == "https://discord.com/api/v10"


async def test_a_session_with_many_servers_opens(
    emulator: DiscordEmulator, clock: FakeClock
) -> None:
    """Ready waits for all servers; a channel of any of them is known by its name."""
    for number in range(1, 30):
        emulator.world.guild_names[GUILD_ID + number] = f"Newsroom {number}"
    chat = chat_of(emulator.options(), clock)
    await chat.open()
    await chat.close()


# --- losing the gateway -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", ["close 4000", "close 1000", "close 1001", "close 4009", "op 7", "op 9 true", "abort"]
)
async def test_a_lost_gateway_resumes(harness: DiscordHarness, how: str) -> None:
    """However the gateway is lost, the session is taken up again without a new IDENTIFY."""
    await harness.emulator.drop_gateway(how)
    await harness.emulator.reconnected()

    assert len(harness.emulator.gateway.identified) == 1
    assert harness.emulator.gateway.resumed == 1
    assert await sends(harness)


async def test_a_message_needs_no_gateway(harness: DiscordHarness) -> None:
    """Sending is REST alone: it goes on while the gateway is away."""
    harness.emulator.gateway.mute = True
    await harness.emulator.drop_gateway("op 9 false")

    assert await sends(harness)


async def test_a_lost_session_is_begun_anew_after_a_pause(
    harness: DiscordHarness, clock: FakeClock
) -> None:
    """After op 9 a new session begins, but never at once: sessions are counted by the day."""
    await harness.emulator.drop_gateway("op 9 false")
    await clock.slept()
    waited = len(harness.emulator.gateway.identified)
    clock.advance(5)
    await harness.emulator.reconnected()

    assert waited == 1
    assert len(harness.emulator.gateway.identified) == 2
    assert await sends(harness)


async def test_refused_sessions_are_asked_for_less_and_less_often(
    harness: DiscordHarness, clock: FakeClock
) -> None:
    """A gateway that refuses every session is not stormed."""
    harness.emulator.gateway.invalid_sessions = 3
    await harness.emulator.drop_gateway("op 9 false")
    for number, pause in enumerate((5, 10, 20, 40), 1):
        await clock.slept()
        clock.advance(pause - 1)
        assert len(harness.emulator.gateway.identified) == number
        clock.advance(1)
    await harness.emulator.reconnected()

    assert len(harness.emulator.gateway.identified) == 5
    assert await sends(harness)


async def test_a_revoked_token_is_said_once(
    harness: DiscordHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """When the token is revoked while we run, every send says so, and nobody asks again."""
    harness.revoke()
    async with asyncio.timeout(5):
        while harness.chat._connection.refusal is None:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)
    before = len(harness.emulator.sent())
    outcome = await harness.chat.send(Post(key=key_of(1), channel=harness.channel, card=CARD))

    assert isinstance(outcome, ShutOut)
    assert outcome.code == "4004"
    assert len(harness.emulator.sent()) == before
    assert len([r for r in caplog.records if "closed the gateway" in r.getMessage()]) == 1
    findings = await harness.chat.inspect([harness.channel])
    assert [finding.about for finding in findings] == ["discord"]


# --- how often a session may be begun ---------------------------------------------------------


def test_the_first_session_begins_at_once() -> None:
    """A start waits for nothing."""
    assert identify_pause([], NOON) == timedelta()


@pytest.mark.parametrize(
    ("before", "pause"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 180), (99, 180)]
)
def test_pauses_double(before: int, pause: int) -> None:
    """The pause doubles with each session of the last hour, up to three minutes."""
    assert identify_pause([NOON] * before, NOON) == timedelta(seconds=pause)


def test_time_that_passed_counts() -> None:
    """What has been waited already is not waited again."""
    assert identify_pause([NOON], NOON + timedelta(seconds=4)) == timedelta(seconds=1)
    assert identify_pause([NOON] * 9, NOON + timedelta(hours=2)) == timedelta()


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=40))
def test_a_day_never_begins_a_thousand_sessions(lives: list[int]) -> None:
    """However long sessions live, a day begins fewer than the 1,000 that Discord allows."""
    now, earlier, begun = NOON, list[datetime](), 0
    for life in itertools.cycle(lives):
        now += identify_pause(earlier, now)
        if now >= NOON + timedelta(days=1):
            break
        earlier, begun = [*earlier[-99:], now], begun + 1
        now += timedelta(seconds=life)

    assert begun < 1_000


# --- registering ------------------------------------------------------------------------------


async def test_the_platform_connects_when_it_has_a_token(
    emulator: DiscordEmulator, clock: FakeClock
) -> None:
    """Without a token Discord is left out; with one, making the adapter touches no network."""
    options = emulator.options()
    chat = DISCORD.connect(options, Serve(answer=answer_nothing, clock=clock))

    assert DISCORD.ready(options)
    assert not DISCORD.ready(DiscordOptions())
    assert chat.platform == DISCORD.name == "discord"
    assert emulator.sent() == []
