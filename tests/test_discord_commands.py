"""Slash commands and pages on Discord, through discord.py and the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as generate
from hypothesis import strategies as st

from bot.model import (
    Choice,
    CommandSpec,
    Menu,
    Option,
    OptionKind,
    Post,
    Posted,
    Standing,
)
from handlers.discord.declare import declared, same
from tests.contracts.chat import key_of
from tests.contracts.commands import MENU, CommandContract, FakeDesk, Seen, page
from tests.emulators.discord_harness import DiscordHarness
from tests.emulators.discord_interactions import Interaction
from tests.emulators.discord_reader import read_message
from tests.emulators.discord_schema import faults
from tests.emulators.discord_world import GUILD_ID, READER_ID, Visitor
from tests.fakes import FakeClock

GUEST = 1 << 4
VISITORS = {
    Standing.ADMIN: Visitor(permissions=1 << 5),
    Standing.MEMBER: Visitor(),
    Standing.GUEST: Visitor(flags=GUEST),
    Standing.EXTERNAL: Visitor(in_server=False),
    Standing.BOT: Visitor(bot=True),
}
KEY = key_of(1)
COMMANDS = "/api/v10/applications/1200000000000000001/commands"


def subcommand(verb: str, **options: str) -> dict[str, Any]:
    """Write a verb with its options as Discord does."""
    written = [{"name": name, "type": 3, "value": value} for name, value in options.items()]
    return {"name": verb, "type": 1, "options": written}


class DiscordCommands:
    """The adapter in front of the emulator, and one person in the server."""

    person = str(READER_ID)
    workspace = str(GUILD_ID)

    def __init__(self, clock: FakeClock, desk: FakeDesk) -> None:
        self.desk = desk
        self.clock = clock
        self.discord = DiscordHarness(clock, desk.serve(clock))
        self.emulator = self.discord.emulator
        self.interactions = self.emulator.rest.interactions
        self.channel_id = str(self.emulator.desk.id)
        self.secrets: Sequence[str] = (self.emulator.world.token, "interaction-")
        self.asides = 0

    async def command(self, group: str, verb: str, **options: str) -> Interaction:
        written = subcommand(verb, **options)
        return await self._done(self.emulator.command(f"acme-{group}", written))

    async def misspell(self) -> Interaction:
        asked = await self._done(self.emulator.command("news", subcommand("search", query="x")))
        self.interactions.whispers.clear()
        self.interactions.changes = 0
        return asked

    async def _done(self, doing: Any) -> Interaction:
        asked: Interaction = await doing
        await asked.acknowledged()
        assert asked.refusals == []
        return asked

    async def repeat(self, asked: Any) -> None:
        await self.emulator.gateway.repeat_last()

    async def press(self, number: int) -> Interaction:
        return await self._done(self.emulator.press_private(number))

    async def answers(self, changes: int) -> Sequence[Seen]:
        await self.interactions.changed(changes + self.asides)
        assert self.interactions.changes == changes + self.asides
        return [self._seen(whisper.message) for whisper in self.interactions.whispers]

    def _seen(self, message: dict[str, Any]) -> Seen:
        read = read_message(message)
        buttons = [item for row in message["components"] for item in row["components"]]
        return Seen(
            words=read.text,
            bold=read.bold,
            links=read.links,
            mentions=[*read.mentions, *read.invitations],
            buttons=len(buttons),
        )

    def shown_to_all(self) -> int:
        return len(self.emulator.world.accepted)

    def become(self, standing: Standing) -> None:
        self.emulator.world.people[READER_ID] = VISITORS[standing]

    def faults(self) -> Sequence[str]:
        refused = [code for asked in self.interactions.all.values() for code in asked.refusals]
        late = [f"an acknowledgement was refused with {code}" for code in refused]
        return [*self.interactions.faults, *self.emulator.rest.refused, *late]

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)


@asynccontextmanager
async def discord_commands(
    clock: FakeClock, desk: FakeDesk | None = None
) -> AsyncIterator[DiscordCommands]:
    """Open the adapter in front of an emulator, and close both."""
    harness = DiscordCommands(clock, desk or FakeDesk())
    await harness.discord.start()
    yield harness
    await harness.discord.stop()


@pytest.fixture
async def harness(clock: FakeClock) -> AsyncIterator[DiscordCommands]:
    """The adapter, open."""
    async with discord_commands(clock) as harness:
        yield harness


class TestDiscordCommands(CommandContract):
    """The suite that every platform with commands passes."""


# --- declaring --------------------------------------------------------------------------------


def puts(harness: DiscordCommands) -> int:
    """Return how often commands were declared."""
    return harness.emulator.sent().count(f"PUT {COMMANDS}")


async def asked(harness: DiscordCommands, times: int) -> None:
    """Return once the adapter has looked what is declared so often."""
    async with asyncio.timeout(5):
        while harness.emulator.sent().count(f"GET {COMMANDS}") < times:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


async def test_commands_are_declared_only_when_they_changed(harness: DiscordCommands) -> None:
    """A start declares the commands, another start with the same does not, a changed one does."""
    await asked(harness, 1)
    await harness.discord.restart()
    await asked(harness, 2)
    unchanged = puts(harness)
    menu = replace(MENU, prefix="new-")
    harness.discord.serve = harness.desk.serve(harness.clock, menu)
    await harness.discord.restart()
    await asked(harness, 3)

    assert (unchanged, puts(harness)) == (1, 2)
    names = [command["name"] for command in harness.emulator.world.commands]
    assert names == [f"new-{group}" for group in MENU.groups()]
    assert harness.faults() == []


async def test_a_service_without_commands_leaves_what_is_there(harness: DiscordCommands) -> None:
    """Where the menu is empty nothing is asked and nothing taken away."""
    await asked(harness, 1)
    harness.discord.serve = harness.desk.serve(harness.clock, Menu())
    await harness.discord.restart()
    await asyncio.sleep(0.05)

    assert len(harness.emulator.world.commands) == len(MENU.groups())
    assert harness.emulator.sent().count(f"GET {COMMANDS}") == 1


async def test_a_discord_in_trouble_gets_the_commands_later(clock: FakeClock) -> None:
    """Where the declaration fails, alerts go on, and it is made a minute later."""
    harness = DiscordCommands(clock, FakeDesk())
    await harness.emulator.start()
    chat = harness.discord.make_chat()
    harness.emulator.rest.commands_down = 2
    await chat.open()
    await asked(harness, 1)
    sent = await chat.send(Post(key=key_of(1), channel=harness.discord.channel, card=page(0)))
    for tries in (2, 3):
        clock.advance(61)
        await asked(harness, tries)

    assert isinstance(sent, Posted)
    assert len(harness.emulator.world.commands) == len(MENU.groups())
    await chat.close()
    await harness.emulator.stop()


def test_a_declaration_says_all_that_the_menu_says() -> None:
    """Each group is a command in servers, its verbs below it, the names of rules completed."""
    news, redline, watch = declared(MENU)
    _, why = news["options"]

    assert (news["name"], redline["name"]) == ("acme-news", "acme-redline")
    assert (news["contexts"], news["integration_types"]) == ([0], [0])
    assert [(o["name"], o["required"], o["autocomplete"]) for o in why["options"]] == [
        ("article", True, False),
        ("rule", False, True),
    ]
    assert [
        problem for command in (news, redline, watch) for problem in faults("command", command)
    ] == []


@generate(help_text=st.text(max_size=300), name=st.sampled_from(["a", "b", "c"]))
def test_any_help_fits(help_text: str, name: str) -> None:
    """Whatever a help says, Discord takes the declaration."""
    option = Option(name=name, help=help_text)
    menu = Menu(
        commands=tuple(
            CommandSpec(group="news", verb=f"verb{number}", help=help_text, options=(option,))
            for number in range(10)
        )
    )

    assert [problem for command in declared(menu) for problem in faults("command", command)] == []


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({}, True),
        ({"id": "9", "version": "3", "nsfw": False, "default_member_permissions": None}, True),
        ({"name": "other"}, False),
        ({"description": "Other"}, False),
        ({"contexts": None}, False),
        ({"integration_types": [0, 1]}, False),
        ({"options": []}, False),
    ],
)
def test_a_change_is_seen(change: dict[str, Any], alike: bool) -> None:
    """What Discord adds to a declaration is no change; every other difference is one."""
    news, *others = declared(MENU)

    assert same([*others, news | change], [news, *others]) is alike


# --- completing -------------------------------------------------------------------------------


def typing(rule: str) -> dict[str, Any]:
    """Write a verb while its rule is being typed."""
    written = subcommand("why", rule=rule, article="https://example.org/1")
    written["options"][0]["focused"] = True
    return written


async def test_the_names_of_rules_are_completed(harness: DiscordCommands) -> None:
    """What is typed so far goes to the service, and its choices come back."""
    harness.desk.choices = [
        Choice(value=f"rule-{number}", label=f"rule-{number}: {'x' * 200}") for number in range(30)
    ]
    begun = await harness.emulator.command("acme-news", typing("ru"), completing=True)
    said = await begun.answered()

    assert len(said["choices"]) == 25
    assert said["choices"][0]["value"] == "rule-0"
    assert all(len(choice["name"]) <= 100 for choice in said["choices"])
    ((asked, kind, typed),) = harness.desk.completed
    assert (kind, typed) == (OptionKind.RULE, "ru")
    assert asked.standing is Standing.MEMBER
    assert harness.faults() == []


async def test_a_value_that_is_too_long_is_not_offered(harness: DiscordCommands) -> None:
    """A shortened value would name another rule, so it is left out."""
    harness.desk.choices = [Choice(value="r" * 101, label="Long"), Choice(value="r", label="")]
    begun = await harness.emulator.command("acme-news", typing(""), completing=True)

    assert (await begun.answered())["choices"] == []


async def test_trouble_completes_nothing(
    harness: DiscordCommands, caplog: pytest.LogCaptureFixture
) -> None:
    """Where suggestions fail, a person types on, and the log has the kind of trouble."""
    harness.desk.trouble = ValueError("inner workings")
    begun = await harness.emulator.command("acme-news", typing("x"), completing=True)

    assert (await begun.answered())["choices"] == []
    assert "ValueError" in caplog.text
    assert "inner workings" not in caplog.text


async def test_completing_an_unknown_command_offers_nothing(harness: DiscordCommands) -> None:
    """A command of another version is completed with nothing, and nobody is asked."""
    begun = await harness.emulator.command("news", typing("x"), completing=True)

    assert (await begun.answered())["choices"] == []
    assert harness.desk.completed == []


# --- who asks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visitor", "standing"),
    [
        (Visitor(permissions=1 << 3), Standing.ADMIN),
        (Visitor(permissions=1 << 5, flags=GUEST), Standing.GUEST),
        (Visitor(permissions=1 << 3, installed=False), Standing.EXTERNAL),
        (Visitor(permissions=1 << 3, bot=True), Standing.BOT),
        (Visitor(bot=True, in_server=False), Standing.BOT),
    ],
)
async def test_a_standing_is_the_least_that_discord_says(
    harness: DiscordCommands, visitor: Visitor, standing: Standing
) -> None:
    """Where Discord says several things of a person, the one that allows less counts."""
    harness.emulator.world.people[READER_ID] = visitor
    await harness.command("redline", "status")
    await harness.answers(1)

    assert [order.standing for order in harness.desk.orders] == [standing]


# --- pages ------------------------------------------------------------------------------------


async def test_pages_work_after_a_restart(harness: DiscordCommands) -> None:
    """Nothing is kept of an answer: its buttons work when the service was restarted."""
    await harness.command("news", "search", query="red line")
    await harness.answers(1)
    await harness.discord.restart()
    await harness.press(0)
    (seen,) = await harness.answers(2)

    assert "Found on page 1" in seen.words


async def test_an_answer_after_a_quarter_of_an_hour_is_let_go(
    harness: DiscordCommands, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord takes an answer for fifteen minutes; what comes later is logged and let go."""
    harness.desk.hold = asyncio.Event()
    await harness.command("redline", "status")
    harness.pass_time(901)
    harness.desk.hold.set()
    await harness.command("redline", "status")
    await harness.answers(1)

    assert "could not be answered (50027)" in caplog.text
