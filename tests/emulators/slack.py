"""Slack on loopback: its Web API, as far as Redline uses it.

    async with SlackEmulator() as slack:
        slack.workspace.add_channel("#desk")
        ...
        slack.workspace.messages("#desk")[0].seen().words

Every request is checked against Slack's types and limits; what is wrong is refused as Slack does,
and kept in `problems`, so that a test can see it even where the adapter recovers.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self

from aiohttp import web

from tests.emulators.slack_files import FileStore
from tests.emulators.slack_private import Private, ResponseUrl, Whisper
from tests.emulators.slack_schema import (
    argument_problems,
    file_problems,
    limit_problems,
    option_problems,
)
from tests.emulators.slack_socket import SocketMode
from tests.emulators.slack_views import Views
from tests.emulators.slack_workspace import Fault, Json, Message, Refused, Workspace, flag, page

BOT_TOKEN = "xoxb-1111-2222-emulatedbottoken"
APP_TOKEN = "xapp-1-A0REDLINE-3333-emulatedapptoken"
SIGNING_SECRET = "0123456789abcdefemulatedsecret"

# The scopes of the methods: https://docs.slack.dev/reference/methods
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "users.info": "users:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.info": "files:read",
    "usergroups.users.list": "usergroups:read",
}
GRANTED = (
    "chat:write", "chat:write.public", "channels:read", "groups:read", "channels:history",
    "groups:history", "commands", "users:read", "files:write", "files:read", "usergroups:read",
)  # fmt: skip
# Requests a minute; https://docs.slack.dev/apis/web-api/rate-limits
TIERS = {
    "conversations.list": 20,
    "conversations.info": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "users.info": 100,
    "usergroups.users.list": 20,
    "views.open": 100,
    "views.update": 100,
    "views.publish": 100,
}


class SlackEmulator:
    """A Slack workspace behind its real wire."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.workspace = Workspace(now or _wall_clock)
        self.socket = SocketMode(self.workspace)
        self.scopes = set(GRANTED)
        self.requests: list[tuple[str, Json]] = []
        self.problems: list[str] = []
        self.responses: list[Json] = []
        self.private = Private()
        self.views = Views(self.workspace.now)
        self.files = FileStore()
        self.tiered = False
        self.names_scopes = True
        self._token_code: str | None = None
        self._app_token_code: str | None = None
        self._counts: dict[str, deque[float]] = defaultdict(deque)
        self._runner: web.AppRunner | None = None
        self.port = 0

    # Coming and going.

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen; an earlier port can be given to come back after `stop`."""
        server = web.Application()
        server.add_routes(
            [
                web.route("*", "/api/{method}", self._serve),
                web.post("/{kind:commands|actions}/T0/{name}", self._response_url),
                web.get("/link", self.socket.serve),
                web.post("/upload/{id}", self.files.upload),
                web.get("/files/{id}/{rest:.*}", self._download),
            ]
        )
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.socket.port = self.files.port = self.port

    async def stop(self) -> None:
        await self.socket.hang_up()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def response_url(
        self,
        channel_id: str,
        user: str,
        kind: str = "actions",
        origin: Whisper | Message | None = None,
    ) -> str:
        """Return an address that takes answers to an interaction."""
        url = ResponseUrl(channel_id, user, self.workspace.now(), origin)
        return f"http://127.0.0.1:{self.port}/{kind}/T0/{self.private.issue(url)}"

    # What an admin does.

    def revoke_token(self, code: str = "token_revoked") -> None:
        """Refuse the bot token from now on."""
        self._token_code = code

    def revoke_app_token(self, code: str = "invalid_auth") -> None:
        self._app_token_code = code

    def calls(self, method: str) -> list[Json]:
        """Return the arguments of every request for `method`."""
        return [arguments for name, arguments in self.requests if name == method]

    # The wire.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given = await _arguments(request)
        self.requests.append((method, given))
        fault = self.workspace.fault(method)
        if fault and not fault.accept:
            await asyncio.sleep(fault.delay)
            return self._spoil(request, fault)
        answer, status, headers = self._answer(method, given, request)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.drop:
            return _break_off(request)
        return self._json(answer, status, headers)

    def _answer(
        self, method: str, given: Json, request: web.Request
    ) -> tuple[Json, int, dict[str, str]]:
        if self.tiered and (wait := self._over_tier(method)):
            return {"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)}
        try:
            self._authorise(method, request.headers.get("Authorization", ""))
            return {"ok": True, **_METHODS[method](self, given)}, 200, {}
        except Refused as refusal:
            return refusal.answer, 200, {}

    def _spoil(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.drop:
            return _break_off(request)
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
        if fault.said is not None:
            return self._json(fault.said, fault.status, headers)
        if fault.code:
            return self._json({"ok": False, "error": fault.code}, fault.status, headers)
        body = fault.body if fault.body is not None else "<html><h1>Server Error</h1></html>"
        return web.Response(status=fault.status, text=body, content_type="text/html")

    def _json(self, answer: Json, status: int, headers: dict[str, str]) -> web.Response:
        return web.json_response(
            answer,
            status=status,
            headers={
                **({"x-oauth-scopes": ",".join(sorted(self.scopes))} if self.names_scopes else {}),
                "x-slack-req-id": f"request-{len(self.requests)}",
                **headers,
            },
        )

    def _over_tier(self, method: str) -> int:
        """Return how many seconds to wait, 0 where the request is within its tier."""
        counts, now = self._counts[method], self.workspace.now().timestamp()
        while counts and now - counts[0] >= 60:
            counts.popleft()
        if len(counts) >= TIERS.get(method, 1_000):
            return max(1, int(60 - (now - counts[0])))
        counts.append(now)
        return 0

    def _authorise(self, method: str, header: str) -> None:
        token = header.removeprefix("Bearer ")
        if method == "apps.connections.open":
            code = self._app_token_code or (None if token == APP_TOKEN else "invalid_auth")
        else:
            code = self._token_code or (None if token == BOT_TOKEN else "invalid_auth")
        if code:
            raise Refused(code)
        if method in SCOPES:
            self._need(SCOPES[method])

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(self.scopes))

    async def _download(self, request: web.Request) -> web.StreamResponse:
        return self.files.download(request, BOT_TOKEN if "files:read" in self.scopes else "")

    async def _response_url(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.responses.append(body)
        status, said, problems = self.private.respond(
            request.match_info["name"], body, self.workspace.now()
        )
        problems += file_problems(body.get("blocks", []), self.files.usable())
        self.problems += problems
        return web.Response(status=status, text=said, content_type="text/plain")

    # The methods.

    def auth_test(self, given: Json) -> Json:
        del given
        return {
            "url": "https://emulated.slack.example/",
            "team": "Emulated",
            "user": "redline",
            "team_id": self.workspace.team,
            "user_id": self.workspace.bot_user,
            "bot_id": "B0REDLINE",
            "is_enterprise_install": False,
        }

    def connections_open(self, given: Json) -> Json:
        del given
        return {"url": self.socket.issue()}

    def post_message(self, given: Json) -> Json:
        self._check("chat.postMessage", given)
        channel = self._writable(str(given["channel"]))
        known = self._known(channel.id, given.get("client_msg_id"))
        message = known or self.workspace.post(
            Message(
                channel=channel,
                ts=self.workspace.stamp(),
                user=self.workspace.bot_user,
                text=str(given.get("text", "")),
                blocks=list(given.get("blocks", [])),
                thread_ts=given.get("thread_ts"),
                metadata=given.get("metadata"),
                client_msg_id=given.get("client_msg_id"),
            )
        )
        shown = message.shown(metadata=True)
        return {"channel": channel.id, "ts": message.ts, "message": shown}

    honours_client_msg_id = False
    """Whether a second message with one client_msg_id is the first; Slack does not promise it."""

    def _known(self, channel_id: str, client_msg_id: str | None) -> Message | None:
        if not self.honours_client_msg_id or not client_msg_id:
            return None
        candidates = (m for m in self.workspace.accepted if m.channel.id == channel_id)
        return next((m for m in candidates if m.client_msg_id == client_msg_id), None)

    def update(self, given: Json) -> Json:
        self._check("chat.update", given)
        message = self.workspace.message(str(given["channel"]), str(given["ts"]))
        if message.user != self.workspace.bot_user:
            raise Refused("cant_update_message")
        # What is left out stays as it is: https://docs.slack.dev/reference/methods/chat.update
        message.text = given.get("text", message.text)
        message.blocks = given.get("blocks", message.blocks)
        message.metadata = given.get("metadata", message.metadata)
        message.edits += 1
        self.private.change()
        return {"channel": message.channel.id, "ts": message.ts, "text": message.text}

    def post_ephemeral(self, given: Json) -> Json:
        self._check("chat.postEphemeral", given)
        channel = self.workspace.visible(str(given["channel"]))
        if not channel.member:
            raise Refused("not_in_channel")
        self.workspace.ephemeral.append(given)
        ts, text, blocks = self.workspace.stamp(), str(given.get("text", "")), given["blocks"]
        thread = given.get("thread_ts")
        self.private.whisper(Whisper(channel.id, str(given["user"]), ts, text, blocks, thread))
        return {"message_ts": ts}

    def user_info(self, given: Json) -> Json:
        user = self.workspace.users.get(str(given.get("user")))
        if user is None:
            raise Refused("user_not_found")
        return {"user": user}

    def open_view(self, given: Json) -> Json:
        return self._with_files(self.views.open, given)

    def update_view(self, given: Json) -> Json:
        return self._with_files(self.views.update, given)

    def publish_view(self, given: Json) -> Json:
        return self._with_files(self.views.publish, given)

    def _with_files(self, do: Callable[[Json], Json], given: Json) -> Json:
        self.views.files = self.files.usable()
        try:
            return do(given)
        finally:
            self.problems += self.views.problems
            self.views.problems.clear()

    def options(self, answer: Json | None) -> list[Json]:
        """Take the options that the app offers, as far as Slack does."""
        options: list[Json] = (answer or {}).get("options", [])
        self.problems += [f"options: {problem}" for problem in option_problems(options)]
        return options

    def upload_url(self, given: Json) -> Json:
        return self.files.get_url(given)

    def complete_upload(self, given: Json) -> Json:
        return self.files.complete(given)

    def file_info(self, given: Json) -> Json:
        return self.files.info(given)

    def users_of_group(self, given: Json) -> Json:
        members = self.workspace.usergroups.get(str(given.get("usergroup")))
        if members is None:
            raise Refused("no_such_subteam")
        return {"users": sorted(members)}

    def list_channels(self, given: Json) -> Json:
        types = set(str(given.get("types") or "public_channel").split(","))
        for kind in types:
            self._need("groups:read" if kind == "private_channel" else "channels:read")
        listed = [
            channel.shown()
            for channel in self.workspace.channels.values()
            if channel.name
            and (channel.member or not channel.private)
            and ("private_channel" if channel.private else "public_channel") in types
            and not (channel.archived and flag(given.get("exclude_archived")))
        ]
        channels, following = page(listed, given, 1_000)
        return {"channels": channels, "response_metadata": {"next_cursor": following}}

    def info(self, given: Json) -> Json:
        channel = self.workspace.visible(str(given["channel"]))
        self._need("groups:read" if channel.private else "channels:read")
        return {"channel": channel.shown()}

    def history(self, given: Json) -> Json:
        channel = self._readable(str(given["channel"]))
        found = [m for m in self.workspace.accepted if m.channel is channel and not m.is_reply]
        return self._page_of_messages(list(reversed(found)), given)

    def replies(self, given: Json) -> Json:
        channel = self._readable(str(given["channel"]))
        thread = [
            m
            for m in self.workspace.accepted
            if m.channel is channel and given["ts"] in {m.ts, m.thread_ts}
        ]
        if not thread:
            raise Refused("thread_not_found")
        return self._page_of_messages(thread, given)

    def _page_of_messages(self, messages: list[Message], given: Json) -> Json:
        oldest = float(given.get("oldest") or 0)
        metadata = flag(given.get("include_all_metadata"))
        parent = given.get("ts")
        found = [
            message.shown(metadata=metadata)
            for message in messages
            if float(message.ts) >= oldest or message.ts == parent
        ]
        part, following = page(found, given, 999)
        return {
            "messages": part,
            "has_more": bool(following),
            "response_metadata": {"next_cursor": following},
        }

    def _check(self, method: str, given: Json) -> None:
        blocks = given.get("blocks", [])
        if not blocks and not given.get("text"):
            raise Refused("no_text")
        problems = argument_problems(method, given)
        problems += limit_problems(str(given.get("text", "")), blocks)
        problems += file_problems(blocks, self.files.usable())
        self.problems += [f"{method}: {problem}" for problem in problems]
        if problems:
            raise Refused("invalid_blocks", response_metadata={"messages": problems})

    def _writable(self, channel_id: str) -> Any:
        if channel_id.startswith(("U", "W")):
            return self.workspace.direct_messages(channel_id)
        channel = self.workspace.visible(self.workspace.named(channel_id))
        if channel.archived:
            raise Refused("is_archived")
        if not channel.member and "chat:write.public" not in self.scopes:
            raise Refused("not_in_channel")
        return channel

    def _readable(self, channel_id: str) -> Any:
        channel = self.workspace.visible(channel_id)
        if channel.history_hidden:
            raise Refused("missing_scope", needed="channels:history", provided="")
        self._need("groups:history" if channel.private else "channels:history")
        if not channel.member:
            raise Refused("not_in_channel")
        return channel


_METHODS: dict[str, Callable[[SlackEmulator, Json], Json]] = {
    "auth.test": SlackEmulator.auth_test,
    "apps.connections.open": SlackEmulator.connections_open,
    "chat.postMessage": SlackEmulator.post_message,
    "chat.update": SlackEmulator.update,
    "chat.postEphemeral": SlackEmulator.post_ephemeral,
    "conversations.list": SlackEmulator.list_channels,
    "conversations.info": SlackEmulator.info,
    "conversations.history": SlackEmulator.history,
    "conversations.replies": SlackEmulator.replies,
    "users.info": SlackEmulator.user_info,
    "views.open": SlackEmulator.open_view,
    "views.update": SlackEmulator.update_view,
    "views.publish": SlackEmulator.publish_view,
    "files.getUploadURLExternal": SlackEmulator.upload_url,
    "files.completeUploadExternal": SlackEmulator.complete_upload,
    "files.info": SlackEmulator.file_info,
    "usergroups.users.list": SlackEmulator.users_of_group,
}


def _wall_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the platform has a clock of its own


async def _arguments(request: web.Request) -> Json:
    """Read the arguments, which the client sends in the address, as a form or as JSON."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given |= json.loads(await request.text() or "{}")
    else:
        given |= {name: str(value) for name, value in (await request.post()).items()}
    return given


def _break_off(request: web.Request) -> web.StreamResponse:
    """Break the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
