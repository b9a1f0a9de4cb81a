"""A web of publishers on 127.0.0.1, with the faults that publishers have.

Paths are told what to answer with verbs; every request that arrives is kept in `log`, which is the
truth for what was asked of a publisher. It writes its answers byte by byte onto the socket, because
half of what it has to show no honest server library would send.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp.abc import AbstractResolver, ResolveResult

RSS = "application/rss+xml"


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


Answer = Callable[[Received], AsyncIterator[bytes]]


class FakeWeb:
    """Publishers at one port of one address of this machine."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self.log: list[Received] = []
        self.base = ""
        self.port = 0
        self._answers: dict[str, Answer] = {}
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self.most_at_once = 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, self._host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.base = f"http://{self._host}:{self.port}"

    async def stop(self) -> None:
        """Hang up on everyone and stop listening."""
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str) -> str:
        """Return the address of `path`."""
        return self.base + path

    def requests(self, path: str | None = None) -> list[Received]:
        """Return the requests that arrived, for one path or for all."""
        return [seen for seen in self.log if path is None or seen.path == path]

    # --- Verbs: each makes a path answer so from now on, and returns its address --------------

    def serve(
        self,
        path: str,
        body: bytes | str,
        *,
        content_type: str = RSS,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Answer with `body`; with 304 to who sends the ETag or Last-Modified in `headers`."""
        raw = body.encode() if isinstance(body, str) else body
        named = {"Content-Type": content_type, **(headers or {})}

        async def answer(request: Received) -> AsyncIterator[bytes]:
            if status == 200 and _holds_current(request, named):
                yield _head(304, named)
                return
            yield _head(status, {**named, "Content-Length": str(len(raw))})
            yield raw

        return self._set(path, answer)

    def compress(self, path: str, body: bytes, encoding: str = "gzip") -> str:
        """Answer with `body` compressed as `gzip` or `deflate`."""
        packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
        return self.serve(path, packed, headers={"Content-Encoding": encoding})

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        """Point somewhere else; `to` may be an address or a path."""
        return self.serve(path, b"", status=status, headers={"Location": to})

    def rate_limit(self, path: str, retry_after: str | None = "120", status: int = 429) -> str:
        """Ask to be left alone."""
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        return self.serve(path, b"slow down", status=status, headers=headers)

    def drip(self, path: str, every: float = 0.05) -> str:
        """Send one byte after the other, for ever."""

        async def answer(_: Received) -> AsyncIterator[bytes]:
            yield _head(200, {"Content-Type": RSS})
            while True:
                yield b" "
                await asyncio.sleep(every)

        return self._set(path, answer)

    def flood(self, path: str) -> str:
        """Send without end, as fast as it is read."""

        async def answer(_: Received) -> AsyncIterator[bytes]:
            yield _head(200, {"Content-Type": RSS})
            while True:
                yield b"<" * 65536

        return self._set(path, answer)

    def bomb(self, path: str, mebibytes: int = 256) -> str:
        """Send a small gzip body that unpacks to `mebibytes`."""
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        mebibyte = b"<" * (1 << 20)
        packed = b"".join(packer.compress(mebibyte) for _ in range(mebibytes)) + packer.flush()
        return self.serve(path, packed, headers={"Content-Encoding": "gzip"})

    def hang(self, path: str) -> str:
        """Take the request and never answer."""

        async def answer(_: Received) -> AsyncIterator[bytes]:
            await asyncio.Event().wait()
            yield b""

        return self._set(path, answer)

    def stall(self, path: str, body: bytes) -> str:
        """Send half of `body` and then nothing more."""

        async def answer(_: Received) -> AsyncIterator[bytes]:
            yield _head(200, {"Content-Type": RSS, "Content-Length": str(len(body))})
            yield body[: len(body) // 2]
            await asyncio.Event().wait()

        return self._set(path, answer)

    def delay(self, path: str, seconds: float) -> str:
        """Let every answer at `path` wait for `seconds` first."""
        soon = self._answers[path]

        async def answer(request: Received) -> AsyncIterator[bytes]:
            await asyncio.sleep(seconds)
            async for part in soon(request):
                yield part

        return self._set(path, answer)

    def cut_off(self, path: str, body: bytes | str) -> str:
        """Announce more than `body` and hang up after it."""
        raw = body.encode() if isinstance(body, str) else body
        return self.say(
            path, _head(200, {"Content-Type": RSS, "Content-Length": str(len(raw) + 1000)}) + raw
        )

    def say(self, path: str, raw: bytes) -> str:
        """Answer with exactly these bytes, HTTP or not."""

        async def answer(_: Received) -> AsyncIterator[bytes]:
            yield raw

        return self._set(path, answer)

    # --- The wire ------------------------------------------------------------------------------

    def _set(self, path: str, answer: Answer) -> str:
        self._answers[path] = answer
        return self.url(path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self._open.add(writer)
        self.most_at_once = max(self.most_at_once, len(self._open))
        try:
            request = _read(await reader.readuntil(b"\r\n\r\n"))
            self.log.append(request)
            async for part in self._answers.get(request.path, _not_found)(request):
                writer.write(part)
                await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # Only `stop` cancels, and asyncio's streams complain of a task that ends cancelled.
            writer.transport.abort()
        finally:
            self._open.discard(writer)


async def _not_found(_: Received) -> AsyncIterator[bytes]:
    yield _head(404, {"Content-Length": "9"}) + b"not found"


def _read(raw: bytes) -> Received:
    first, *lines = raw.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return Received(method, path, {name.strip().lower(): text.strip() for name, text in pairs})


def _holds_current(request: Received, named: Mapping[str, str]) -> bool:
    """Whether the client has what would be sent (RFC 9110 13.2.2: the ETag decides first)."""
    if "if-none-match" in request.headers:
        return request.headers["if-none-match"] == named.get("ETag")
    since = request.headers.get("if-modified-since")
    return since is not None and since == named.get("Last-Modified")


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {text}" for name, text in headers.items()]
    return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode()


class PlantedResolver(AbstractResolver):
    """Whoever owns a name decides what it resolves to; here that is a list, turn by turn."""

    def __init__(self, *turns: list[str]) -> None:
        self._turns = itertools.chain(turns[:-1], itertools.repeat(turns[-1]))

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in next(self._turns)
        ]

    async def close(self) -> None:
        pass
