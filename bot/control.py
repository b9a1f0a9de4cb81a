"""Control: the running service carries out what the command line asks for.

SQLite has one writer, so `redline resume` beside a running service must not write itself. The
service listens on a Unix socket beside the database, readable by its own user only. A request is
one JSON line, `{"command": "resume", "args": ["slack:#desk"]}`, and so is its answer,
`{"ok": true, "said": "..."}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from bot.errors import RedlineError, StoreError
from bot.model import ChannelRef
from bot.ports import Clock, Outbox

_SUN_PATH = 107
"""Bytes of a socket's address on Linux, without the closing zero (unix(7))."""

_LONGEST_NAME = 64  # So that `/proc/self/fd/N/NAME` stays within `_SUN_PATH`.
_LONGEST_LINE = 64 * 1024
_LONGEST_ANSWER = 1024 * 1024  # An answer may quote the request, escaped.
_PATIENCE = 10.0  # Seconds in which a client must have sent its line.

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service answers: whether it did as asked, and a sentence for the person."""

    ok: bool
    said: str


Run = Callable[[Sequence[str]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing that the service does on request. `takes` names its arguments, in order."""

    name: str
    takes: tuple[str, ...]
    run: Run

    @property
    def usage(self) -> str:
        """How it is written: `resume CHANNEL`."""
        return " ".join([self.name, *self.takes])


def resume(outbox: Outbox, clock: Clock, wake: Callable[[], None]) -> Command:
    """Make the command that opens a parked channel again and wakes the delivery."""

    async def run(args: Sequence[str]) -> Reply:
        channel = ChannelRef.parse(args[0])
        if not await outbox.resume_channel(channel, clock.now()):
            return Reply(False, f"{channel} is not parked; nothing was changed.")
        wake()
        return Reply(True, f"{channel} is open again; what it is owed is being sent.")

    return Command(name="resume", takes=("CHANNEL",), run=run)


def socket_of(database: Path) -> Path:
    """Return where the service of a database listens: `<database>.sock`.

    A name that is too long for a socket's address is replaced by a short one in the same folder,
    made from the hash of the long one.
    """
    path = database.with_name(f"{database.name}.sock")
    if len(os.fsencode(path.name)) <= _LONGEST_NAME:
        return path
    short = hashlib.sha256(os.fsencode(database.name)).hexdigest()[:16]
    return database.with_name(f"redline-{short}.sock")


class Control:
    """The service's end of the socket."""

    def __init__(self, path: Path, commands: Sequence[Command]) -> None:
        """Serve `commands` at `path`, once opened."""
        self._path = path
        self._commands = {command.name: command for command in commands}
        self._server: asyncio.Server | None = None
        self._inode: int | None = None
        self._talking: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin to listen; a socket that a killed service left behind is replaced.

        Raises:
            StoreError: another service listens here, or something else stands in the way.
        """
        sock = _listening(self._path)
        self._inode = self._path.stat().st_ino
        self._server = await asyncio.start_unix_server(self._talk, sock=sock, limit=_LONGEST_LINE)

    async def close(self) -> None:
        """Stop listening and remove the socket; may be called more than once."""
        if self._server is None:
            return
        self._server.close()
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        self._server = None
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        try:
            reply = await self._reply(reader)
            writer.write(json.dumps(asdict(reply)).encode() + b"\n")
            await writer.drain()
        except ConnectionError:
            log.info("asker gone", said="the asker left before its answer")
        finally:
            self._talking.discard(task)
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader) -> Reply:
        try:
            async with asyncio.timeout(_PATIENCE):
                line = await reader.readline()
        except TimeoutError:
            return Reply(False, f"No whole line came within {_PATIENCE:g} seconds.")
        except ValueError:
            return Reply(False, f"The request is longer than {_LONGEST_LINE} bytes.")
        return await self._carry_out(line)

    async def _carry_out(self, line: bytes) -> Reply:
        try:
            command, args = _read(line, self._commands)
            return await command.run(args)
        except RedlineError as error:
            return Reply(False, str(error))
        except Exception:  # A broken command must not stop the service; its trace is in the log.
            log.exception("control broken")
            return Reply(False, "The service could not carry this out; its log says why.")


async def ask(
    path: Path, command: str, args: Sequence[str] = (), *, patience: float = 30.0
) -> Reply | None:
    """Ask the service that listens at `path`; None where no service runs.

    Where None comes back the caller may write itself. A service that runs and does not answer
    within `patience` seconds is a Reply that says so: two writers would be worse than none.
    """
    request = json.dumps({"command": command, "args": list(args)}).encode() + b"\n"
    try:
        async with asyncio.timeout(patience):
            line = await _exchange(path, request)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except TimeoutError:
        return Reply(False, f"The service did not answer within {patience:g} seconds.")
    except PermissionError:
        return Reply(False, f"{path} belongs to another user; ask as the user of the service.")
    except ConnectionError:
        line = b""
    return _read_reply(line)


async def _exchange(path: Path, request: bytes) -> bytes:
    with _address(path) as address:
        reader, writer = await asyncio.open_unix_connection(address, limit=_LONGEST_ANSWER)
    try:
        writer.write(request)
        await writer.drain()
        return await reader.readline()
    finally:
        writer.close()


def _read_reply(line: bytes) -> Reply:
    try:
        told = json.loads(line)
        return Reply(bool(told["ok"]), str(told["said"]))
    except (ValueError, KeyError, TypeError):
        return Reply(False, "The service stopped before it answered; ask again.")


class _RequestError(RedlineError):
    """What was asked cannot be understood."""


def _read(line: bytes, commands: dict[str, Command]) -> tuple[Command, Sequence[str]]:
    try:
        told = json.loads(line)
    except ValueError:
        raise _RequestError("request", "is not a line of JSON") from None
    if not isinstance(told, dict) or not isinstance(told.get("command"), str):
        raise _RequestError("request", 'is not {"command": NAME, "args": [TEXT, ...]}')
    command = commands.get(told["command"])
    if command is None:
        known = ", ".join(sorted(commands))
        raise _RequestError("request", "names no command", advice=f"Known: {known}.")
    args = told.get("args", [])
    if not _are_texts(args) or len(args) != len(command.takes):
        raise _RequestError(
            command.name, "has the wrong arguments", advice=f"Write: {command.usage}"
        )
    return command, args


def _are_texts(args: object) -> bool:
    return isinstance(args, list) and all(isinstance(arg, str) for arg in args)


def _listening(path: Path) -> socket.socket:
    _clear(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            sock.bind(address)
        # Nobody can connect before listen(), so there is no moment in which others may ask.
        path.chmod(0o600)
        sock.listen()
    except OSError as error:
        sock.close()
        raise StoreError(str(path), f"cannot be listened on: {error.strerror}") from None
    sock.setblocking(False)
    return sock


def _clear(path: Path) -> None:
    """Remove the socket of a service that is gone."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise StoreError(str(path), "is in the way", advice="Move it; the service listens there.")
    if _is_answered(path):
        raise StoreError(str(path), "another service listens here", advice="Stop it first.")
    path.unlink()


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock, _address(path) as address:
        return sock.connect_ex(address) == 0


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """Give the path as an address that fits, through its open folder where it is too long.

    Only Linux has such a short way to a folder; elsewhere a long path stays an OSError.
    """
    if len(os.fsencode(path)) <= _SUN_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
