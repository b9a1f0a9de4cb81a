"""The emulator's interactions: presses that reach the bot by gateway, and its answers to them.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from tests.emulators import discord_schema as schema
from tests.emulators.discord_files import Shelf, attached, read_request
from tests.emulators.discord_gateway import Gateway
from tests.emulators.discord_modals import OpenModal, modal_limits
from tests.emulators.discord_world import BOT_ID, ApiError, Place, World, user

ACKNOWLEDGE_WITHIN = timedelta(seconds=3)
ANSWER_WITHIN = timedelta(minutes=15)
PATIENCE = 20.0
"""Seconds that a test waits for the bot; a busy machine may lose its gateway in between."""
COMPONENT, COMMAND, AUTOCOMPLETE, MODAL_SUBMIT = 3, 2, 4, 5


# The kinds of first answers:
# https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
MESSAGE, LATER, LATER_IN_PLACE, IN_PLACE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
EPHEMERAL = 64


@dataclass(slots=True)
class Whisper:
    """A private message as it stands now."""

    message: dict[str, Any]
    edits: int = 0


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One thing that somebody did, and what the bot said to it.

    `whisper` is the private message that belongs to it: the one on which a button was pressed, or
    the bot's answer; `beside` is the private message that was sent beside it.
    """

    id: int
    token: str
    at: datetime
    payload: dict[str, Any]
    acks: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    whisper: Whisper | None = None
    shown_on: Whisper | None = None
    beside: Whisper | None = None

    @property
    def private(self) -> bool:
        """Whether the bot's answer is seen by the one who asked alone."""
        if not self.acks:
            return False
        if self.acks[0]["type"] in {LATER_IN_PLACE, IN_PLACE}:
            return self.beside is not None or self.whisper is not None
        return bool((self.acks[0].get("data") or {}).get("flags", 0) & EPHEMERAL)

    async def answered(self) -> dict[str, Any]:
        """Return the bot's answer once it is there."""
        async with asyncio.timeout(PATIENCE):
            while not self.answers:
                self.changed.clear()
                await self.changed.wait()
        return self.answers[-1]

    async def acknowledged(self) -> None:
        """Return once the bot has acknowledged it."""
        async with asyncio.timeout(PATIENCE):
            while not self.acks:
                self.changed.clear()
                await self.changed.wait()

    def answer(self, said: dict[str, Any]) -> None:
        """Note what the bot said."""
        self.answers.append(said)
        self.changed.set()


class Interactions:
    """All interactions of the bot."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world = world
        self.gateway = gateway
        self.all: dict[str, Interaction] = {}
        self.whispers: list[Whisper] = []
        self.faults: list[str] = []
        self.modals: list[OpenModal] = []
        self.shelf = Shelf()
        self.changes = 0
        self.public_edits = 0
        self.broken = 0
        self._changed = asyncio.Event()

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes of the bot's answers."""
        original = f"{base}/webhooks/{{application}}/{{token}}/messages/@original"
        return [
            web.post(f"{base}/interactions/{{id}}/{{token}}/callback", self.callback),
            web.route("PATCH", original, self.edit_original),
            web.delete(original, self.delete_original),
            web.post(f"{base}/webhooks/{{application}}/{{token}}", self.follow_up),
        ]

    async def press(
        self, place: Place, message: dict[str, Any], custom_id: str, user_id: int
    ) -> Interaction:
        """Let a user press a button."""
        data = {"custom_id": custom_id, "component_type": 2, "id": 1}
        shown = {"message": message, "data": data}
        return await self.raise_(place, COMPONENT, shown, user_id)

    async def press_private(
        self, place: Place, whisper: Whisper, custom_id: str, user_id: int
    ) -> Interaction:
        """Let a user press a button of a private message."""
        data = {"custom_id": custom_id, "component_type": 2, "id": 1}
        shown = {"message": whisper.message, "data": data}
        return await self.raise_(place, COMPONENT, shown, user_id, whisper)

    async def opened(self) -> OpenModal:
        """Return the modal that is open, once there is one."""
        async with asyncio.timeout(PATIENCE):
            while not self.modals:
                self._changed.clear()
                await self._changed.wait()
        return self.modals[-1]

    async def submit(self, place: Place, user_id: int) -> Interaction:
        """Let a user send the modal that is open, which closes it."""
        modal = self.modals.pop()
        channels = {str(one.id): one.payload() for one in self.world.places.values()}
        content = {"data": modal.data(self.shelf, channels)}
        message = modal.origin.payload.get("message")
        if message:
            content["message"] = message
        return await self.raise_(place, MODAL_SUBMIT, content, user_id, modal.origin.shown_on)

    async def edited(self, times: int) -> None:
        """Wait until messages that everybody sees were edited so often by answers."""
        async with asyncio.timeout(PATIENCE):
            while self.public_edits < times:
                self._changed.clear()
                await self._changed.wait()

    async def changed(self, times: int) -> None:
        """Wait until private messages were shown or replaced so often in all."""
        async with asyncio.timeout(PATIENCE):
            while self.changes < times:
                self._changed.clear()
                await self._changed.wait()

    async def raise_(
        self,
        place: Place,
        kind: int,
        content: dict[str, Any],
        user_id: int,
        whisper: Whisper | None = None,
    ) -> Interaction:
        """Send an interaction to the bot."""
        number = self.world.snowflake()
        payload = {
            "id": str(number),
            "application_id": str(BOT_ID),
            "type": kind,
            "token": f"interaction-{number}",
            "version": 1,
            "channel_id": str(place.id),
            "channel": place.payload(),
            "app_permissions": str(self.world.allowed(place).value),
            "locale": "en-US",
            "guild_locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": 10485760,
            **self.world.asker(user_id, place.guild_id),
            **content,
        }
        raised = Interaction(
            id=number,
            token=str(payload["token"]),
            at=self.world.clock.now(),
            payload=payload,
            whisper=whisper,
            shown_on=whisper,
        )
        self.all[raised.token] = raised
        await self.gateway.dispatch("INTERACTION_CREATE", payload)
        return raised

    async def callback(self, request: web.Request) -> web.Response:
        """Take the bot's first answer: within 3 seconds, and once."""
        raised = self._raised(request)
        body = await request.json()
        if self.world.clock.now() - raised.at > ACKNOWLEDGE_WITHIN:
            raised.refusals.append(10062)
            raise ApiError(404, 10062, "Unknown interaction")
        if raised.acks:
            raised.refusals.append(40060)
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        self._check("answer at once", body)
        self._check_kind(raised, body)
        if body["type"] == MODAL:
            self._refuse(list(modal_limits(body["data"])))
        raised.acks.append(body)
        raised.changed.set()
        data = body.get("data") or {}
        said: dict[str, Any] = {"interaction": {"id": str(raised.id), "type": 3}}
        if body["type"] in {MESSAGE, CHOICES}:
            raised.answer(data)
        if body["type"] == MODAL:
            self._open(raised, data)
        if body["type"] == MESSAGE:
            self._check_limits(data)
            said["resource"] = {"type": 4, "message": self._whisper(raised, data)}
        return _json(said)

    def _check_kind(self, raised: Interaction, body: dict[str, Any]) -> None:
        """Refuse a kind of answer that Discord does not take here."""
        kind, asked = body["type"], raised.payload["type"]
        strange = kind == CHOICES and asked != AUTOCOMPLETE
        strange |= kind == MODAL and asked in {MODAL_SUBMIT, AUTOCOMPLETE}
        strange |= kind in {LATER_IN_PLACE, IN_PLACE} and "message" not in raised.payload
        if strange:
            self.faults.append(f"answer {kind} to {asked}")
            raise ApiError(400, 50035, "Invalid Form Body")
        if kind in {MESSAGE, LATER} and not (body.get("data") or {}).get("flags", 0) & EPHEMERAL:
            self.faults.append("everybody sees an answer")

    def _open(self, raised: Interaction, modal: dict[str, Any]) -> None:
        self.modals.append(OpenModal(modal, raised))
        raised.answer(modal)
        self._changed.set()

    async def edit_original(self, request: web.Request) -> web.Response:
        """Take the answer that follows an acknowledgement."""
        raised = self._answerable(request)
        body, files = await read_request(request)
        self._check("edit answer", body)
        raised.answer(body)
        shown: dict[str, Any] = {
            name: body[name] or [] for name in ("embeds", "components") if name in body
        }
        if "attachments" in body:
            shown["attachments"] = attached(body, files, self.shelf)
        if raised.whisper is not None:
            raised.whisper.message.update(shown)
            raised.whisper.edits += 1
            self._change()
            return _json(raised.whisper.message)
        if raised.acks[0]["type"] == LATER_IN_PLACE:
            # The press was on a message that everybody sees, and so is what takes its place.
            raised.payload["message"].update(shown)
            self.public_edits += 1
            self._changed.set()
            return _json(raised.payload["message"])
        if raised.acks[0]["type"] != LATER:
            raise ApiError(404, 10008, "Unknown Message")
        return _json(self._whisper(raised, body | shown))

    async def delete_original(self, request: web.Request) -> web.Response:
        """Take the private message away that belongs to an answer."""
        raised = self._answerable(request)
        if raised.whisper is None or raised.whisper not in self.whispers:
            raise ApiError(404, 10008, "Unknown Message")
        self.whispers.remove(raised.whisper)
        self._change()
        return web.Response(status=204)

    async def follow_up(self, request: web.Request) -> web.Response:
        """Take a further message; the first after "thinking" takes its place, flags or not."""
        raised = self._answerable(request)
        body, files = await read_request(request)
        self._check("follow up", body)
        raised.answer(body)
        kept = attached(body, files, self.shelf)
        if raised.acks[0]["type"] == LATER and raised.whisper is None:
            return _json(self._whisper(raised, body | {"attachments": kept}))
        if not (body.get("flags") or 0) & EPHEMERAL:
            self.faults.append("everybody sees a further message")
        message = self._message(raised, body | {"attachments": kept})
        raised.beside = Whisper(message)
        self.whispers.append(raised.beside)
        self._change()
        return _json(message)

    def _answerable(self, request: web.Request) -> Interaction:
        """Return the interaction of a token that was acknowledged and still holds."""
        if self.broken:
            self.broken -= 1
            assert request.transport is not None
            request.transport.abort()
            raise ApiError(500, 0, "nobody hears this")
        raised = self._raised(request)
        if not raised.acks:
            raise ApiError(404, 10015, "Unknown Webhook")
        if self.world.clock.now() - raised.at > ANSWER_WITHIN:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return raised

    def _check(self, kind: str, body: dict[str, Any]) -> None:
        """Refuse what Discord would refuse, and remember it."""
        self._refuse(schema.faults(kind, body))

    def _refuse(self, faults: list[str]) -> None:
        self.faults += faults
        if faults:
            raise ApiError(400, 50035, f"Invalid Form Body {faults}")

    def _check_limits(self, data: dict[str, Any]) -> None:
        self.faults += schema.limits(data)

    def _whisper(self, raised: Interaction, body: dict[str, Any]) -> dict[str, Any]:
        """Show a private message."""
        raised.whisper = Whisper(self._message(raised, body))
        self.whispers.append(raised.whisper)
        self._change()
        return raised.whisper.message

    def _change(self) -> None:
        self.changes += 1
        self._changed.set()

    def _raised(self, request: web.Request) -> Interaction:
        """Return the interaction that a token belongs to."""
        raised = self.all.get(request.match_info["token"])
        if raised is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        return raised

    def _message(self, raised: Interaction, body: dict[str, Any]) -> dict[str, Any]:
        """Write the private message that the bot's answer became."""
        return {
            "id": str(self.world.snowflake()),
            "channel_id": raised.payload["channel_id"],
            "type": 20,
            "author": user(BOT_ID),
            "content": body.get("content") or "",
            "embeds": body.get("embeds") or [],
            "components": body.get("components") or [],
            "attachments": body.get("attachments") or [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
            "timestamp": self.world.clock.now().isoformat(),
            "edited_timestamp": None,
            "flags": EPHEMERAL,
        }


def _json(body: dict[str, Any]) -> web.Response:
    """Answer with JSON of the bare content type."""
    return web.Response(
        body=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
