"""The real adapter over the real discord.py, in front of the emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from bot.model import Card, ChannelRef, Request
from bot.ports import Answer, Serve
from handlers.discord.chat import DiscordChat
from handlers.discord.connection import Tuning
from tests.contracts.chat import Ability
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_reader import read_message
from tests.emulators.discord_schema import limits
from tests.emulators.discord_world import BOT_ID, THREAD
from tests.fakes import FakeClock

QUICK = Tuning(guild_ready=0.05, ready=10, request=5, farewell=0.1)


async def answer_nothing(request: Request) -> Card:
    """Answer a press in a test about something else."""
    return Card(title="Nothing to say")


class DiscordHarness:
    """The real adapter in front of the emulator."""

    lacks: frozenset[Ability] = frozenset()

    def __init__(self, clock: FakeClock, answer: Answer | Serve = answer_nothing) -> None:
        self.clock = clock
        self.serve = answer if isinstance(answer, Serve) else Serve(answer=answer, clock=clock)
        self.emulator = DiscordEmulator(clock)
        self.channel = ChannelRef("discord", str(self.emulator.desk.id))
        self.unknown = ChannelRef("discord", "1187500000000000777")
        self.secrets = (self.emulator.world.token,)
        self._chat: DiscordChat | None = None

    @property
    def chat(self) -> DiscordChat:
        assert self._chat is not None
        return self._chat

    async def start(self) -> None:
        await self.emulator.start()
        self._chat = self.make_chat()
        await self._chat.open()

    def make_chat(self, tuning: Tuning = QUICK) -> DiscordChat:
        """Make an adapter for this Discord, not yet open."""
        return DiscordChat(self.emulator.options(), self.serve, tuning)

    async def restart(self) -> None:
        """Close the adapter and open a new one, as a restart of the service does."""
        await self.chat.close()
        self._chat = self.make_chat()
        await self._chat.open()

    async def stop(self) -> None:
        await self.chat.close()
        await self.emulator.stop()

    def now(self) -> datetime:
        return self.clock.now()

    def accepted(self) -> Sequence[str]:
        return self.emulator.keys()

    def shown(self, key: str) -> str:
        return read_message(self.emulator.message_of(key)).text

    def parent(self, key: str) -> str | None:
        place = self.emulator.world.places[int(self.emulator.message_of(key)["channel_id"])]
        return str(place.id) if place.type == THREAD else None

    def _messages(self) -> list[dict[str, object]]:
        places = self.emulator.world.places.values()
        messages = [message for place in places for message in place.messages]
        return [message for message in messages if message["author"]["id"] == str(BOT_ID)]

    def pings(self) -> Sequence[str]:
        return [said for message in self._messages() for said in read_message(message).mentions]

    def links(self) -> Sequence[str]:
        seen = [read_message(message) for message in self._messages()]
        return [url for part in seen for _, url in part.links]

    def over_limits(self) -> Sequence[str]:
        found = [limit for message in self._messages() for limit in limits(message)]
        return [*found, *self.emulator.rest.refused]

    def chatter(self, count: int) -> None:
        self.emulator.chatter(self.emulator.desk, count)

    def drop_reply(self) -> None:
        self.emulator.drop_reply_after_accepting()

    def break_server(self) -> None:
        self.emulator.answer(500, {"message": "500: Internal Server Error", "code": 0})

    def break_content(self) -> None:
        self.emulator.answer(400, {"message": "Invalid Form Body", "code": 50035})

    def rate_limit(self, seconds: int) -> None:
        self.emulator.rate_limit(seconds)

    def archive(self) -> None:
        self.emulator.remove_permission(self.emulator.desk, send_messages=True)

    def unarchive(self) -> None:
        self.emulator.restore_permissions(self.emulator.desk)

    def revoke(self) -> None:
        self.emulator.revoke_token()

    def hide_history(self) -> None:
        self.emulator.remove_permission(self.emulator.desk, read_message_history=True)


@asynccontextmanager
async def discord_harness(
    clock: FakeClock, answer: Answer | Serve = answer_nothing
) -> AsyncIterator[DiscordHarness]:
    """Open the adapter in front of an emulator, and close both."""
    harness = DiscordHarness(clock, answer)
    await harness.start()
    yield harness
    await harness.stop()
