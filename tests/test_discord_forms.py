"""Forms on Discord, and what they decide, through discord.py and the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.model import (
    Action,
    Asked,
    Card,
    Choice,
    Form,
    MessageRef,
    OptionKind,
    Post,
    Posted,
    Reply,
    Standing,
)
from tests.contracts.chat import key_of
from tests.contracts.commands import FakeDesk, Seen
from tests.contracts.forms import FormContract, FormHarness, SeenField, SeenForm
from tests.emulators.discord_files import Upload
from tests.emulators.discord_interactions import Interaction
from tests.emulators.discord_world import READER_ID
from tests.fakes import FakeClock
from tests.test_discord_commands import DiscordCommands

KEY = key_of(1)


class DiscordForms(DiscordCommands):
    """One person in the server who fills in forms."""

    def __init__(self, clock: FakeClock, desk: FakeDesk) -> None:
        super().__init__(clock, desk)
        self._given_back: Reply | None = None
        self._posted: MessageRef | None = None

    async def form(self) -> SeenForm:
        modal = (await self.interactions.opened()).modal
        held = self.interactions.modals[-1].held
        fields = [
            SeenField(label=part["label"], values=tuple(filter(None, values)))
            for part, values in zip(modal["components"], held, strict=True)
        ]
        said = [str(part.get("description", "")) for part in modal["components"]]
        return SeenForm(title=modal["title"], fields=tuple(fields), words="\n".join(said))

    def fill(self, label: str, *values: str) -> None:
        self.interactions.modals[-1].fill(label, values)

    def attach(self, label: str, upload: Upload) -> None:
        self.interactions.modals[-1].attach(label, upload)

    async def complete(self, label: str, typed: str) -> Sequence[str]:
        values = self.interactions.modals[-1].offered(label)
        return [value for value in values if typed in value]

    async def submit(self) -> Interaction:
        self._given_back = self.desk.outcomes[0] if self.desk.outcomes else None
        return await self._done(self.interactions.submit(self.emulator.desk, READER_ID))

    async def mistakes(self) -> Mapping[str, str]:
        """Read the private message that names the mistakes, and press its button."""
        assert isinstance(self._given_back, Form)
        self.asides += 1
        await self.interactions.changed(self.asides)
        message = self.interactions.whispers[-1].message
        told = message["embeds"][0]["description"].split("\n\n")[:-1]
        by_label = (part.partition("\n") for part in told)
        # The service keeps in the draft what was filled in, and opens the form with it.
        sent = self.desk.submissions[-1]
        fields = [
            replace(field, values=field.values or sent.all(field.name))
            for field in self._given_back.fields
        ]
        again = replace(self._given_back, fields=tuple(fields))
        self.desk.pressed = {Action.FORM: again}
        await self._done(self.emulator.press_private(0, whisper=-1))
        return {label.strip("*"): mistake for label, _, mistake in by_label}

    async def post(self, card: Card) -> None:
        post = Post(key=KEY, channel=self.discord.channel, card=card)
        sent = await self.discord.chat.send(post)
        assert isinstance(sent, Posted)
        self._posted = sent.message

    async def press_posted(self, number: int) -> Interaction:
        assert self._posted
        message = self.emulator.message(self._posted)
        buttons = [item for row in message["components"] for item in row["components"]]
        pressing = self.emulator.press(self._posted, buttons[number]["custom_id"])
        return await self._done(pressing)

    async def posted(self, edits: int) -> Seen:
        assert self._posted
        await self.interactions.edited(edits)
        assert self.interactions.public_edits == edits
        return self._seen(self.emulator.message(self._posted))

    async def restart(self) -> None:
        await self.discord.restart()

    async def answered(self, errands: int) -> None:
        async with asyncio.timeout(5):
            while len(self.desk.inbox.answered) < errands:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.01)


@asynccontextmanager
async def discord_forms(
    clock: FakeClock, desk: FakeDesk | None = None
) -> AsyncIterator[DiscordForms]:
    """Open the adapter in front of an emulator, and close both."""
    harness = DiscordForms(clock, desk or FakeDesk())
    await harness.discord.start()
    yield harness
    await harness.discord.stop()


@pytest.fixture
async def harness(clock: FakeClock) -> AsyncIterator[DiscordForms]:
    """The adapter, open."""
    async with discord_forms(clock) as harness:
        yield harness


class ForgetfulDesk(FakeDesk):
    """Cannot suggest any name."""

    async def suggest(self, asked: Asked, kind: OptionKind, typed: str) -> Sequence[Choice]:
        raise ValueError("inner workings")


class TestDiscordForms(FormContract):
    """The suite that every platform with forms passes.

    Modals complete nothing while it is typed, so names are offered when the form is opened.
    """

    async def fill_in(self, harness: Any) -> None:
        harness.desk.choices = harness.desk.choices or [Choice(value="gaza", label="gaza: Talks")]
        await super().fill_in(harness)

    async def test_a_name_is_completed_while_it_is_typed(self, harness: FormHarness) -> None:
        """The field of a name lets a person choose from what the service suggests."""
        harness.desk.choices = [
            Choice(value="gaza", label="gaza: The Gaza talks"),
            Choice(value="rafah", label="rafah"),
        ]
        await self.fill_in(harness)
        offered = await harness.complete("Like", "a")
        ((asked, kind, typed),) = harness.desk.completed

        assert list(offered) == ["gaza", "rafah"]
        assert (kind, typed) == (OptionKind.RULE, "")
        assert (asked.workspace, asked.user_id) == (harness.workspace, harness.person)
        assert asked.standing is Standing.MEMBER
        assert harness.faults() == []

    async def test_trouble_with_names_offers_nothing(self, harness: FormHarness) -> None:
        """Where names cannot be suggested, the form opens, and the name can be typed."""
        async with discord_forms(FakeClock(), ForgetfulDesk()) as other:
            await super().fill_in(other)
            other.fill("Like", "whatever")

            assert list(await other.complete("Like", "a")) == []
            assert other.faults() == []
