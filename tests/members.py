"""Members of a team, each in front of one platform's client: they type, read, fill in and press."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from tests.emulators.discord_interactions import Whisper as DiscordWhisper
from tests.emulators.discord_reader import read_message
from tests.emulators.discord_world import READER_ID, Visitor
from tests.emulators.slack_modal import Modal
from tests.emulators.slack_person import Person
from tests.emulators.slack_workspace import Message
from tests.house import House, until

MANAGE_GUILD = 1 << 5


class Member(Protocol):
    """Somebody who may do everything, and has the client open."""

    @property
    def name(self) -> str:
        """How the platform names them."""
        ...

    async def types(self, group: str, verb: str, **options: str) -> None:
        """Give a command."""
        ...

    async def reads(self, *words: str) -> str:
        """Wait until the newest private answer says all this, and return it."""
        ...

    async def presses(self, label: str) -> None:
        """Press a button of the newest private answer: the one so called, or that begins so."""
        ...

    async def fills(self, **values: str) -> None:
        """Wait for a form, fill in the fields whose labels begin so, and send it."""
        ...

    async def sees(self, number: int, *words: str) -> str:
        """Wait until the message with this number in the channel says all this; return it."""
        ...

    async def presses_on(self, number: int, label: str) -> None:
        """Press a button of a message in the channel."""
        ...

    def messages(self) -> list[str]:
        """Return what stands in the channel."""
        ...


class SlackMember:
    """An admin of the workspace, in #desk."""

    name = "U0PERSON"

    def __init__(self, house: House) -> None:
        """Come into the workspace."""
        self._slack = house.slack
        self._person = Person(house.slack)
        self._modal = Modal(self._person)
        house.slack.workspace.add_user(self._person.user, is_admin=True)

    async def types(self, group: str, verb: str, **options: str) -> None:
        await self._person.command(f"/{group}", " ".join([verb, *options.values()]))

    async def reads(self, *words: str) -> str:
        return await said(self._answer, words)

    def _answer(self) -> str:
        whispers = self._slack.private.whispers
        seen = whispers[-1].seen() if whispers else None
        return " ".join([seen.words, *seen.named]) if seen else ""

    async def presses(self, label: str) -> None:
        whisper = self._slack.private.whispers[-1]
        await self._person.press_private(whisper, _number(whisper.seen().labels, label))

    async def fills(self, **values: str) -> None:
        await self._modal.opened()
        for beginning, value in values.items():
            (label,) = [one for one in self._modal.labels if _begins(one, beginning)]
            self._modal.fill(label, value)
        await self._modal.submit()
        assert self._modal.mistakes() == {} if self._modal.is_open else True

    async def sees(self, number: int, *words: str) -> str:
        return await said(lambda: "".join(self.messages()[number : number + 1]), words)

    async def presses_on(self, number: int, label: str) -> None:
        message = self._posted()[number]
        seen = message.seen()
        await self._person.press(message, seen.buttons[_number(seen.labels, label)])

    def messages(self) -> list[str]:
        seen = [message.seen() for message in self._posted()]
        return [" ".join([one.words, *one.named]) for one in seen]

    def _posted(self) -> list[Message]:
        return self._slack.workspace.messages("#desk")


class DiscordMember:
    """Somebody who manages the server, in its desk channel."""

    name = str(READER_ID)

    def __init__(self, house: House) -> None:
        """Come into the server."""
        self._discord = house.discord
        self._interactions = house.discord.rest.interactions
        house.discord.world.people[READER_ID] = Visitor(permissions=MANAGE_GUILD)

    async def types(self, group: str, verb: str, **options: str) -> None:
        given = [{"name": name, "type": 3, "value": value} for name, value in options.items()]
        await self._discord.command(group, {"name": verb, "type": 1, "options": given})

    async def reads(self, *words: str) -> str:
        return await said(self._answer, words)

    def _answer(self) -> str:
        whispers = self._interactions.whispers
        return _told(whispers[-1].message) if whispers else ""

    async def presses(self, label: str) -> None:
        whisper: DiscordWhisper = self._interactions.whispers[-1]
        custom_id = _button(whisper.message, label)
        await self._interactions.press_private(self._discord.desk, whisper, custom_id, READER_ID)

    async def fills(self, **values: str) -> None:
        modal = await self._interactions.opened()
        labels = [part["label"] for part in modal.modal["components"]]
        for beginning, value in values.items():
            (label,) = [one for one in labels if _begins(one, beginning)]
            modal.fill(label, (value,))
        await self._interactions.submit(self._discord.desk, READER_ID)

    async def sees(self, number: int, *words: str) -> str:
        return await said(lambda: "".join(self.messages()[number : number + 1]), words)

    async def presses_on(self, number: int, label: str) -> None:
        message = self._posted()[number]
        custom_id = _button(message, label)
        await self._interactions.press(self._discord.desk, message, custom_id, READER_ID)

    def messages(self) -> list[str]:
        return [_told(message) for message in self._posted()]

    def _posted(self) -> list[dict[str, Any]]:
        return [self._discord.message_of(one.nonce) for one in self._discord.world.accepted]


def _told(message: dict[str, Any]) -> str:
    seen = read_message(message)
    return " ".join([seen.text, *seen.mentions])


async def said(read: Callable[[], str], words: tuple[str, ...]) -> str:
    """Wait until what is read holds all the words; where it never does, say what it holds."""
    try:
        await until(lambda: all(one in read() for one in words))
    except TimeoutError:
        raise AssertionError(f"{words} do not all stand in: {read()}") from None
    return read()


def _begins(label: str, beginning: str) -> bool:
    return label.casefold().startswith(beginning.replace("_", " ").casefold())


def _button(message: dict[str, Any], label: str) -> str:
    buttons = [item for row in message["components"] for item in row["components"]]
    return str(buttons[_number([one["label"] for one in buttons], label)]["custom_id"])


def _number(labels: Sequence[str], wanted: str) -> int:
    """Return which button has a label, or one that begins so."""
    if wanted in labels:
        return labels.index(wanted)
    (found,) = [number for number, label in enumerate(labels) if label.startswith(wanted)][:1]
    return found
