"""Slack's Socket Mode: tickets, hello, envelopes, acknowledgements, disconnects.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.emulators.slack_workspace import Json, Workspace

PATIENCE = 10.0
# An acknowledgement that comes later is none: https://docs.slack.dev/interactivity/handling-user-interaction
ACKNOWLEDGE_WITHIN = 3.0


@dataclass
class Envelope:
    """Something that Slack told the app, and what it said in return."""

    id: str
    type: str
    payload: Json
    attempt: int = 0
    sent: int = 0
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Json | None = None

    def frame(self) -> Json:
        return {
            "envelope_id": self.id,
            "type": self.type,
            "payload": self.payload,
            "accepts_response_payload": self.type != "events_api",
            "retry_attempt": self.attempt,
            "retry_reason": "timeout" if self.attempt else "",
        }


class SocketMode:
    """Slack's end of the socket."""

    def __init__(self, workspace: Workspace) -> None:
        self.port = 0
        self.hellos = 0
        self.refused = 0
        self._expired = 0
        self._workspace = workspace
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)
        self._connections: list[web.WebSocketResponse] = []
        self._requests: dict[web.WebSocketResponse, web.Request] = {}
        self._connected = asyncio.Event()
        self._next_hello = asyncio.Event()
        self._envelopes: dict[str, Envelope] = {}

    # The wire.

    def issue(self) -> str:
        """Return the address of a socket; it is good for one connection."""
        ticket = f"ticket-{next(self._numbers)}-secret"
        if self._expired:
            self._expired -= 1
        else:
            self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self.port}/link?ticket={ticket}&app_id=A0REDLINE"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            self.refused += 1
            return web.Response(status=408, text="ticket expired")
        self._tickets.remove(ticket)
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await self._hello(connection, request)
        try:
            async for frame in connection:
                if frame.type is WSMsgType.TEXT:
                    self._take(frame.json())
        finally:
            self._gone(connection)
        return connection

    async def _hello(self, connection: web.WebSocketResponse, request: web.Request) -> None:
        self._connections.append(connection)
        self._requests[connection] = request
        await connection.send_json(
            {
                "type": "hello",
                "num_connections": len(self._connections),
                "debug_info": {"host": "emulator", "approximate_connection_time": 18060},
                "connection_info": {"app_id": "A0REDLINE"},
            }
        )
        self.hellos += 1
        self._connected.set()
        said, self._next_hello = self._next_hello, asyncio.Event()
        said.set()

    def _take(self, answer: Json) -> None:
        envelope = self._envelopes.get(str(answer.get("envelope_id")))
        if envelope:
            envelope.answer = answer.get("payload")
            envelope.acked.set()

    def _gone(self, connection: web.WebSocketResponse) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
        self._requests.pop(connection, None)
        if not self._connections:
            self._connected.clear()

    # What Slack does.

    async def connected(self) -> None:
        """Wait until the app is connected."""
        await asyncio.wait_for(self._connected.wait(), PATIENCE)

    async def tell(self, kind: str, payload: Json) -> Envelope:
        """Send an envelope, wait for its acknowledgement, and send it again after a break."""
        envelope = Envelope(f"envelope-{next(self._numbers)}", kind, payload)
        self._envelopes[envelope.id] = envelope
        await self.deliver(envelope)
        return envelope

    async def deliver(self, envelope: Envelope) -> None:
        """Deliver an envelope; more than once is what Slack does where an answer was late."""
        envelope.acked.clear()
        envelope.attempt = envelope.sent
        envelope.sent += 1
        await self.connected()
        await self._connections[-1].send_json(envelope.frame())
        await asyncio.wait_for(envelope.acked.wait(), ACKNOWLEDGE_WITHIN)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Announce that the connection ends, as Slack does every few hours."""
        await self.connected()
        hello = self._next_hello
        await self._connections[-1].send_json({"type": "disconnect", "reason": reason})
        await asyncio.wait_for(hello.wait(), PATIENCE)

    async def close(self, code: int = 1001) -> None:
        """Close the socket without announcing it."""
        await self.connected()
        hello = self._next_hello
        await self._connections[-1].close(code=code)
        await asyncio.wait_for(hello.wait(), PATIENCE)

    def hand_out_expired(self, count: int) -> None:
        """Make the next `count` addresses worthless before they are used."""
        self._expired = count

    def expire_tickets(self) -> None:
        """Make every address that was handed out worthless."""
        self._tickets.clear()

    async def hang_up(self) -> None:
        """Break every connection."""
        for connection in list(self._connections):
            request = self._requests.get(connection)
            if request is not None and request.transport is not None:
                request.transport.abort()
        self._connections.clear()
        self._connected.clear()
