"""The emulator's gateway v10: HELLO, IDENTIFY, RESUME with replay, op 7, op 9, close codes.

https://docs.discord.com/developers/events/gateway
"""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiohttp import WSMessage, WSMsgType, web

from tests.emulators.discord_world import BOT_ID, World, user

if sys.version_info >= (3, 14):
    from compression import zstd

HEARTBEAT_MS = 41250

STREAM: Final = "zstd-stream" if sys.version_info >= (3, 14) else "zlib-stream"
"""The compression that discord.py asks for: zstd where Python brings it along."""


@dataclass(slots=True)
class Session:
    """One session: everything that was dispatched in it, and the socket it has now."""

    id: str
    events: list[dict[str, Any]] = field(default_factory=list)
    wire: Wire | None = None


class Compressor(Protocol):
    """What packs the frames of one socket, one after the other."""

    def compress(self, data: bytes, /) -> bytes:
        """Take in some bytes, and return those that are packed already."""
        ...

    def flush(self, mode: int, /) -> bytes:
        """Return the rest of what was taken in."""
        ...


class Wire:
    """One socket with its own compressor: every frame is flushed, the stream never ends."""

    def __init__(self, socket: web.WebSocketResponse, stream: str) -> None:
        """Pack what is sent to `socket` as the stream that the client asked for."""
        self.socket = socket
        self._packer, self._flush = _packer(stream)

    async def send(self, frame: dict[str, Any]) -> None:
        """Send one frame."""
        data = json.dumps(frame).encode()
        packed = self._packer.compress(data) + self._packer.flush(self._flush)
        await self.socket.send_bytes(packed)


def _packer(stream: str) -> tuple[Compressor, int]:
    """Return a compressor, and what has it give out a frame without ending the stream."""
    if sys.version_info >= (3, 14) and stream == "zstd-stream":
        return zstd.ZstdCompressor(), zstd.ZstdCompressor.FLUSH_BLOCK
    return zlib.compressobj(), zlib.Z_SYNC_FLUSH


class Gateway:
    """All sessions of the bot."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.identified: list[dict[str, Any]] = []
        self.resumed = 0
        self.queries: list[dict[str, str]] = []
        self.refuse_identify: int | None = None
        self.invalid_sessions = 0
        self.unavailable = 0
        self.mute = False
        self._sockets: set[web.WebSocketResponse] = set()
        self._changed = asyncio.Event()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one socket; answer 503 to the next `unavailable` ones that are opened."""
        if self.unavailable:
            self.unavailable -= 1
            raise web.HTTPServiceUnavailable
        self.queries.append(dict(request.query))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        wire = Wire(socket, request.query.get("compress", "zlib-stream"))
        try:
            if not self.mute:
                await wire.send({"op": 10, "d": {"heartbeat_interval": HEARTBEAT_MS}})
            async for message in socket:
                await self._receive(wire, message)
        except ConnectionResetError:
            pass  # a test pulled the plug
        finally:
            self._forget(socket)
        return socket

    def _forget(self, socket: web.WebSocketResponse) -> None:
        """Take a socket that ended off its session."""
        self._sockets.discard(socket)
        for session in self.sessions.values():
            if session.wire and session.wire.socket is socket:
                session.wire = None

    async def _receive(self, wire: Wire, message: WSMessage) -> None:
        """Act on one frame of the client."""
        if message.type is not WSMsgType.TEXT:
            return
        frame = json.loads(message.data)
        if frame["op"] == 1:
            await wire.send({"op": 11, "d": None})
        elif frame["op"] == 2:
            await self._identify(wire, frame["d"])
        elif frame["op"] == 6:
            await self._resume(wire, frame["d"])

    async def _identify(self, wire: Wire, data: dict[str, Any]) -> None:
        """Begin a session."""
        self.identified.append(data)
        if data["token"] != self.world.token:
            await wire.socket.close(code=4004, message=b"Authentication failed.")
            return
        if self.refuse_identify:
            await wire.socket.close(code=self.refuse_identify)
            return
        if self.invalid_sessions:
            self.invalid_sessions -= 1
            await wire.send({"op": 9, "d": False})
            return
        session = Session(id=f"session{len(self.identified)}", wire=wire)
        self.sessions[session.id] = session
        self._changed.set()
        await self._ready(session)

    async def _ready(self, session: Session) -> None:
        """Say READY, and then bring the servers."""
        guilds = list(self.world.guild_names)
        ready = {
            "v": 10,
            "user": user(BOT_ID) | {"verified": True, "mfa_enabled": False},
            "guilds": [{"id": str(guild), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "session_type": "normal",
            "private_channels": [],
            "relationships": [],
            "application": {"id": str(BOT_ID), "flags": 0},
        }
        await self._send(session, "READY", ready)
        for guild in guilds:
            await self._send(session, "GUILD_CREATE", self.world.guild_payload(guild, full=True))

    async def _resume(self, wire: Wire, data: dict[str, Any]) -> None:
        """Take a session up again and replay what it missed."""
        session = self.sessions.get(data["session_id"] or "")
        if session is None or data["token"] != self.world.token:
            await wire.send({"op": 9, "d": False})
            return
        self.resumed += 1
        session.wire = wire
        self._changed.set()
        for event in [event for event in session.events if event["s"] > (data["seq"] or 0)]:
            await wire.send(event)
        await self._send(session, "RESUMED", {})

    async def _send(self, session: Session, kind: str, data: dict[str, Any]) -> None:
        """Dispatch one event in one session; without a socket it waits for a RESUME."""
        event = {"op": 0, "t": kind, "s": len(session.events) + 1, "d": data}
        session.events.append(event)
        if session.wire and not session.wire.socket.closed:
            await session.wire.send(event)

    async def dispatch(self, kind: str, data: dict[str, Any]) -> None:
        """Dispatch one event to the bot."""
        for session in list(self.sessions.values()):
            await self._send(session, kind, data)

    # --- verbs --------------------------------------------------------------------------------

    async def drop(self, how: str) -> None:
        """Lose the connection: `close 4000`, `op 7`, `op 9 true`, `op 9 false`, or `abort`."""
        for session in list(self.sessions.values()):
            wire = session.wire
            if wire is None:
                continue
            verb, _, what = how.partition(" ")
            if how == "op 9 false":
                del self.sessions[session.id]
            if verb == "close":
                session.wire = None
                await wire.socket.close(code=int(what))
            elif verb == "abort":
                session.wire = None
                _abort(wire.socket)
            else:
                await wire.send({"op": 7, "d": None} if how == "op 7" else _invalid(what))
                session.wire = None

    async def repeat_last(self) -> None:
        """Deliver the last event once more, as a replay may."""
        for session in self.sessions.values():
            if session.wire:
                await session.wire.send(session.events[-1])

    async def close(self) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            await socket.close(code=1001)

    async def connected(self) -> None:
        """Return once a session has a socket."""
        while not any(session.wire for session in self.sessions.values()):
            self._changed.clear()
            await self._changed.wait()


def _invalid(what: str) -> dict[str, Any]:
    """Write op 9."""
    return {"op": 9, "d": what.endswith("true")}


def _abort(socket: web.WebSocketResponse) -> None:
    """Pull the plug: no close frame."""
    request = socket._req
    assert request is not None
    assert request.transport is not None
    request.transport.abort()
