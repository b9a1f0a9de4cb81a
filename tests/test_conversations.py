"""The cases of commands as conversations, through both platforms' real libraries and emulators.

`test_commands_in_chat.py` asks one thing and turns pages; here forms are filled in, buttons pressed
and further commands given, each as far as one person at the platform's own client can go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.app import serve_of
from bot.commands import Desk
from bot.commands.typed import Mistake, read
from bot.model import (
    Argument,
    Asked,
    Card,
    Choice,
    FieldKind,
    Form,
    FormField,
    Menu,
    OptionKind,
    Order,
    Reply,
    Request,
    Submission,
)
from bot.ports import Clock, Serve
from bot.store.memory import MemoryStore
from tests.commands_archive import NOW, desk_of, shelf
from tests.commands_case import FILES, case_of, filled, order_of
from tests.commands_desk import card_of
from tests.contracts.commands import FakeDesk
from tests.contracts.forms import FormHarness
from tests.emulators.discord_interactions import Whisper
from tests.emulators.discord_reader import read_message
from tests.emulators.discord_world import READER_ID
from tests.fakes import FakeClock
from tests.house import until
from tests.test_commands_in_chat import ROUND, said_in
from tests.test_discord_forms import DiscordForms, discord_forms
from tests.test_slack_commands import SlackCommands, slack_commands

PREFIX = "acme-"
Step = Mapping[str, Any]


@dataclass(kw_only=True)
class TalkingDesk(FakeDesk):
    """The commands themselves; whoever asks is U1 of T1 in C1, as in the cases."""

    real: Desk
    channel_id: str = ""
    replies: list[Reply] = field(default_factory=list)
    form: Form | None = None

    def serve(self, clock: Clock, menu: Menu | None = None) -> Serve:
        return super().serve(clock, menu or self.real.menu)

    async def carry_out(self, order: Order) -> Reply:
        return self._kept(await serve_of(self.real).carry_out(_at_home(order)))

    async def answer(self, request: Request) -> Reply:
        return self._kept(await serve_of(self.real).answer(_at_home(request)))

    async def submit(self, submission: Submission) -> Reply:
        values = tuple(
            Argument(name=one.name, value="C1" if one.value == self.channel_id else one.value)
            for one in submission.values
        )
        asked = replace(_at_home(submission), values=values)
        return self._kept(await serve_of(self.real).submit(asked))

    async def suggest(self, asked: Asked, kind: OptionKind, typed: str) -> Sequence[Choice]:
        return await serve_of(self.real).suggest(_at_home(asked), kind, typed)

    def _kept(self, reply: Reply) -> Reply:
        if isinstance(reply, Form):
            fields = tuple(replace(one, values=self._here(one)) for one in reply.fields)
            reply = self.form = replace(reply, fields=fields)
        self.replies.append(reply)
        return reply

    def _here(self, one: FormField) -> tuple[str, ...]:
        """Return what a field holds, its channel by the platform's own id."""
        if one.kind is not FieldKind.CHANNELS:
            return one.values
        return tuple(self.channel_id if value == "C1" else value for value in one.values)


def _at_home(asked: Any) -> Any:
    return replace(asked, workspace="T1", channel_id="C1", user_id="U1", platform="slack")


class Client(Protocol):
    """What a person has in front of them."""

    @property
    def harness(self) -> FormHarness:
        """The adapter and its platform."""
        ...

    async def gives(self, order: Order) -> bool:
        """Give a command; False where the client offers none such."""
        ...

    async def presses(self, label: str) -> None:
        """Press the button that was shown last under a label."""
        ...

    def told(self) -> list[str]:
        """Return what the private messages say."""
        ...

    async def mends(self, form: Form) -> None:
        """Read what is wrong in a form, and come to where it can be mended."""
        ...


class SlackClient:
    """Slack's client."""

    def __init__(self, harness: SlackCommands) -> None:
        self.harness = harness

    async def gives(self, order: Order) -> bool:
        text = order.text or " ".join([order.verb, *(one.value for one in order.arguments)])
        await self.harness.somebody.command(f"/{PREFIX}{order.group}", text)
        return True

    async def presses(self, label: str) -> None:
        whispers = self.harness.slack.private.whispers
        await until(lambda: any(label in whisper.seen().labels for whisper in whispers))
        shown = next(one for one in reversed(whispers) if label in one.seen().labels)
        await self.harness.somebody.press_private(shown, shown.seen().labels.index(label))

    def told(self) -> list[str]:
        return [whisper.seen().words for whisper in self.harness.slack.private.whispers]

    async def mends(self, form: Form) -> None:
        said = await self.harness.mistakes()
        assert said.keys() == {one.label for one in form.fields if one.mistake}


class DiscordClient:
    """Discord's client."""

    def __init__(self, harness: DiscordForms, desk: Desk) -> None:
        self.harness = harness
        self._desk = desk

    async def gives(self, order: Order) -> bool:
        understood = read(order, self._desk.menu)
        if isinstance(understood, Mistake):
            return False
        options = {one.name: one.value for one in understood.arguments}
        await self.harness.command(understood.group, understood.verb, **options)
        return True

    async def presses(self, label: str) -> None:
        interactions, desk = self.harness.interactions, self.harness.emulator.desk
        await until(lambda: any(label in _buttons(one) for one in interactions.whispers))
        shown = next(one for one in reversed(interactions.whispers) if label in _buttons(one))
        await interactions.press_private(desk, shown, _buttons(shown)[label], READER_ID)

    def told(self) -> list[str]:
        whispers = self.harness.interactions.whispers
        return [read_message(whisper.message).text for whisper in whispers]

    async def mends(self, form: Form) -> None:
        labels = [one.label for one in form.fields if one.mistake]
        await until(lambda: any(all(one in words for one in labels) for words in self.told()))
        await self.presses("Edit again")


def _buttons(whisper: Whisper) -> dict[str, str]:
    """Return the custom_id of each button by its label."""
    rows = whisper.message["components"]
    return {one["label"]: one["custom_id"] for row in rows for one in row["components"]}


def steps_of(case: Mapping[str, Any]) -> Iterator[Step]:
    """Yield the steps that one person takes, until somebody else comes in, or time passes."""
    yield {"order": case["order"]}
    for step in case.get("steps", []):
        alone = set(step) <= {"order", "press", "fill"} and not isinstance(step.get("press"), dict)
        if not alone:
            return
        yield step


async def converse(client: Client, desk: TalkingDesk, case: Mapping[str, Any]) -> int:
    """Take the steps of a case, look at what is shown, and return how many were taken."""
    taken = 0
    for step in steps_of(case):
        replies = len(desk.replies)
        if not await take(client, desk, step):
            break
        await until(lambda before=replies: len(desk.replies) > before)  # type: ignore[misc]  # mypy infers no lambda with a default
        await look(client, desk, desk.replies[-1])
        taken += 1
    return taken


async def take(client: Client, desk: TalkingDesk, step: Step) -> bool:
    """Take a step; False where the client does not let a person do that."""
    if "order" in step:
        return await client.gives(order_of(step["order"]))
    if "press" in step:
        await client.presses(step["press"])
        return True
    return await fill_in(client, desk, step["fill"])


async def fill_in(client: Client, desk: TalkingDesk, changed: Mapping[str, Any]) -> bool:
    """Fill in the open form and send it; False where the client would not take or send it."""
    form = desk.form
    assert form
    held = filled(form, changed)
    if not all(_takes(one, held[one.name], desk) for one in form.fields):
        return False
    for one in form.fields:
        if one.name in changed:
            given = changed[one.name]
            values = given if isinstance(given, list) else [given]
            here = [desk.channel_id if value == "C1" else value for value in values]
            if one.kind is FieldKind.NAME:
                assert here[0] in await client.harness.complete(one.label, here[0][:4])
            client.harness.fill(one.label, *here)
    await client.harness.submit()
    return True


def _takes(one: FormField, held: Any, desk: TalkingDesk) -> bool:
    """Say whether a client lets a person leave this in a field."""
    values = [value for value in (held if isinstance(held, list) else [held]) if value.strip()]
    if one.required and not values:
        return False
    match one.kind:
        case FieldKind.CHOICE:
            return set(values) <= {choice.value for choice in one.choices}
        case FieldKind.CHANNELS:
            return set(values) <= {"C1", desk.channel_id}
        case FieldKind.LINE | FieldKind.TEXT:
            return all(len(value) <= one.longest for value in values)
        case FieldKind.NAME:
            return values == ["avel-red-line"]
        case _:
            return False


async def look(client: Client, desk: TalkingDesk, reply: Reply) -> None:
    """The person sees the whole reply."""
    if isinstance(reply, Form) and reply.has_mistakes:
        await client.mends(reply)
    if isinstance(reply, Form):
        form = await client.harness.form()
        assert [one.label for one in form.fields] == [one.label for one in reply.fields]
        return
    try:
        await until(lambda: any(_says(words, card_of(reply)) for words in client.told()))
    except TimeoutError:
        raise AssertionError(f"{said_in(card_of(reply))} is not in {client.told()}") from None


def _says(words: str, card: Card) -> bool:
    shown = words.translate(ROUND)
    return all(part in shown for part in said_in(card))


async def talking_desk(case: Mapping[str, Any]) -> TalkingDesk:
    """Return the commands over the archive of the cases."""
    store = MemoryStore()
    await store.open()
    await shelf().remember(store)
    return TalkingDesk(real=desk_of(store, PREFIX))


def has_steps(path: Path) -> bool:
    """Say whether a case goes on after its first order, or opens a form."""
    case = case_of(path)
    home = {"workspace", "channel", "user"}.isdisjoint(case["order"])
    return home and (bool(case.get("steps")) or any("form" in one for one in case["replies"]))


TALKS = [path for path in FILES if has_steps(path)]


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
async def test_a_conversation_in_slack(path: Path) -> None:
    """What a case says is shown in Slack, step after step, and Slack refuses nothing of it."""
    case = case_of(path)
    desk = await talking_desk(case)
    async with slack_commands(FakeClock(NOW), desk) as harness:
        desk.channel_id = harness.channel_id
        harness.become(order_of(case["order"]).standing)

        assert await converse(SlackClient(harness), desk, case) > 0
        assert harness.faults() == []


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
async def test_a_conversation_on_discord(path: Path) -> None:
    """What a case says is shown on Discord, step after step, and Discord refuses nothing of it."""
    case = case_of(path)
    desk = await talking_desk(case)
    async with discord_forms(FakeClock(NOW), desk) as harness:
        desk.channel_id = harness.channel_id
        harness.become(order_of(case["order"]).standing)

        await converse(DiscordClient(harness, desk.real), desk, case)
        assert harness.faults() == []


def test_every_button_of_a_draft_is_pressed_in_some_conversation() -> None:
    """Between them the conversations press what saves, edits, tries, confirms and undoes."""
    pressed = {
        str(step["press"]) for path in TALKS for step in steps_of(case_of(path)) if "press" in step
    }

    assert pressed >= {"Save", "Edit", "Add", "Change", "Undo", "Copy it"}
