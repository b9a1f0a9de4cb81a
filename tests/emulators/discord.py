"""A Discord on loopback: REST v10 and gateway v10 on the real wire, with verbs that break it.

    emulator = DiscordEmulator(clock)
    await emulator.start()
    ... DiscordOptions(api_url=emulator.api_url, gateway_url=emulator.gateway_url, ...)
    emulator.drop_reply_after_accepting()
    assert emulator.keys() == [...]

`world.accepted` is the truth about what was lost and what was doubled.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import discord
from aiohttp import web

from bot.model import MessageRef, Secret
from bot.ports import Clock
from handlers.discord.options import DiscordOptions
from tests.emulators.discord_gateway import Gateway
from tests.emulators.discord_interactions import AUTOCOMPLETE, COMMAND, Interaction
from tests.emulators.discord_rest import Fault, Rest
from tests.emulators.discord_world import (
    BOT_ID,
    GUILD_ID,
    READER_ID,
    TEXT,
    Place,
    World,
)

__all__ = ["BOT_ID", "GUILD_ID", "DiscordEmulator"]


class DiscordEmulator:
    """One Discord with one bot in one server."""

    def __init__(self, clock: Clock, nonce_window: timedelta = timedelta(minutes=5)) -> None:
        self.world = World(clock, nonce_window)
        self.gateway = Gateway(self.world)
        self.rest = Rest(self.world, self.gateway)
        self.desk = self.world.add_channel("policy-desk")
        self.api_url = self.gateway_url = ""
        self._runner: web.AppRunner | None = None
        self._beside: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        app = web.Application(middlewares=[self.rest.around])
        shelf = self.rest.interactions.shelf
        gateway = web.get("/gateway", self.gateway.handle)
        app.add_routes([*self.rest.routes(), gateway, shelf.route()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_url = f"http://127.0.0.1:{port}/api/v10"
        shelf.base = f"http://127.0.0.1:{port}"
        self.gateway.url = self.gateway_url = f"ws://127.0.0.1:{port}/gateway"

    async def stop(self) -> None:
        """Stop listening."""
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self.gateway.close()
        if self._runner:
            await self._runner.cleanup()

    def options(self) -> DiscordOptions:
        """Return the options with which the bot reaches this Discord."""
        return DiscordOptions(
            token=Secret(self.world.token), api_url=self.api_url, gateway_url=self.gateway_url
        )

    # --- what a test asks ---------------------------------------------------------------------

    def keys(self) -> list[str]:
        """The nonces of the messages that were taken in, in order."""
        return [entry.nonce for entry in self.world.accepted]

    async def took_in(self, count: int) -> None:
        """Return once so many messages were taken in."""
        async with asyncio.timeout(5):
            while len(self.world.accepted) < count:
                self.world.taken.clear()
                await self.world.taken.wait()

    def doubled(self) -> set[str]:
        """The nonces that were taken in more than once."""
        return {key for key, times in Counter(self.keys()).items() if times > 1}

    def message(self, ref: MessageRef) -> dict[str, Any]:
        """The message as it is now."""
        place = self.world.places[int(ref.channel_id)]
        return self.world.message(place, int(ref.message_id))

    def message_of(self, key: str) -> dict[str, Any]:
        """The message with this key as it is now."""
        entry = next(entry for entry in self.world.accepted if entry.nonce == key)
        return self.world.message(self.world.places[entry.channel_id], entry.message_id)

    def sent(self) -> list[str]:
        """The requests so far, such as `POST /api/v10/channels/1/messages`."""
        return self.rest.requests

    # --- what Discord is told to do -----------------------------------------------------------

    def add_channel(self, name: str, *, type_: int = TEXT, guild_id: int = GUILD_ID) -> Place:
        """Make a channel; before the bot connects, or it will not have been told of it."""
        return self.world.add_channel(name, type_=type_, guild_id=guild_id)

    def drop_reply_after_accepting(self) -> None:
        """Take the next message in and lose the answer."""
        self.rest.faults.append(Fault(drop_after=True))

    def hold_reply(self, seconds: float = 3600) -> None:
        """Take the next message in and answer so late that nobody waits any more."""
        self.rest.faults.append(Fault(hold_after=seconds))

    def hold_look(self) -> None:
        """Never answer the next look into a channel."""
        self.rest.faults.append(Fault(looks_only=True, delay=3600))

    def delay(self, seconds: float) -> None:
        """Let the next message wait so long before it is looked at."""
        self.rest.faults.append(Fault(delay=seconds))

    def drop_request(self, *, messages_only: bool = True) -> None:
        """Answer the next request with nothing at all, ever."""
        self.rest.faults.append(Fault(delay=3600, messages_only=messages_only))

    def answer(
        self,
        status: int,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        messages_only: bool = True,
    ) -> None:
        """Answer the next request so, without acting on it. A body of text is sent as HTML."""
        html = isinstance(body, str)
        written = {"Content-Type": "text/html" if html else "application/json"}
        fault = Fault(
            status=status,
            headers=written | ({"Via": "1.1 google"} if headers is None else headers),
            body=body if html else json.dumps(body or {}),
            messages_only=messages_only,
        )
        self.rest.faults.append(fault)

    def leave_out(self, *parts: str) -> None:
        """Serve no address that contains one of these, as a proxy with a list of its own does."""
        self.rest.left_out |= set(parts)

    def rate_limit(self, seconds: float, *, everywhere: bool = False) -> None:
        """Answer the next request with Discord's own 429."""
        body = {"message": "You are being rate limited.", "retry_after": seconds}
        headers = {"Via": "1.1 google", "Retry-After": f"{seconds:g}"}
        scope = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"} if everywhere else {}
        said = body | {"global": everywhere}
        self.answer(429, said, headers | scope, messages_only=False)

    def ban(self, seconds: float | None = None) -> None:
        """Answer the next request as Cloudflare does: no Via, a page of HTML."""
        headers = {} if seconds is None else {"Retry-After": f"{seconds:g}"}
        self.answer(429, "<html>error code: 1015</html>", headers, messages_only=False)

    def limit_bucket(self, requests: int, seconds: float) -> None:
        """Let every route take so many requests in so many seconds."""
        self.rest.bucket = (requests, seconds)

    def add_permission(self, place: Place, **names: bool) -> None:
        """Give the bot more in a channel than its invitation asked for."""
        place.granted |= discord.Permissions(**names).value

    def remove_permission(self, place: Place, **names: bool) -> None:
        """Take permissions from the bot in a channel: `send_messages=True`."""
        place.denied |= discord.Permissions(**names).value
        self._tell("CHANNEL_UPDATE", place.payload())

    def restore_permissions(self, place: Place) -> None:
        """Give the bot back what the invitation gave it."""
        place.denied = 0
        self._tell("CHANNEL_UPDATE", place.payload())

    def delete_channel(self, place: Place) -> None:
        """Delete a channel."""
        del self.world.places[place.id]
        self._tell("CHANNEL_DELETE", place.payload())

    def delete_message(self, ref: MessageRef) -> None:
        """Delete a message; its nonce stays known."""
        place = self.world.places[int(ref.channel_id)]
        place.messages.remove(self.message(ref))

    def revoke_token(self) -> None:
        """Refuse the token from now on, and end the sessions as Discord does."""
        self.world.token = "revoked"
        self._soon(self.gateway.drop("close 4004"))

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        """Let the gateway tell the bot."""
        self._soon(self.gateway.dispatch(kind, data))

    def _soon(self, doing: Coroutine[Any, Any, None]) -> None:
        """Let something happen beside the test; `stop` waits for it."""
        self._beside.append(asyncio.get_running_loop().create_task(doing))

    def chatter(self, place: Place, count: int) -> None:
        """Let others write into a channel."""
        for number in range(count):
            self.world.post(place, {"content": f"message {number}"}, author=READER_ID)

    async def drop_gateway(self, how: str) -> None:
        """Lose the gateway: `close 4000`, `op 7`, `op 9 true`, `op 9 false`, `abort`."""
        await self.gateway.drop(how)

    async def press(self, ref: MessageRef, custom_id: str, user_id: int = READER_ID) -> Interaction:
        """Let a user press a button of a message."""
        place = self.world.places[int(ref.channel_id)]
        return await self.rest.interactions.press(place, self.message(ref), custom_id, user_id)

    async def press_private(
        self, number: int, user_id: int = READER_ID, *, whisper: int = 0
    ) -> Interaction:
        """Let a user press a button of a private message, the first one, counted from 0."""
        shown = self.rest.interactions.whispers[whisper]
        buttons = [item for row in shown.message["components"] for item in row["components"]]
        return await self.rest.interactions.press_private(
            self.desk, shown, buttons[number]["custom_id"], user_id
        )

    async def command(
        self, name: str, *options: dict[str, Any], completing: bool = False
    ) -> Interaction:
        """Let a user write a slash command, or begin to."""
        kind = AUTOCOMPLETE if completing else COMMAND
        data = {"id": "1", "name": name, "type": 1, "options": list(options)}
        return await self.rest.interactions.raise_(self.desk, kind, {"data": data}, READER_ID)

    async def reconnected(self) -> None:
        """Return once the bot is connected again."""
        async with asyncio.timeout(5):
            await self.gateway.connected()
