"""`redline check` and the invitation for Discord."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import ChannelRef, Secret, Verdict
from handlers.discord.check import judge
from handlers.discord.invite import NEEDED, client_id_of, invite_url
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_harness import DiscordHarness
from tests.emulators.discord_world import BOT_ID, GUILD_ID
from tests.fakes import FakeClock

DESK = ChannelRef("discord", "#policy-desk")


@pytest.fixture
async def harness(clock: FakeClock) -> AsyncIterator[DiscordHarness]:
    """An adapter that nobody opened, in front of an emulator."""
    harness = DiscordHarness(clock)
    await harness.emulator.start()
    yield harness
    await harness.emulator.stop()


async def test_a_check_needs_no_gateway(harness: DiscordHarness) -> None:
    """`redline check` beside a running service begins no session of its own."""
    findings = await harness.make_chat().inspect([harness.channel, DESK])

    assert [finding.verdict for finding in findings] == [Verdict.GOOD] * 3
    assert findings[0].said == "logged in as Redline"
    assert harness.emulator.gateway.identified == []
    assert not [line for line in harness.emulator.sent() if line.startswith("POST")]


async def test_a_check_names_what_is_missing(harness: DiscordHarness) -> None:
    """A missing permission is named as Discord's settings name it."""
    harness.emulator.desk.denied = discord.Permissions(embed_links=True).value
    bad = (await harness.make_chat().inspect([harness.channel]))[-1]
    harness.emulator.desk.denied = discord.Permissions(read_message_history=True).value
    warned = (await harness.make_chat().inspect([harness.channel]))[-1]

    assert (bad.verdict, warned.verdict) == (Verdict.BAD, Verdict.WARNING)
    assert "Embed Links" in bad.advice
    assert "Read Message History" in warned.advice


@pytest.mark.parametrize("left_out", ["/guilds/", "/channels/"])
async def test_a_discord_that_serves_no_questions_is_no_fault(
    harness: DiscordHarness, left_out: str
) -> None:
    """What cannot be looked at is warned of: a proxy may serve messages alone."""
    harness.emulator.leave_out(left_out)
    found = (await harness.make_chat().inspect([harness.channel]))[-1]

    assert found.verdict is Verdict.WARNING
    assert found.advice


async def test_a_check_of_names(harness: DiscordHarness) -> None:
    """A name that two channels have, or none, is bad, and the advice is to write the id."""
    harness.emulator.world.guild_names[GUILD_ID + 1] = "Another Newsroom"
    harness.emulator.add_channel("policy-desk", guild_id=GUILD_ID + 1)
    names = [DESK, ChannelRef("discord", "#nowhere"), ChannelRef("discord", "policy desk")]
    findings = await harness.make_chat().inspect(names)

    assert [finding.verdict for finding in findings[1:]] == [Verdict.BAD] * 3
    assert all("Copy Channel ID" in finding.advice for finding in findings[1:])


async def test_a_check_without_a_network(harness: DiscordHarness) -> None:
    """Where Discord cannot be reached, the check says so once, with advice."""
    chat = harness.make_chat()
    await harness.emulator.stop()
    findings = await chat.inspect([harness.channel])

    assert [finding.verdict for finding in findings] == [Verdict.BAD]
    assert "REDLINE_DISCORD_API_URL" in findings[0].advice


async def test_one_trouble_hides_no_other_channel(harness: DiscordHarness) -> None:
    """A channel that is gone, and one of a server we left, leave the others checked."""
    gone = ChannelRef("discord", "1187500000000000777")
    left = harness.emulator.add_channel("elsewhere", guild_id=GUILD_ID + 9)
    refs = [gone, ChannelRef("discord", str(left.id)), harness.channel]
    findings = await harness.make_chat().inspect(refs)

    verdicts = [finding.verdict for finding in findings[1:]]
    assert verdicts == [Verdict.BAD, Verdict.BAD, Verdict.GOOD]
    assert "invite" in findings[2].advice


@given(st.integers(0, NEEDED.value))
def test_what_is_asked_for_is_what_is_needed(taken: int) -> None:
    """With all that the invitation asks for a channel is good; with anything less it is not."""
    allowed = discord.Permissions(NEEDED.value & ~taken)
    finding = judge(DESK, allowed)

    assert (finding.verdict is Verdict.GOOD) == (allowed == NEEDED)
    assert (finding.verdict is Verdict.GOOD) == (not finding.advice)


def test_the_invitation_asks_for_six_permissions() -> None:
    """The link carries the application, both scopes and the permissions of the documentation."""
    query = parse_qs(urlsplit(invite_url("1200000000000000001")).query)

    assert query == {
        "client_id": ["1200000000000000001"],
        "scope": ["bot applications.commands"],
        "permissions": ["309237730304"],
    }


def test_the_token_says_whose_it_is(clock: FakeClock) -> None:
    """The application's id is read from the token without asking anybody."""
    assert client_id_of(Secret(DiscordEmulator(clock).world.token)) == str(BOT_ID)


@pytest.mark.parametrize("token", ["", ".", "xoxb-1-2", "äöü.x.y", "!!!!.a.b", "aGVsbG8.a.b"])
def test_what_is_no_token_says_nothing(token: str) -> None:
    """Anything else is no reason to fail, only to ask for the id."""
    assert client_id_of(Secret(token)) is None


@given(st.integers(10**16, 10**19))
def test_every_id_comes_back(number: int) -> None:
    """Whatever the length of an id, and so of its padding, it is read."""
    first = base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")

    assert client_id_of(Secret(f"{first}.abc.def")) == str(number)
