"""The parent's end of the sandbox: the pool, and how it speaks with the nursery."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import pickle
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from bot.errors import RedlineError, SandboxError
from bot.sandbox.nursery import LENGTH, NOTICE, ORDER

P = ParamSpec("P")
T = TypeVar("T")

_START_SECONDS = 60.0
_MAX_ANSWER = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """What one child may use.

    `memory` is bytes of address space, `cpu` whole seconds of processor time per task, `wall`
    seconds per task, `tasks` how many tasks a child serves before it is replaced. The numbers are
    those at which every hostile feed we know of was stopped and no honest one was.
    """

    memory: int = 512 * 1024 * 1024
    cpu: int = 2
    wall: float = 5.0
    tasks: int = 200


class ProcessSandbox:
    """A pool of killable children; it follows `bot.ports.Sandbox`."""

    def __init__(
        self,
        *,
        size: int = 2,
        preload: Sequence[str] = (),
        limits: SandboxLimits | None = None,
    ) -> None:
        """Make a pool of at most `size` children that have imported the modules `preload`."""
        self._limits = limits or SandboxLimits()
        self._preload = tuple(preload)
        self._places = asyncio.Semaphore(size)
        self._idle: list[_Child] = []
        self._nursery: _Nursery | None = None
        self._starting = asyncio.Lock()

    async def open(self) -> None:
        """Start the nursery.

        Raises:
            SandboxError: it does not start, or cannot import what it was told to.
        """
        await self._ready_nursery()

    async def close(self) -> None:
        """End all children and the nursery; may be called more than once."""
        while self._idle:
            await self._idle.pop().end()
        if self._nursery is not None:
            await self._nursery.end()
            self._nursery = None

    async def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the module-level function `task` in a child process and return what it returns.

        Raises:
            SandboxError: the child took too long, grew too large, or crashed.
            RedlineError: whatever the task itself raised of our own errors.
        """
        name = f"{task.__module__}.{task.__qualname__}"
        request = pickle.dumps((task, args, kwargs))
        async with self._places:
            kind, value = await self._ask(request, name)
        if kind == "value":
            return value  # type: ignore[no-any-return]  # pickled by the child as the T it got
        raise value if isinstance(value, RedlineError) else SandboxError(name, str(value))

    async def _ask(self, request: bytes, name: str) -> tuple[str, Any]:
        """Have one child do the task, and keep the child where it can go on."""
        child = await self._take()
        try:
            answer = await child.ask(request, self._limits, name)
        except BaseException:
            await child.end()
            raise
        if child.served < self._limits.tasks and answer[0] != "spent":
            self._idle.append(child)
        else:
            await child.end()
        return answer

    async def _take(self) -> _Child:
        nursery = await self._ready_nursery()
        while self._idle:
            child = self._idle.pop()
            if child.of is nursery:
                return child
            await child.end()
        return await nursery.bear()

    async def _ready_nursery(self) -> _Nursery:
        async with self._starting:
            if self._nursery is None or not self._nursery.alive:
                if self._nursery is not None:
                    await self._nursery.end()
                self._nursery = await _Nursery.start(self._preload, self._limits)
            return self._nursery


class _Child:
    """The parent's end of one child."""

    def __init__(self, of: _Nursery, key: int, streams: _Streams) -> None:
        self.of = of
        self.served = 0
        self._key = key
        self._reader, self._writer = streams

    async def ask(self, request: bytes, limits: SandboxLimits, name: str) -> tuple[str, Any]:
        """Send one request and return what became of it as `(kind, value)`."""
        self.served += 1
        try:
            async with asyncio.timeout(limits.wall):
                return _read_answer(await self._exchange(request))
        except TimeoutError:
            why = f"was stopped: it took longer than {limits.wall:g} seconds"
        except (asyncio.IncompleteReadError, ConnectionError):
            why = _reason(await self.of.fate(self._key), limits)
        except (pickle.UnpicklingError, ValueError) as error:
            why = f"answered with something unreadable ({type(error).__name__})"
        raise SandboxError(name, why)

    async def _exchange(self, request: bytes) -> bytes:
        self._writer.write(LENGTH.pack(len(request)) + request)
        await self._writer.drain()
        (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
        if length > _MAX_ANSWER:
            raise ValueError("too long")
        return await self._reader.readexactly(length)

    async def end(self) -> None:
        """Have the child killed and let go of it."""
        self.of.kill(self._key)
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Nursery:
    """The process that forks the children, seen from the parent."""

    def __init__(
        self, process: asyncio.subprocess.Process, control: socket.socket, streams: _Streams
    ) -> None:
        self.alive = True
        self._process = process
        self._control = control
        self._reader, self._writer = streams
        self._last_key = 0
        self._fates: dict[int, asyncio.Future[int]] = {}
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, preload: Sequence[str], limits: SandboxLimits) -> _Nursery:
        """Start the process and wait until it has imported what it should."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *_command(theirs.fileno(), preload, limits),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={"LANG": "C.UTF-8"},
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        # Orders carry a file descriptor, which asyncio's streams cannot send; notices are plain.
        control = ours.dup()
        streams = await asyncio.open_connection(sock=ours)
        nursery = cls(process, control, streams)
        await nursery._await_ready()
        return nursery

    async def _await_ready(self) -> None:
        ready = self._expect(0)
        try:
            async with asyncio.timeout(_START_SECONDS):
                code = await ready
        except TimeoutError:
            code = -1
        if code != 0:
            await self.end()
            raise SandboxError("sandbox", "the process for parsing did not start")

    def _expect(self, key: int) -> asyncio.Future[int]:
        return self._fates.setdefault(key, asyncio.get_running_loop().create_future())

    async def _listen(self) -> None:
        """Hear which children ended and how, until the nursery itself ends."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                _, key, code = NOTICE.unpack(await self._reader.readexactly(NOTICE.size))
                self._settle(key, code)
        self.alive = False
        for key in list(self._fates):
            self._settle(key, -signal.SIGKILL)

    def _settle(self, key: int, code: int) -> None:
        fate = self._fates.get(key)
        if fate is not None and not fate.done():
            fate.set_result(code)

    async def bear(self) -> _Child:
        """Have a child forked."""
        self._last_key += 1
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(
                    self._control, [ORDER.pack(b"S", self._last_key)], [theirs.fileno()]
                )
            except OSError:
                ours.close()
                self.alive = False
                raise SandboxError("sandbox", "the process for parsing has ended") from None
        self._expect(self._last_key)
        streams = await asyncio.open_connection(sock=ours, limit=1024 * 1024)
        return _Child(self, self._last_key, streams)

    def kill(self, key: int) -> None:
        """Have a child killed; nothing happens where it is gone already."""
        self._fates.pop(key, None)
        with contextlib.suppress(OSError):
            self._control.send(ORDER.pack(b"K", key))

    async def fate(self, key: int) -> int:
        """Return the exit code of a child that has closed its socket, negative for a signal."""
        try:
            async with asyncio.timeout(1):
                return await self._expect(key)
        except TimeoutError:
            return -signal.SIGKILL

    async def end(self) -> None:
        """End the process and with it all its children."""
        self.alive = False
        self._writer.close()
        self._control.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
        await self._listener
        await self._process.wait()


def _command(control: int, preload: Sequence[str], limits: SandboxLimits) -> list[str]:
    """Return the command line of a nursery, which finds our modules where this process does."""
    told = {
        "control": control,
        "path": sys.path,
        "preload": list(preload),
        "memory": limits.memory,
        "cpu": limits.cpu,
    }
    code = (
        "import json, sys; told = json.loads(sys.argv[1]); sys.path[:] = told.pop('path'); "
        "from bot.sandbox.nursery import serve_nursery; serve_nursery(**told)"
    )
    return [sys.executable, "-I", "-c", code, json.dumps(told)]


def _reason(code: int, limits: SandboxLimits) -> str:
    """Say in words why a child ended with `code`."""
    if code == -signal.SIGXCPU:
        return f"was stopped: it used more than {limits.cpu} seconds of processor time"
    if code < 0:
        return f"crashed ({signal.Signals(-code).name})"
    return f"ended without an answer (exit code {code})"


class _DataOnly(pickle.Unpickler):
    """Reads answers: our own classes and plain values, never a function to be called."""

    _PLAIN = frozenset(
        {("datetime", "datetime"), ("datetime", "timedelta"), ("datetime", "timezone")}
    )

    def find_class(self, module_name: str, global_name: str) -> Any:
        if (module_name, global_name) in self._PLAIN:
            return super().find_class(module_name, global_name)
        if module_name.startswith("bot."):
            found = super().find_class(module_name, global_name)
            # Its own module is asked too: by way of ours, others' classes could be named.
            if isinstance(found, type) and found.__module__.startswith("bot."):
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not ours")


def _read_answer(raw: bytes) -> tuple[str, Any]:
    kind, value = _DataOnly(io.BytesIO(raw)).load()
    return str(kind), value
