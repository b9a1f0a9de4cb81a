"""Slash commands and pages in Slack, through the real libraries and the emulator."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.model import Card, ChannelRef, Secret, Standing
from handlers.slack import once
from handlers.slack.answers import Answers
from handlers.slack.askers import Asker
from handlers.slack.chat import SlackChat
from handlers.slack.options import SlackOptions
from handlers.slack.people import standing_of
from handlers.slack.serve import PATH
from tests.contracts.chat import post_to
from tests.contracts.commands import CommandContract, FakeDesk, Seen, page
from tests.contracts.forms import FormContract, SeenField, SeenForm
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackEmulator
from tests.emulators.slack_modal import Modal
from tests.emulators.slack_person import Person, SignedSender
from tests.emulators.slack_reader import Reading
from tests.emulators.slack_socket import Envelope
from tests.emulators.slack_workspace import Json
from tests.fakes import FakeClock

DESK = ChannelRef("slack", "#mideast-desk")
FLAGS: dict[Standing, Json] = {
    Standing.ADMIN: {"is_admin": True},
    Standing.MEMBER: {},
    Standing.GUEST: {"is_restricted": True},
    Standing.EXTERNAL: {"team_id": "T0OTHER"},
    Standing.BOT: {"is_bot": True},
}


class SlackCommands:
    """The adapter over Socket Mode, and one person in the workspace."""

    secrets: Sequence[str] = (BOT_TOKEN, APP_TOKEN, "-secret")

    def __init__(self, slack: SlackEmulator, clock: FakeClock, desk: FakeDesk) -> None:
        self.slack = slack
        self.desk = desk
        self.clock = clock
        options = SlackOptions(
            api_url=slack.api_url, bot_token=Secret(BOT_TOKEN), app_token=Secret(APP_TOKEN)
        )
        self.options = options
        self.chat = SlackChat(options, desk.serve(clock))
        self.somebody = Person(slack)
        self.modal = Modal(self.somebody)
        self.person = self.somebody.user
        self.workspace = slack.workspace.team
        self.channel_id = next(iter(slack.workspace.channels))

    async def command(self, group: str, verb: str, **options: str) -> Envelope:
        return await self.somebody.command(f"/acme-{group}", " ".join([verb, *options.values()]))

    async def misspell(self) -> Envelope:
        return await self.somebody.command("/news", "search x")

    async def repeat(self, asked: Any) -> None:
        await self.slack.socket.deliver(asked)

    async def press(self, number: int) -> Envelope:
        return await self.somebody.press_private(self.slack.private.whispers[0], number)

    async def answers(self, changes: int) -> Sequence[Seen]:
        await self.slack.private.changed(changes)
        assert self.slack.private.changes == changes
        return [self._seen(whisper.seen()) for whisper in self.slack.private.whispers]

    def _seen(self, reading: Reading) -> Seen:
        return Seen(
            words=reading.words,
            bold=reading.bold,
            links=[(words, url) for url, words in reading.links],
            mentions=reading.mentions,
            buttons=len(reading.buttons),
        )

    async def form(self) -> SeenForm:
        view = await self.modal.opened()
        mistakes = self.modal.mistakes()
        fields = [
            SeenField(label=label, values=self.modal.values(label), mistake=mistakes.get(label, ""))
            for label in self.modal.labels
        ]
        title = view.body["title"]["text"]
        return SeenForm(title=title, fields=tuple(fields), words=view.seen().words)

    def fill(self, label: str, *values: str) -> None:
        self.modal.fill(label, *values)

    async def complete(self, label: str, typed: str) -> Sequence[str]:
        return [option["value"] for option in await self.modal.type(label, typed)]

    async def submit(self) -> Envelope:
        return await self.modal.submit()

    async def mistakes(self) -> Mapping[str, str]:
        await self.slack.views.until(lambda: self.modal.is_open and self.modal.mistakes())
        return self.modal.mistakes()

    async def post(self, card: Card) -> None:
        await self.chat.send(post_to(DESK, card=card))

    async def press_posted(self, number: int) -> Envelope:
        message = self.slack.workspace.messages(DESK.name)[0]
        return await self.somebody.press(message, message.seen().buttons[number])

    async def posted(self, edits: int) -> Seen:
        message = self.slack.workspace.messages(DESK.name)[0]
        await self.slack.private.until(lambda: message.edits >= edits)
        assert message.edits == edits
        return self._seen(message.seen())

    async def restart(self) -> None:
        """A crash gives nothing the time to end."""
        patience, once.CLOSE_PATIENCE = once.CLOSE_PATIENCE, 0
        await self.chat.close()
        once.CLOSE_PATIENCE = patience
        self.chat = SlackChat(self.options, self.desk.serve(self.clock))
        await self.chat.open()
        await self.slack.socket.connected()

    async def answered(self, errands: int) -> None:
        async with asyncio.timeout(10):
            while len(self.desk.inbox.answered) < errands:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.01)
        assert len(self.desk.inbox.answered) == errands

    def shown_to_all(self) -> int:
        return len(self.slack.workspace.accepted)

    def become(self, standing: Standing) -> None:
        self.slack.workspace.add_user(self.person, **FLAGS[standing])

    def faults(self) -> Sequence[str]:
        return self.slack.problems

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)


@asynccontextmanager
async def slack_commands(
    clock: FakeClock, desk: FakeDesk | None = None
) -> AsyncIterator[SlackCommands]:
    """Open the adapter in front of an emulator, and close both."""
    async with SlackEmulator(clock.now) as slack:
        slack.workspace.add_channel("#mideast-desk")
        harness = SlackCommands(slack, clock, desk or FakeDesk())
        await harness.chat.open()
        await slack.socket.connected()
        yield harness
        await harness.chat.close()


@pytest.fixture
async def harness(clock: FakeClock) -> AsyncIterator[SlackCommands]:
    """The adapter, open."""
    async with slack_commands(clock) as harness:
        yield harness


class TestSlackCommands(CommandContract):
    """The suite that every platform with commands passes."""


class TestSlackForms(FormContract):
    """The suite that every platform with forms passes."""


# --- who asks ---------------------------------------------------------------------------------


async def test_a_standing_is_asked_for_every_five_minutes(harness: SlackCommands) -> None:
    """Slack is asked who somebody is once in five minutes; a promotion is known after that."""
    await harness.command("redline", "status")
    await harness.answers(1)
    harness.become(Standing.ADMIN)
    harness.pass_time(299)
    await harness.command("redline", "status")
    await harness.answers(2)
    harness.pass_time(1)
    await harness.command("redline", "status")
    await harness.answers(3)

    standings = [order.standing for order in harness.desk.orders]
    assert standings == [Standing.MEMBER, Standing.MEMBER, Standing.ADMIN]
    assert len(harness.slack.calls("users.info")) == 2


async def test_without_the_scope_everybody_is_a_guest(
    harness: SlackCommands, caplog: pytest.LogCaptureFixture
) -> None:
    """A token that may not ask who people are takes nobody for a member, and says why."""
    harness.slack.scopes.discard("users:read")
    for _ in range(2):
        await harness.command("redline", "status")
    seen = await harness.answers(2)

    assert [order.standing for order in harness.desk.orders] == [Standing.GUEST] * 2
    assert "redline manifest slack" in seen[0].words
    assert len(harness.slack.calls("users.info")) == 1
    assert "missing_scope" in caplog.text


async def test_a_slack_that_does_not_say_who_asks_is_asked_again(harness: SlackCommands) -> None:
    """A passing trouble makes a guest of a member for one command only."""
    harness.slack.workspace.rate_limit(30, "users.info")
    for number in (1, 2):
        await harness.command("redline", "status")
        await harness.answers(number)
    first, second = harness.slack.private.whispers

    standings = [order.standing for order in harness.desk.orders]
    assert standings == [Standing.GUEST, Standing.MEMBER]
    assert "Try again in a minute" in first.seen().words
    assert "guest" not in second.seen().words


@pytest.mark.parametrize(
    ("user", "standing"),
    [
        ({"team_id": "T1"}, Standing.MEMBER),
        ({"team_id": "T1", "is_owner": True}, Standing.ADMIN),
        ({"team_id": "T1", "is_admin": True, "is_restricted": True}, Standing.GUEST),
        ({"team_id": "T1", "is_ultra_restricted": True}, Standing.GUEST),
        ({"team_id": "T1", "deleted": True, "is_admin": True}, Standing.GUEST),
        ({"team_id": "T1", "is_stranger": True, "is_admin": True}, Standing.EXTERNAL),
        ({"team_id": "T2", "is_admin": True}, Standing.EXTERNAL),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, Standing.MEMBER),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2"]}}, Standing.EXTERNAL),
        ({"team_id": "T2", "enterprise_user": None}, Standing.EXTERNAL),
        ({}, Standing.EXTERNAL),
        ({"id": "U1"}, Standing.MEMBER),
        ({"id": "U1", "is_admin": True}, Standing.ADMIN),
        ({"team_id": "T1", "is_bot": True, "is_admin": True}, Standing.BOT),
        ({"team_id": "T2", "is_workflow_bot": True}, Standing.BOT),
    ],
)
def test_a_standing_is_the_least_that_slack_says(user: Json, standing: Standing) -> None:
    """Where Slack says several things of a person, the one that allows less counts."""
    assert standing_of(user, "T1") is standing


# --- where answers go -------------------------------------------------------------------------


async def test_a_command_works_where_redline_is_no_member(harness: SlackCommands) -> None:
    """The answer goes through the command itself, so a channel needs no invitation."""
    harness.slack.workspace.kick("#mideast-desk")
    await harness.command("redline", "status")

    assert len(await harness.answers(1)) == 1
    assert harness.slack.calls("chat.postEphemeral") == []


async def test_a_late_answer_is_still_given(harness: SlackCommands) -> None:
    """After thirty minutes Slack takes no response any more; a private message it does."""
    harness.desk.hold = asyncio.Event()
    await harness.command("redline", "status")
    harness.pass_time(1_801)
    harness.desk.hold.set()

    assert len(await harness.answers(1)) == 1
    assert len(harness.slack.calls("chat.postEphemeral")) == 1


async def test_an_answer_that_cannot_be_given_is_let_go(
    harness: SlackCommands, caplog: pytest.LogCaptureFixture
) -> None:
    """Where Slack takes the answer nowhere, the next command is answered all the same."""
    harness.slack.workspace.kick("#mideast-desk")
    harness.desk.hold = asyncio.Event()
    await harness.command("redline", "status")
    harness.pass_time(1_801)
    harness.desk.hold.set()
    await harness.command("redline", "status")

    assert len(await harness.answers(1)) == 1
    assert "ERROR" not in {record.levelname for record in caplog.records}


async def test_a_page_button_on_a_public_message_turns_it_there(harness: SlackCommands) -> None:
    """A list that everybody sees is turned for everybody."""
    await harness.chat.send(post_to(DESK, card=page(0)))
    message = harness.slack.workspace.messages("#mideast-desk")[0]
    await harness.somebody.press(message)
    seen = await harness.posted(1)

    assert "Found on page 1" in seen.words
    assert await harness.answers(0) == []


@pytest.mark.parametrize("url", ["", "no address", "http://[", "http://127.0.0.1:1/x", "ftp://x"])
async def test_any_response_url_is_survived(harness: SlackCommands, url: str) -> None:
    """An address that takes no answer leaves the private message."""
    answers = Answers(harness.chat._client, harness.clock)
    asker = Asker(channel_id=harness.channel_id, user_id=harness.person, response_url=url)
    await answers.tell(asker, Card(title="Said"))
    (seen,) = await harness.answers(1)

    assert "Said" in seen.words


# --- signed HTTP ------------------------------------------------------------------------------


async def test_a_signed_command_is_answered_once(harness: SlackCommands, clock: FakeClock) -> None:
    """Over HTTP a signed command does what it does over the socket; a forged one does nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = SlackOptions(
        api_url=harness.slack.api_url,
        bot_token=Secret(BOT_TOKEN),
        signing_secret=Secret(SIGNING_SECRET),
        http_port=port,
    )
    chat = SlackChat(options, harness.desk.serve(clock))
    await chat.open()
    payload = harness.somebody.command_payload("/acme-redline", "status")
    url = f"http://127.0.0.1:{port}{PATH}"

    good = await SignedSender(url, SIGNING_SECRET, clock.now).send_command(payload)
    again = await SignedSender(url, SIGNING_SECRET, clock.now).send_command(payload)
    forged = await SignedSender(url, "another secret", clock.now).send_command(payload)
    await harness.answers(1)
    await chat.close()

    assert (good, again[0], forged[0]) == ((200, ""), 401, 401)
    assert len(harness.desk.orders) == 1
