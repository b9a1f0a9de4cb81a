"""Forged, replayed, expired and unauthorised interactions on Discord: none does anything.

`make forged` tries 10,000 of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import given as generate
from hypothesis import strategies as st

from bot.commands import MENU as REAL_MENU
from bot.model import ChannelRef, Option, Post, Posted, Standing
from handlers.discord.orders import given
from tests.contracts.chat import CARD, key_of
from tests.contracts.commands import MENU, FakeDesk, kept_open
from tests.contracts.forged import EXAMPLES, Attempt, Vault, Who, attempts
from tests.emulators.discord_interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
)
from tests.emulators.discord_world import GUILD_ID, READER_ID
from tests.fakes import FakeClock
from tests.test_discord_commands import VISITORS, DiscordCommands, discord_commands, subcommand

LATE_SECONDS = 4
OTHER_GUILD = 1187500000000000777

# --- what is no interaction -------------------------------------------------------------------

odd: st.SearchStrategy[Any] = (
    st.none() | st.integers() | st.text(max_size=8) | st.just([]) | st.just({"name": "search"})
)
options = st.lists(
    st.dictionaries(st.sampled_from(["name", "type", "value", "options", "focused"]), odd)
    | st.just(subcommand("search", query="x"))
    | st.just(subcommand("nothing"))
    | st.just(subcommand("search", other="x"))
    | st.just(subcommand("search") | {"options": [{"name": "query", "type": 4, "value": 7}]}),
    max_size=3,
)
names = st.sampled_from(["news", "acme-", "acme-new", "ACME-NEWS"]) | st.text(max_size=8)
strangers = st.fixed_dictionaries(
    {"name": names, "options": options}, optional={"id": odd, "type": odd}
)
verbless = st.fixed_dictionaries(
    {
        "name": st.just("acme-news"),
        "options": options.filter(lambda found: found != [subcommand("search", query="x")]),
    }
)
custom_ids = st.text(max_size=20) | st.text("redlin:whypagx2._", max_size=30)
presses = custom_ids.filter(lambda said: not said.startswith(("redline:why:", "redline:page:")))
components = st.recursive(
    odd,
    lambda inner: st.dictionaries(
        st.sampled_from(["type", "component", "components", "custom_id", "value", "values"]),
        inner | st.lists(inner, max_size=2) | st.sampled_from([1, 4, 18, 19]),
        max_size=4,
    ),
    max_leaves=6,
)
form_ids = st.text(max_size=20) | st.sampled_from(["redline:form:", "redline:form:A:b", "redline:"])
modals = st.fixed_dictionaries(
    {"custom_id": form_ids, "components": st.lists(components, max_size=6)},
    optional={"resolved": st.dictionaries(st.sampled_from(["attachments"]), odd)},
)
forged_things = st.one_of(
    st.tuples(st.just(MODAL_SUBMIT), modals),
    st.tuples(st.sampled_from([COMMAND, AUTOCOMPLETE]), strangers | verbless),
    st.tuples(
        st.just(COMPONENT),
        presses.map(lambda said: {"custom_id": said, "component_type": 2, "id": 1}),
    ),
)


@generate(strangers | verbless | odd)
def test_what_is_not_on_the_menu_is_not_read(data: Any) -> None:
    """Whatever the data of a command is, it is one of the menu or none."""
    assert given(data, MENU) is None


def test_what_is_forged_is_acknowledged_and_asks_nothing() -> None:
    """Whatever comes in place of a command or press, nothing is carried out or broken."""
    with kept_open(discord_commands(FakeClock())) as (runner, harness):

        async def raise_(kind: int, data: dict[str, Any]) -> None:
            content = {"data": data}
            desk = harness.emulator.desk
            raised = await harness.interactions.raise_(desk, kind, content, READER_ID)
            await raised.acknowledged()

        @settings(max_examples=EXAMPLES)
        @generate(forged_things)
        def deliver(forged: tuple[int, dict[str, Any]]) -> None:
            runner.run(raise_(*forged))

            assert harness.desk.orders + harness.desk.presses == []
            assert harness.desk.submissions + harness.desk.completed == []

        deliver()
        said = harness.interactions.changes
        runner.run(harness.command("redline", "status"))
        runner.run(harness.answers(said + 1))

    assert len(harness.desk.orders) == 1
    assert len(harness.emulator.gateway.identified) == 1
    assert harness.faults() == []


# --- who may not ------------------------------------------------------------------------------

EDITOR_ID = READER_ID + 40
PEOPLE = {standing: READER_ID + 50 + at for at, standing in enumerate(Standing)}


class Guarded(DiscordCommands):
    """The adapter before the service as it really is, and people who may not change anything."""

    def __init__(self, clock: FakeClock) -> None:
        desk = FakeDesk()
        vault = Vault(
            workspace=str(GUILD_ID),
            channel=ChannelRef("discord", "1"),
            editors=frozenset({f"discord:{EDITOR_ID}"}),
            clock=clock,
        )
        desk.serve = vault.serve  # type: ignore[method-assign]  # the real service in its place
        super().__init__(clock, desk)
        self.vault = vault
        vault.channel = self.discord.channel
        self.elsewhere = self.emulator.add_channel("elsewhere", guild_id=OTHER_GUILD)
        for standing, person in PEOPLE.items():
            self.emulator.world.people[person] = VISITORS[standing]

    async def open(self) -> None:
        """Fill the vault, connect, and post an alert."""
        await self.vault.fill()
        await self.discord.start()
        self.vault.desk.chats.append(self.discord.chat)
        post = Post(key=key_of(1), channel=self.discord.channel, card=CARD)
        sent = await self.discord.chat.send(post)
        assert isinstance(sent, Posted)
        self.alert = self.emulator.message(sent.message)

    async def attempt(self, attempt: Attempt) -> Interaction:
        """Deliver an attempt, and wait until nothing is being answered any more."""
        who = attempt.who
        place = self.emulator.desk if who.from_here else self.elsewhere
        person = EDITOR_ID if who.editor else PEOPLE[who.standing]
        kind, content = self._content(attempt)
        raised = await self.interactions.raise_(place, kind, content, person)
        if attempt.late:
            self.pass_time(LATE_SECONDS)
        if attempt.again:
            await self.emulator.gateway.repeat_last()
        async with asyncio.timeout(10):
            while not (raised.acks or raised.refusals) or await self.vault.busy("discord"):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.002)
        self.interactions.modals.clear()
        return raised

    def _content(self, attempt: Attempt) -> tuple[int, dict[str, Any]]:
        """Write an attempt as Discord would deliver it."""
        if attempt.command:
            group, verb, arguments = attempt.command
            options = {argument.name: argument.value for argument in arguments}
            return COMMAND, command(group, subcommand(verb, **options))
        if attempt.press:
            custom_id = "redline:{}:{}".format(*attempt.press)
            data = {"custom_id": custom_id, "component_type": 2, "id": 1}
            return COMPONENT, {"data": data, "message": self.alert}
        if attempt.form:
            return MODAL_SUBMIT, {"data": sent_form(attempt), "message": self.alert}
        if attempt.typed:
            return AUTOCOMPLETE, typing(*attempt.typed)
        return COMMAND, command("redline", subcommand("status"))


def command(group: str, written: dict[str, Any]) -> dict[str, Any]:
    """Write a command as Discord does."""
    return {"data": {"id": "1", "name": f"acme-{group}", "type": 1, "options": [written]}}


def typing(kind: str, typed: str) -> dict[str, Any]:
    """Write a command while an option of a kind is being typed; any where none takes it."""
    taking = [(spec, one) for spec in REAL_MENU.commands for one in spec.options]
    spec, option = next((pair for pair in taking if is_of(pair[1], kind)), taking[0])
    written = subcommand(spec.verb, **{option.name: typed})
    written["options"][0]["focused"] = True
    return command(spec.group, written)


def is_of(option: Option, kind: str) -> bool:
    """Whether an option takes the name of such a thing."""
    return option.kind.value == kind


def sent_form(attempt: Attempt) -> dict[str, Any]:
    """Write a form as it comes back."""
    assert attempt.form
    name, draft, values = attempt.form
    fields = [{"type": 4, "custom_id": one.name, "value": one.value} for one in values]
    return {
        "custom_id": f"redline:form:{name}:{draft}",
        "components": [{"type": 18, "component": field} for field in fields],
    }


@asynccontextmanager
async def guarded() -> AsyncIterator[Guarded]:
    """Open the adapter before a vault."""
    harness = Guarded(FakeClock())
    await harness.open()
    yield harness
    await harness.discord.stop()


class Collecting(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def errors() -> Iterator[list[str]]:
    """Collect what is logged as an error meanwhile."""
    handler = Collecting(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield handler.said
    finally:
        logging.getLogger().removeHandler(handler)


def test_who_may_not_changes_nothing() -> None:
    """Strangers, guests, bots, viewers and other editors change nothing, whatever they send."""
    with errors() as broken, kept_open(guarded()) as (runner, harness):
        before = runner.run(harness.vault.held())

        @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
        @generate(attempts())
        def deliver(attempt: Attempt) -> None:
            raised = runner.run(harness.attempt(attempt))

            assert runner.run(harness.vault.held()) == before
            assert broken == []
            assert harness.interactions.public_edits == 0
            assert 10062 in raised.refusals or not attempt.late
            assert len(raised.acks) == (not attempt.late)

        deliver()
        assert len(harness.emulator.gateway.identified) == 1
        assert harness.interactions.faults == []
        assert len(harness.emulator.world.accepted) == 1


async def test_the_vault_can_be_changed() -> None:
    """Who may does change what is kept: the proof above would see it."""
    async with guarded() as harness:
        before = await harness.vault.held()
        who = Who(standing=Standing.MEMBER, editor=True)
        await harness.attempt(Attempt(who=who, press=("unmute", "mute7")))
        after = await harness.vault.held()

    assert after != before
