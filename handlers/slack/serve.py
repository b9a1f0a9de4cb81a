"""Listening to Slack: all that people do there, over Socket Mode or signed HTTP."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChatError
from bot.model import ShutOut
from bot.ports import Clock, Serve
from handlers.slack.answers import Answers
from handlers.slack.errands import Errands
from handlers.slack.errors import library_logger, outcome_of_error
from handlers.slack.forms import FORMS, NAMES
from handlers.slack.home import Home
from handlers.slack.once import Once
from handlers.slack.options import SlackOptions
from handlers.slack.orders import Orders
from handlers.slack.people import People
from handlers.slack.presses import OURS, Presses
from handlers.slack.submissions import Submissions
from handlers.slack.suggestions import Suggestions

PATH = "/slack/events"
# The window of 300 s is the library's; within it and its mirror image a signature is good once.
REMEMBER_SIGNATURES = timedelta(seconds=600)
CONNECT_PATIENCE = 10
WATCH_SECONDS = 15
PING_SECONDS = 10

_EVERYTHING = re.compile(".*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Desks:
    """What listens: to buttons, commands, forms, typing in forms, and visits of the home."""

    presses: Presses
    orders: Orders
    submissions: Submissions
    suggestions: Suggestions
    home: Home


def desks_of(serve: Serve, errands: Errands, answers: Answers) -> Desks:
    """Return what listens, in front of one service."""
    return Desks(
        presses=Presses(errands, answers),
        orders=Orders(errands, serve.menu),
        submissions=Submissions(errands, answers),
        suggestions=Suggestions(errands, serve),
        home=Home(errands),
    )


def bolt_app(client: AsyncWebClient, desks: Desks) -> AsyncApp:
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
    app.action(OURS)(desks.presses.pressed)
    app.command(_EVERYTHING)(desks.orders.given)
    app.view(FORMS)(desks.submissions.sent)
    app.options(NAMES)(desks.suggestions.asked)
    app.event("app_home_opened")(desks.home.opened)
    for kind in (app.action, app.shortcut, app.view, app.view_closed):
        kind(_EVERYTHING)(_acknowledge)
    app.options(_EVERYTHING)(_offer_nothing)
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


async def _offer_nothing(ack: AsyncAck) -> None:
    await ack(options=[])


async def _ignore() -> None:
    """Bolt acknowledges events by itself."""


class Listener:
    """The way in: a socket that we open, or a port that Slack calls."""

    def __init__(
        self, options: SlackOptions, client: AsyncWebClient, serve: Serve, people: People
    ) -> None:
        """Prepare to listen; nothing is opened yet."""
        self._options = options
        self._client = client
        self._serve = serve
        self._people = people
        self._closing: list[Callable[[], Awaitable[None]]] = []

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            ChatError: Slack refuses the app token, or the port is taken.
        """
        answers = Answers(self._client, self._serve.clock)
        errands = Errands(self._serve, self._people, answers)
        self._closing.append(errands.work.finish)
        await errands.look_back()
        await self._listen(bolt_app(self._client, desks_of(self._serve, errands, answers)))
        errands.resume()

    async def _listen(self, app: AsyncApp) -> None:
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
