"""The emulator's REST v10: the routes that Redline uses, with permissions, limits and faults.

https://docs.discord.com/developers/reference
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulators import discord_schema as schema
from tests.emulators.discord_files import Upload, attached, read_request
from tests.emulators.discord_gateway import Gateway
from tests.emulators.discord_interactions import Interactions
from tests.emulators.discord_world import (
    BOT_ID,
    FORUM,
    THREAD,
    ApiError,
    World,
    bot_member,
    user,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True, kw_only=True)
class Fault:
    """What goes wrong with one request: the next one, or the next message."""

    messages_only: bool = True
    looks_only: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = "{}"
    drop_after: bool = False
    hold_after: float = 0.0
    delay: float = 0.0

    def meets(self, request: web.Request) -> bool:
        """Whether it happens to this request."""
        at_messages = request.path.endswith("/messages")
        if self.looks_only:
            return at_messages and request.method == "GET"
        posts = at_messages and request.method == "POST"
        return posts or not self.messages_only


@dataclass(slots=True)
class Bucket:
    """A rate limit: so many requests in so many seconds of real time."""

    limit: int = 1000
    seconds: float = 1.0
    used: int = 0
    resets_at: float = 0.0

    def take(self) -> bool:
        """Take one request from the bucket; False where it is empty."""
        now = asyncio.get_running_loop().time()
        if now >= self.resets_at:
            self.used, self.resets_at = 0, now + self.seconds
        self.used += 1
        return self.used <= self.limit

    def headers(self, name: str) -> dict[str, str]:
        """Say how the bucket stands."""
        after = max(0.0, self.resets_at - asyncio.get_running_loop().time())
        return {
            "X-RateLimit-Bucket": name,
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset-After": f"{after:.3f}",
        }


class Rest:
    """The routes and what goes wrong with them."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world = world
        self.gateway = gateway
        self.interactions = Interactions(world, gateway)
        self.faults: list[Fault] = []
        self.left_out: set[str] = set()
        self.requests: list[str] = []
        self.warnings: list[str] = []
        self.refused: list[str] = []
        self.bucket = (1000, 1.0)
        self.commands_down = 0
        self._buckets: dict[str, Bucket] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes below /api/v10."""
        base, channel = "/api/v10", "/api/v10/channels/{channel}"
        return [
            web.get(f"{base}/users/@me", self.me),
            web.get(f"{base}/users/@me/guilds", self.guilds),
            web.get(f"{base}/oauth2/applications/@me", self.application),
            web.get(f"{base}/gateway", self.where),
            web.get(f"{base}/gateway/bot", self.where),
            web.get(f"{base}/guilds/{{guild}}", self.guild),
            web.get(f"{base}/guilds/{{guild}}/channels", self.channels),
            web.get(f"{base}/guilds/{{guild}}/members/{{member}}", self.member),
            web.get(f"{base}/applications/{{application}}/commands", self.commands),
            web.put(f"{base}/applications/{{application}}/commands", self.set_commands),
            web.get(channel, self.channel),
            web.get(f"{channel}/messages", self.history),
            web.post(f"{channel}/messages", self.post),
            web.get(f"{channel}/messages/{{message}}", self.message),
            web.route("PATCH", f"{channel}/messages/{{message}}", self.edit),
            web.post(f"{channel}/messages/{{message}}/threads", self.start_thread),
            *self.interactions.routes(base),
        ]

    # --- around every request -----------------------------------------------------------------

    @web.middleware
    async def around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Authorise, limit, misbehave, and write errors as Discord does."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        self.requests.append(f"{request.method} {request.path}")
        fault = self._fault(request)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.status:
            return web.Response(status=fault.status, headers=fault.headers, body=fault.body)
        try:
            self._authorise(request)
            response = await self._limited(request, handler)
        except ApiError as error:
            response = answer(error.body, status=error.status)
        if fault and fault.hold_after:
            await asyncio.sleep(fault.hold_after)
        if fault and fault.drop_after:
            assert request.transport is not None
            request.transport.abort()
        return response

    def _fault(self, request: web.Request) -> Fault | None:
        """Take the first fault that meets the request."""
        for at, fault in enumerate(self.faults):
            if fault.meets(request):
                return self.faults.pop(at)
        return None

    def _authorise(self, request: web.Request) -> None:
        """Check the token; interactions carry their own in the address."""
        if any(part in request.path for part in self.left_out):
            raise ApiError(404, 0, "404: Not Found")
        if request.path.startswith(("/api/v10/interactions/", "/api/v10/webhooks/")):
            return
        if request.headers.get("Authorization") != f"Bot {self.world.token}":
            raise ApiError(401, 0, "401: Unauthorized")

    async def _limited(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Serve within the bucket of the route and channel."""
        route = request.match_info.route.resource
        name = f"{request.method} {route.canonical if route else request.path}"
        major = request.match_info.get("channel", "")
        limit, seconds = self.bucket
        bucket = self._buckets.setdefault(f"{name} {major}", Bucket(limit, seconds))
        if not bucket.take():
            return self._throttled(bucket, name)
        response = await handler(request)
        response.headers.update(bucket.headers(name))
        return response

    def _throttled(self, bucket: Bucket, name: str) -> web.Response:
        """Answer 429 as Discord itself does."""
        after = max(0.0, bucket.resets_at - asyncio.get_running_loop().time())
        body = {"message": "You are being rate limited.", "retry_after": after, "global": False}
        headers = bucket.headers(name) | {
            "Via": "1.1 google",
            "Retry-After": str(math.ceil(after)),
            "X-RateLimit-Scope": "user",
        }
        return answer(body, status=429, headers=headers)

    # --- routes -------------------------------------------------------------------------------

    async def me(self, request: web.Request) -> web.Response:
        return answer(user(BOT_ID) | {"verified": True, "mfa_enabled": False, "flags": 0})

    async def guilds(self, request: web.Request) -> web.Response:
        names = self.world.guild_names
        if request.query.get("after"):
            return answer([])
        return answer([self.world.guild_payload(guild, full=False) for guild in names])

    async def application(self, request: web.Request) -> web.Response:
        return answer(
            {
                "id": str(BOT_ID),
                "name": "Redline",
                "description": "",
                "icon": None,
                "bot_public": False,
                "bot_require_code_grant": False,
                "owner": user(BOT_ID + 1),
                "verify_key": "0" * 64,
                "flags": 0,
                "team": None,
            }
        )

    async def commands(self, request: web.Request) -> web.Response:
        if self.commands_down:
            self.commands_down -= 1
            raise ApiError(503, 0, "503: Service Unavailable")
        return answer(self.world.commands)

    async def set_commands(self, request: web.Request) -> web.Response:
        """Take a new declaration; what is false or empty is not kept, as Discord does."""
        wanted = await request.json()
        found = [fault for command in wanted for fault in schema.faults("command", command)]
        if found:
            self.refused += found
            raise ApiError(400, 50035, "Invalid Form Body", {"_errors": found})
        more = {"application_id": str(BOT_ID), "default_member_permissions": None, "nsfw": False}
        self.world.commands = [
            _kept(command) | more | {"id": str(self.world.snowflake()), "version": "1"}
            for command in wanted
        ]
        return answer(self.world.commands)

    async def where(self, request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return answer({"url": self.gateway.url, "shards": 1, "session_start_limit": limit})

    async def guild(self, request: web.Request) -> web.Response:
        return answer(self.world.guild_payload(_id(request, "guild"), full=False))

    async def channels(self, request: web.Request) -> web.Response:
        guild = _id(request, "guild")
        places = [place for place in self.world.places.values() if place.guild_id == guild]
        return answer([place.payload() for place in places if place.type != THREAD])

    async def member(self, request: web.Request) -> web.Response:
        if _id(request, "member") != BOT_ID:
            raise ApiError(404, 10007, "Unknown Member")
        return answer(bot_member())

    async def channel(self, request: web.Request) -> web.Response:
        return answer(self.world.place(_id(request, "channel")).payload())

    async def history(self, request: web.Request) -> web.Response:
        """Answer newest first; without the permission there is nothing to see, and no error."""
        place = self.world.place(_id(request, "channel"))
        if not self.world.allowed(place).read_message_history:
            return answer([])
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 50))
        later = [message for message in place.messages if int(message["id"]) > after]
        page = later[:limit] if "after" in request.query else later[-limit:]
        return answer(page[::-1])

    async def post(self, request: web.Request) -> web.Response:
        place = self.world.place(_id(request, "channel"))
        body, files = await self._body(request, "create message")
        self._may_post(place.id)
        reference = body.get("message_reference")
        if reference and not self.world.allowed(place).read_message_history:
            raise ApiError(400, 160002, "Cannot reply without permission to read message history")
        if files and not self.world.allowed(place).attach_files:
            raise ApiError(403, 50013, "Missing Permissions")
        kept = attached(body, files, self.interactions.shelf)
        message = self.world.post(place, body | ({"attachments": kept} if kept else {}))
        await self.gateway.dispatch("MESSAGE_CREATE", message | {"guild_id": str(place.guild_id)})
        return answer(message)

    def _may_post(self, channel_id: int) -> None:
        """Refuse a message where the bot may not write."""
        place = self.world.places[channel_id]
        allowed = self.world.allowed(place)
        writes = allowed.send_messages_in_threads if place.type == THREAD else allowed.send_messages
        if place.type == FORUM:
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        if place.locked:
            raise ApiError(400, 160005, "Thread is locked")
        if not writes:
            raise ApiError(403, 50013, "Missing Permissions")

    async def message(self, request: web.Request) -> web.Response:
        place = self.world.place(_id(request, "channel"))
        if not self.world.allowed(place).read_message_history:
            raise ApiError(403, 50013, "Missing Permissions")
        return answer(self.world.message(place, _id(request, "message")))

    async def edit(self, request: web.Request) -> web.Response:
        place = self.world.place(_id(request, "channel"))
        message = self.world.message(place, _id(request, "message"))
        body, files = await self._body(request, "edit message")
        if message["author"]["id"] != str(BOT_ID):
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        kept = {key: body[key] for key in ("embeds", "components") if body.get(key) is not None}
        if "attachments" in body:
            kept["attachments"] = attached(body, files, self.interactions.shelf)
        message.update(kept, edited_timestamp=self.world.clock.now().isoformat())
        if "content" in body:
            message["content"] = body["content"] or ""
        return answer(message)

    async def start_thread(self, request: web.Request) -> web.Response:
        place = self.world.place(_id(request, "channel"))
        message = self.world.message(place, _id(request, "message"))
        body, _ = await self._body(request, "create thread")
        if place.type == THREAD:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        if not self.world.allowed(place).create_public_threads:
            raise ApiError(403, 50013, "Missing Permissions")
        if int(message["id"]) in self.world.places:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        thread = self.world.add_thread(place, int(message["id"]), body["name"])
        await self.gateway.dispatch("THREAD_CREATE", thread.payload() | {"newly_created": True})
        return answer(thread.payload(), status=201)

    async def _body(
        self, request: web.Request, kind: str
    ) -> tuple[dict[str, Any], dict[str, Upload]]:
        """Read a request and refuse it as Discord would."""
        body, files = await read_request(request)
        self.warnings += [f"{kind}: {name}" for name in schema.unlisted(kind, body)]
        found = schema.faults(kind, body)
        if found:
            self.refused += found
            errors = {"body": {"_errors": [{"code": "INVALID", "message": str(found)[:900]}]}}
            raise ApiError(400, 50035, "Invalid Form Body", errors)
        if kind == "create message" and schema.empty(body):
            raise ApiError(400, 50006, "Cannot send an empty message")
        return body, files


def _kept(part: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in part.items() if value or key == "type"}
    if "options" in kept:
        kept["options"] = [_kept(option) for option in kept["options"]]
    return kept


def answer(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON. discord.py takes only the bare content type for JSON."""
    written = {"Content-Type": "application/json", "Via": "1.1 google"} | (headers or {})
    return web.Response(status=status, body=json.dumps(body).encode(), headers=written)


def _id(request: web.Request, name: str) -> int:
    """Read an id from the path."""
    written = request.match_info[name]
    if not written.isdigit():
        raise ApiError(400, 50035, "Invalid Form Body")
    return int(written)
