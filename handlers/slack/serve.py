"""Listening to Slack: presses of buttons, over Socket Mode or signed HTTP."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChatError, RedlineError
from bot.model import Action, Card, Request, ShutOut
from bot.ports import Clock, Serve
from handlers.slack.cards import ACTION_PREFIX, Json, layout
from handlers.slack.errors import library_logger, outcome_of_error
from handlers.slack.options import SlackOptions

PATH = "/slack/events"
# Slack delivers again at once, after one minute and after five:
# https://docs.slack.dev/apis/events-api#retries
REMEMBER_PRESSES = timedelta(minutes=10)
# The window of 300 s is the library's; within it and its mirror image a signature is good once.
REMEMBER_SIGNATURES = timedelta(seconds=600)
CONNECT_PATIENCE = 10
CLOSE_PATIENCE = 5
WATCH_SECONDS = 15
PING_SECONDS = 10

_EVERYTHING = re.compile(".*", re.DOTALL)
_OURS = re.compile(rf"^{ACTION_PREFIX}")


class Once:
    """Remembers names for a while, so that what comes twice is done once."""

    def __init__(self, clock: Clock, keep: timedelta) -> None:
        """Remember names for `keep`."""
        self._clock = clock
        self._keep = keep
        self._seen: dict[str, datetime] = {}

    def first(self, name: str) -> bool:
        """Whether `name` is new; it is remembered from now on."""
        now = self._clock.now()
        for old in [seen for seen, at in self._seen.items() if now - at > self._keep]:
            del self._seen[old]
        if name in self._seen:
            return False
        self._seen[name] = now
        return True


class Press(NamedTuple):
    """A press of a button as Slack reports it, and where its answer goes."""

    id: str
    workspace: str
    channel_id: str
    user_id: str
    action_id: str
    thread: str | None

    @classmethod
    def read(cls, body: Json) -> Press:
        """Read a block_actions payload.

        https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
        """
        container, message = body.get("container") or {}, body.get("message") or {}
        action = body["actions"][0]
        return cls(
            id=str(body.get("trigger_id") or action.get("action_ts")),
            workspace=str((body.get("team") or {}).get("id") or ""),
            channel_id=str((body.get("channel") or {}).get("id") or container.get("channel_id")),
            user_id=str(body["user"]["id"]),
            action_id=str(action["action_id"]),
            thread=message.get("thread_ts") or container.get("thread_ts"),
        )

    def request(self) -> Request | None:
        """Return what was asked for; None where this version knows no such button."""
        action, _, target = self.action_id.removeprefix(ACTION_PREFIX).partition(":")
        if action not in set(Action) or not target:
            return None
        return Request(
            workspace=self.workspace,
            channel_id=self.channel_id,
            user_id=self.user_id,
            action=Action(action),
            target=target,
        )


class Presses:
    """Answers presses of buttons, in private."""

    def __init__(self, client: AsyncWebClient, serve: Serve) -> None:
        """Answer through `client` with what `serve` says."""
        self._client = client
        self._serve = serve
        self._once = Once(serve.clock, REMEMBER_PRESSES)
        self._busy: set[asyncio.Future[None]] = set()

    async def pressed(self, ack: AsyncAck, body: Json, respond: AsyncRespond) -> None:
        """Acknowledge at once, since Slack waits for three seconds, then answer."""
        await ack()
        press = Press.read(body)
        if not self._once.first(press.id):
            return
        task = asyncio.ensure_future(self._reply(press, respond))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        await task

    async def finish(self) -> None:
        """Let the answers that are under way be given, for a while."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=CLOSE_PATIENCE)

    async def _reply(self, press: Press, respond: AsyncRespond) -> None:
        card = await self._answer(press)
        text, blocks = layout(card)
        try:
            await self._client.chat_postEphemeral(
                channel=press.channel_id,
                user=press.user_id,
                text=text,
                blocks=blocks,
                thread_ts=press.thread,
            )
        except (SlackApiError, OSError, TimeoutError):
            # Where the bot is no member it may still answer through the press itself.
            await respond(
                text=text, blocks=blocks, response_type="ephemeral", replace_original=False
            )

    async def _answer(self, press: Press) -> Card:
        request = press.request()
        if request is None:
            return Card(title="This button belongs to another version of Redline")
        try:
            return await self._serve.answer(request)
        except RedlineError as error:
            return Card(title="Redline cannot answer that", notes=(str(error),))
        except Exception as error:  # noqa: BLE001 - whoever pressed hears that it failed
            library_logger().error("the answer to a press failed: %s", type(error).__name__)
            return Card(title="Redline could not answer that; its log says why")


def bolt_app(client: AsyncWebClient, presses: Presses) -> AsyncApp:
    """Return the app with all listeners.

    What nobody listens to, Bolt leaves unacknowledged over Socket Mode, and the person sees a
    warning sign; so the last listener of each kind acknowledges whatever is left.
    """

    async def authorise() -> AuthorizeResult:
        # Without this Bolt takes SLACK_CLIENT_ID from the environment for its own and asks an
        # installation store, which knows nothing of our token.
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)

    # Bolt warns that it takes none of the variables it found: that is what we want.
    with _unheard(library_logger()) as logger:
        app = AsyncApp(
            name="redline",
            client=client,
            authorize=authorise,
            logger=logger,
            signing_secret="",
            # Verified at our own door, because there a signature is good only once.
            request_verification_enabled=False,
        )
    app.action(_OURS)(presses.pressed)
    for kind in (app.action, app.command, app.options, app.shortcut, app.view, app.view_closed):
        kind(_EVERYTHING)(_acknowledge)
    app.event(_EVERYTHING)(_ignore)
    return app


@contextmanager
def _unheard(logger: logging.Logger) -> Iterator[logging.Logger]:
    """Drop what is logged meanwhile."""

    def drop(_: logging.LogRecord) -> bool:
        return False

    logger.addFilter(drop)
    try:
        yield logger
    finally:
        logger.removeFilter(drop)


async def _acknowledge(ack: AsyncAck) -> None:
    await ack()


async def _ignore() -> None:
    """Bolt acknowledges events by itself."""


class Listener:
    """The way in: a socket that we open, or a port that Slack calls."""

    def __init__(self, options: SlackOptions, client: AsyncWebClient, serve: Serve) -> None:
        """Prepare to listen; nothing is opened yet."""
        self._options = options
        self._client = client
        self._serve = serve
        self._closing: list[Callable[[], Awaitable[None]]] = []

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            ChatError: Slack refuses the app token, or the port is taken.
        """
        presses = Presses(self._client, self._serve)
        self._closing.append(presses.finish)
        app = bolt_app(self._client, presses)
        if self._options.app_token:
            socket = Socket(app, self._client, self._options.app_token.reveal(), self._serve.clock)
            self._closing.append(socket.close)
            await socket.open()
        elif self._options.by_http:
            await self._open_http(app)

    async def close(self) -> None:
        """Stop listening; may be called more than once."""
        while self._closing:
            await self._closing.pop()()

    async def _open_http(self, app: AsyncApp) -> None:
        options = self._options
        assert options.signing_secret
        runner = web.AppRunner(
            http_app(app, options.signing_secret.reveal(), self._serve.clock), access_log=None
        )
        await runner.setup()
        self._closing.append(runner.cleanup)
        try:
            await web.TCPSite(runner, options.http_host, options.http_port).start()
        except OSError as error:
            problem = f"port {options.http_port} cannot be listened on: {error.strerror}"
            raise ChatError("slack", problem, advice="Choose another slack.http_port") from None


class Socket:
    """Socket Mode, kept alive."""

    def __init__(self, app: AsyncApp, client: AsyncWebClient, token: str, clock: Clock) -> None:
        """Prepare the socket; must be called where an event loop runs."""
        self._client = client
        self._token = token
        self._clock = clock
        self._socket = AsyncSocketModeHandler(
            app, token, logger=library_logger(), ping_interval=PING_SECONDS
        ).client
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Connect; where Slack cannot be reached, go on trying in the background.

        Raises:
            ChatError: Slack refuses the app token.
        """
        try:
            answer = await self._client.apps_connections_open(app_token=self._token)
            self._socket.wss_uri = answer["url"]
        except Exception as error:  # noqa: BLE001 - judged by the table, like every other
            outcome = outcome_of_error(error)
            if isinstance(outcome, ShutOut):
                raise ChatError(
                    "slack",
                    f"refuses the app token: {outcome.code}",
                    advice="Set SLACK_APP_TOKEN to an app-level token with connections:write",
                ) from None
        connecting = asyncio.ensure_future(
            self._socket.connect()  # type: ignore[no-untyped-call]  # the library leaves it untyped
        )
        self._tasks = [connecting, asyncio.ensure_future(self._watch())]
        await asyncio.wait({connecting}, timeout=CONNECT_PATIENCE)

    async def _watch(self) -> None:
        """Make the library fetch a new address while it is not connected.

        It tries one address for ever, and an address is good for one short while only.
        """
        while True:
            await self._clock.sleep(WATCH_SECONDS)
            if not await self._socket.is_connected():
                self._socket.wss_uri = None

    async def close(self) -> None:
        """Disconnect and end every task."""
        socket = self._socket
        tasks = [
            *self._tasks,
            socket.message_processor,
            socket.message_receiver,
            socket.current_session_monitor,
        ]
        await socket.close()  # type: ignore[no-untyped-call]  # the library leaves it untyped
        for task in filter(None, tasks):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


class _Now(SignatureClock):
    """The service's clock as the library's signature check reads it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


def http_app(app: AsyncApp, signing_secret: str, clock: Clock) -> web.Application:
    """Return the server that Slack calls.

    A request is taken in only with a good signature that is at most 300 s old and was not seen in
    600 s: the window alone would allow a request to be replayed.
    """
    once = Once(clock, REMEMBER_SIGNATURES)

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        if not signed(signing_secret, clock, request.headers, body):
            return web.Response(status=401, text="bad signature")
        if not once.first(request.headers["x-slack-signature"]):
            return web.Response(status=401, text="seen before")
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    server = web.Application()
    server.add_routes([web.post(PATH, receive)])
    return server


def signed(secret: str, clock: Clock, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether Slack signed the body, at most five minutes ago.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    timestamp = headers.get("x-slack-request-timestamp")
    signature = headers.get("x-slack-signature")
    try:
        return SignatureVerifier(secret, _Now(clock)).is_valid(body, timestamp, signature)
    except (ValueError, TypeError):  # a timestamp that is no number, a signature that is no ASCII
        return False
