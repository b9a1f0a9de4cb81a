"""The connection to Discord: login, gateway, and what to do when the gateway is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.errors import ChatError, whereabouts
from bot.model import Secret, ShutOut
from bot.ports import Serve
from handlers.discord.answers import UNKNOWN, say
from handlers.discord.budget import Budget
from handlers.discord.declare import declare
from handlers.discord.errors import Response, ThrottledError, describe, refuse_trouble, token_advice
from handlers.discord.options import DiscordOptions
from handlers.discord.orders import Orders
from handlers.discord.patience import be_patient
from handlers.discord.reception import Reception
from handlers.discord.serve import Presses, Submissions

Request = Callable[..., Coroutine[Any, Any, Any]]

log = logging.getLogger("redline.discord")

LONGEST_WAIT = 5.0
"""How long a request waits for its rate limit inside the call, in seconds. discord.py takes no less
than 30 in its constructor, to protect bots that would ask again at once; the core waits as long as
Discord asks, and a longer wait would outlast the core's time for a send and leave it in doubt."""

_DECLARE_AGAIN = 60.0
"""Seconds until the commands are declared again where Discord did not take or show them."""

_RESTART = 5.0
"""Seconds between two starts of the gateway; sessions are paced by `identify_pause`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Times that tests make short, in seconds; nothing a person sets."""

    guild_ready: float = 2.0
    ready: float = 60.0
    request: float = 15.0
    farewell: float = 2.0


@dataclass(frozen=True, slots=True)
class _Fatal:
    """A close code after which Discord will not have us back."""

    problem: str
    advice: str


# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
_FATAL = {
    4004: _Fatal("the token is refused", token_advice()),
    4010: _Fatal("the shard is invalid", "This is a fault of Redline: please report it"),
    4011: _Fatal("the bot is in too many servers", "Leave some: Redline runs without shards"),
    4012: _Fatal("the gateway's version is out of date", "Update Redline"),
    4013: _Fatal("the intents are invalid", "Update Redline"),
    4014: _Fatal(
        "a privileged intent is refused",
        "Redline asks for none: update it, or look whether another bot uses this token",
    ),
}


class RedlineClient(discord.Client):
    """discord.py's client with our answers and a careful IDENTIFY.

    A plain Client: one gateway connection serves 2,500 servers. An AutoShardedClient would ask
    `GET /gateway/bot` for its address, so `Endpoints` would have to be told to the REST side alone.
    """

    def __init__(self, serve: Serve, tuning: Tuning, budget: Budget) -> None:
        # We need no voice, so discord.py need not warn that it cannot speak.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        be_patient()
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=30,
            guild_ready_timeout=tuning.guild_ready,
            max_messages=None,
        )
        self.http.max_ratelimit_timeout = LONGEST_WAIT
        careful = _careful(self.http.request, budget)
        self.http.request = careful  # type: ignore[method-assign]  # discord.py has no hook for it
        self.reception = Reception(serve)
        self._orders = Orders(serve, self.reception)
        self._presses = Presses(serve, self.reception)
        self._submissions = Submissions(serve, self.reception)
        self.leaving = False
        self._farewell = tuning.farewell
        self._answering: set[asyncio.Task[Any]] = set()
        self._clock = serve.clock
        self._identified: list[datetime] = []

    async def before_identify_hook(
        self,
        shard_id: int | None,  # noqa: ARG002 - there is only one
        *,
        initial: bool = False,  # noqa: ARG002 - all are counted
    ) -> None:
        """Wait until a new session may be begun."""
        now = self._clock.now()
        await self._clock.sleep(identify_pause(self._identified, now).total_seconds())
        self._identified = [*self._identified[-99:], self._clock.now()]

    async def close(self) -> None:
        """Close where we leave; where discord.py gives the gateway up, requests go on.

        A request in flight then still gets its answer, which says more than a broken connection.
        """
        if self.leaving:
            await self._finish_answers()
            await super().close()

    async def _finish_answers(self) -> None:
        """Give the answers under way a moment; the next start gives those that need longer."""
        answering = set(self._answering)
        if answering:
            await asyncio.wait(answering, timeout=self._farewell)
        for task in answering:
            task.cancel()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer whatever somebody did, so that nobody waits for nothing."""
        task = asyncio.current_task()
        assert task  # discord.py gives every event one
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        await self._answer(interaction)

    async def _answer(self, interaction: discord.Interaction[Any]) -> None:
        kind = interaction.type
        answer = {
            discord.InteractionType.application_command: self._orders.carry_out,
            discord.InteractionType.autocomplete: self._orders.suggest,
            discord.InteractionType.component: self._presses.answer,
            discord.InteractionType.modal_submit: self._submissions.take,
        }.get(kind)
        if answer:
            await answer(interaction)
        elif kind is not discord.InteractionType.ping:
            await say(interaction, UNKNOWN)


def _careful(request: Request, budget: Budget) -> Request:
    """Return a request that ends with the first answer, and that counts what is refused."""

    async def noted(response: Response) -> None:
        budget.note(response)
        await refuse_trouble(response)

    async def careful(*args: Any, **kwargs: Any) -> Any:
        budget.require()
        return await request(*args, raise_for_status=noted, **kwargs)

    return careful


def identify_pause(earlier: Sequence[datetime], now: datetime) -> timedelta:
    """Return how long to wait before the next IDENTIFY.

    Discord resets the token of a bot that begins more than 1,000 sessions in 24 hours
    (https://docs.discord.com/developers/events/gateway#identifying), and a gateway that refuses
    every session would be asked 17,000 times a day by discord.py's own pause of 5 s. The pause
    doubles with each session begun in the last hour, up to 3 minutes: 480 a day.
    """
    if not earlier:
        return timedelta()
    recent = sum(now - at < timedelta(hours=1) for at in earlier)
    pause = timedelta(seconds=min(5 * 2 ** min(max(recent - 1, 0), 10), 180))
    return max(timedelta(), earlier[-1] + pause - now)


class Endpoints:
    """Where Discord is.

    discord.py keeps both addresses as attributes of classes, so they hold for the whole process:
    two connections to different places cannot stand side by side in one.
    """

    def __init__(self, options: DiscordOptions) -> None:
        self._options = options
        self._before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY

    def point(self) -> None:
        """Point discord.py at the places of the options."""
        self._before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        Route.BASE = self._options.api_url.rstrip("/")
        if self._options.gateway_url:
            url = type(DiscordWebSocket.DEFAULT_GATEWAY)(self._options.gateway_url)
            DiscordWebSocket.DEFAULT_GATEWAY = url

    def restore(self) -> None:
        """Point it where it pointed before."""
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self._before


class Connection:
    """A logged-in client, and the gateway that is kept open beside it."""

    def __init__(self, options: DiscordOptions, serve: Serve, tuning: Tuning) -> None:
        self._token = options.token or Secret("")
        self._endpoints = Endpoints(options)
        self._serve = serve
        self._tuning = tuning
        self._budget = Budget(serve.clock)
        self._client: RedlineClient | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._beside: list[asyncio.Task[None]] = []
        self.refusal: ShutOut | None = None

    @property
    def client(self) -> RedlineClient:
        """The client.

        Raises:
            ChatError: there is no connection.
        """
        if self._client is None:
            raise ChatError("discord", "there is no connection", advice="Open it first")
        return self._client

    @property
    def is_open(self) -> bool:
        """Whether there is a client that is logged in."""
        return self._client is not None and not self._client.is_closed()

    async def login(self) -> None:
        """Log in without the gateway; enough to look at channels.

        Raises:
            ChatError: the token is refused, or Discord cannot be reached.
        """
        await self.close()
        self._endpoints.point()
        self._client = RedlineClient(self._serve, self._tuning, self._budget)
        try:
            async with asyncio.timeout(self._tuning.request):
                await self._client.login(self._token.reveal())
        except Exception as error:  # noqa: BLE001 - aiohttp's errors come through, unnamed here
            await self.close()
            raise _login_error(error) from None

    async def open(self) -> None:
        """Log in, connect the gateway and wait until it is ready.

        Raises:
            ChatError: the token is refused, or Discord cannot be reached.
        """
        self.refusal = None
        await self.login()
        client = self.client
        # Asked before the gateway brings anything new, which is not left over.
        owed = await client.reception.left_over()
        self._keeper = asyncio.create_task(self._keep(client), name="discord-gateway")
        ready = asyncio.create_task(client.wait_until_ready(), name="discord-ready")
        await asyncio.wait(
            {self._keeper, ready},
            timeout=self._tuning.ready,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if ready.done():
            self._beside = [
                asyncio.create_task(self._declare(client), name="discord-declare"),
                asyncio.create_task(client.reception.take_up(client, owed), name="discord-owed"),
            ]
            return
        ready.cancel()
        refusal = self.refusal
        await self.close()
        raise _gateway_error(refusal)

    async def close(self) -> None:
        """Disconnect; may be called more than once."""
        client, self._client = self._client, None
        tasks = [*([self._keeper] if self._keeper else []), *self._beside]
        self._keeper, self._beside = None, []
        if client is None:
            return
        client.leaving = True
        await client.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._endpoints.restore()

    async def _declare(self, client: RedlineClient) -> None:
        """Declare the commands, where there are any, until Discord has them."""
        while self._serve.menu.commands:
            pause = _DECLARE_AGAIN
            try:
                if await declare(client, self._serve.menu):
                    log.info("the slash commands were declared anew")
                return
            except discord.HTTPException as error:
                log.error(  # noqa: TRY400 - the code says it all, the trace nothing
                    "Discord refuses the slash commands: %s", describe(error)
                )
                return
            except ThrottledError as error:
                pause = max(pause, error.retry_after.total_seconds())
            except Exception as error:  # noqa: BLE001 - alerts go on without commands
                log.warning("the slash commands could not be declared (%s)", describe(error))
            await self._serve.clock.sleep(pause)

    async def _keep(self, client: RedlineClient) -> None:
        """Keep the gateway open; discord.py resumes by itself, this begins anew where it gives up.

        Each new start is an IDENTIFY, so `before_identify_hook` sets the pace.
        """
        while not client.is_closed():
            try:
                await client.connect(reconnect=True)
            except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
                code = getattr(error, "code", None) or 4014
                fatal = _FATAL.get(code)
                if fatal:
                    log.error(  # noqa: TRY400 - the code says it all, the trace nothing
                        "Discord closed the gateway (%s): %s", code, fatal.problem
                    )
                    self.refusal = ShutOut(str(code), fatal.advice)
                    return
            except Exception as error:  # noqa: BLE001 - the gateway is begun anew whatever ended it
                log.warning("the gateway broke off (%s), connecting anew", whereabouts(error))
            await self._serve.clock.sleep(_RESTART)


def _login_error(error: Exception) -> ChatError:
    """Say why there is no login and what to do."""
    if isinstance(error, discord.LoginFailure):
        return ChatError("discord", "the token is refused", advice=token_advice())
    if isinstance(error, ThrottledError):
        wait = f"Try again in {error.retry_after.total_seconds():.0f} s"
        return ChatError("discord", "too many requests from here", advice=wait)
    return ChatError(
        "discord",
        f"cannot be reached ({describe(error)})",
        advice="Check the network, discordstatus.com and REDLINE_DISCORD_API_URL",
    )


def _gateway_error(refusal: ShutOut | None) -> ChatError:
    """Say why there is no gateway and what to do."""
    if refusal:
        problem = _FATAL[int(refusal.code)].problem
        return ChatError("discord", problem, advice=refusal.advice)
    return ChatError(
        "discord",
        "the gateway does not become ready",
        advice="Check the network, discordstatus.com and REDLINE_DISCORD_GATEWAY_URL",
    )
