"""The command line asks a running service, over a socket beside its database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.control import Command, Control, Reply, ask, socket_of
from bot.errors import StoreError


async def echo(args: Sequence[str]) -> Reply:
    """Answer with the arguments."""
    return Reply(True, "/".join(args))


async def broken(args: Sequence[str]) -> Reply:
    """Fail as no command should."""
    raise ValueError("xoxb-secret in a trace")


async def never(args: Sequence[str]) -> Reply:
    """Take forever."""
    await asyncio.Event().wait()
    raise AssertionError


COMMANDS = (
    Command(name="echo", takes=("FIRST", "SECOND"), run=echo),
    Command(name="broken", takes=(), run=broken),
    Command(name="never", takes=(), run=never),
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder, since the path of a socket is."""
    with tempfile.TemporaryDirectory(prefix="redline-") as name:
        yield Path(name)


@contextlib.asynccontextmanager
async def serving(path: Path) -> AsyncIterator[Control]:
    """Serve at `path` meanwhile."""
    control = Control(path, COMMANDS)
    await control.open()
    try:
        yield control
    finally:
        await control.close()


@pytest.fixture
async def path(folder: Path) -> AsyncIterator[Path]:
    """Where a service listens."""
    path = socket_of(folder / "redline.db")
    async with serving(path):
        yield path


async def say(path: Path, line: bytes) -> dict[str, object]:
    """Write `line` as it is, and return what comes back."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line)
    writer.write_eof()
    told = json.loads(await reader.readline())
    writer.close()
    assert isinstance(told, dict)
    return told


async def test_the_service_answers(path: Path) -> None:
    """A command is carried out with its arguments, and answered."""
    assert await ask(path, "echo", ["slack:#desk", "ü \n“x”"]) == Reply(True, "slack:#desk/ü \n“x”")


async def test_requests_side_by_side_get_their_own_answers(path: Path) -> None:
    """Twenty askers at once are twenty answers."""
    replies = await asyncio.gather(*(ask(path, "echo", [str(n), "x"]) for n in range(20)))

    assert [f"{n}/x" for n in range(20)] == [reply.said for reply in replies if reply]


async def test_where_no_service_runs_the_asker_is_told(folder: Path) -> None:
    """No socket, or one that a killed service left behind, means that nobody runs."""
    path = folder / "redline.db.sock"
    assert await ask(path, "echo", ["a", "b"]) is None

    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    assert await ask(path, "echo", ["a", "b"]) is None


async def test_a_stale_socket_is_replaced(folder: Path) -> None:
    """A service starts although an earlier one was killed."""
    path = folder / "redline.db.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    async with serving(path):
        assert await ask(path, "echo", ["a", "b"]) == Reply(True, "a/b")


async def test_a_second_service_is_refused(path: Path) -> None:
    """A socket that is answered is nobody else's; the first service keeps it."""
    with pytest.raises(StoreError, match="another service listens here"):
        await Control(path, COMMANDS).open()

    assert await ask(path, "echo", ["a", "b"]) == Reply(True, "a/b")


async def test_a_file_in_the_way_is_kept(folder: Path) -> None:
    """Nothing but a socket is ever replaced."""
    path = folder / "redline.db.sock"
    path.write_text("somebody's notes")

    with pytest.raises(StoreError, match="is in the way"):
        await Control(path, COMMANDS).open()

    assert path.read_text() == "somebody's notes"


async def test_a_folder_that_is_missing_is_a_clear_error(folder: Path) -> None:
    """The error names the place."""
    with pytest.raises(StoreError, match=r"nowhere/redline\.sock: cannot be listened on"):
        await Control(folder / "nowhere" / "redline.sock", COMMANDS).open()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_only_the_own_user_may_ask(path: Path) -> None:
    """The socket is open to nobody else."""
    assert _mode(path) == 0o600


async def test_the_socket_goes_with_the_service(folder: Path) -> None:
    """After a stop nothing is left; stopping twice does nothing."""
    path = folder / "redline.db.sock"
    async with serving(path) as control:
        await control.close()
        assert not path.exists()

    await Control(path, COMMANDS).close()


async def test_a_stop_leaves_the_socket_of_another(folder: Path) -> None:
    """A service that was replaced does not remove its successor's socket."""
    path = folder / "redline.db.sock"
    async with serving(path) as first:
        path.unlink()
        async with serving(path):
            await first.close()
            assert await ask(path, "echo", ["a", "b"]) == Reply(True, "a/b")


async def test_a_stop_waits_for_nobody(folder: Path) -> None:
    """An asker whose command hangs is told that the service stopped."""
    path = folder / "redline.db.sock"
    async with serving(path):
        asked = asyncio.create_task(ask(path, "never"))
        idle_reader, idle = await asyncio.open_unix_connection(path)
        assert await ask(path, "echo", ["a", "b"]) == Reply(True, "a/b")

    assert await asked == Reply(False, "The service stopped before it answered; ask again.")
    assert await idle_reader.read() == b""
    idle.close()


async def test_a_service_that_hangs_is_not_taken_for_none(path: Path) -> None:
    """Who asks a service that does not answer is told so, and must not write itself."""
    reply = await ask(path, "never", patience=0.05)

    assert reply == Reply(False, "The service did not answer within 0.05 seconds.")


BAD_LINES = {
    "not json": (b"resume please\n", "is not a line of JSON"),
    "empty": (b"\n", "is not a line of JSON"),
    "nothing at all": (b"", "is not a line of JSON"),
    "not utf-8": (b'{"command": "\xff"}\n', "is not a line of JSON"),
    "deep": (b"[" * 30_000 + b"\n", ""),
    "a list": (b'["echo", "a"]\n', "is not {"),
    "no command": (b'{"args": []}\n', "is not {"),
    "command of another kind": (b'{"command": ["echo"]}\n', "is not {"),
    "unknown command": (b'{"command": "drop"}\n', "Known: broken, echo, never."),
    "too few": (b'{"command": "echo", "args": ["a"]}\n', "Write: echo FIRST SECOND"),
    "no arguments": (b'{"command": "echo"}\n', "Write: echo FIRST SECOND"),
    "arguments of another kind": (b'{"command": "echo", "args": [1, 2]}\n', "Write: echo"),
    "arguments as text": (b'{"command": "echo", "args": "ab"}\n', "Write: echo FIRST SECOND"),
    "too long": (b"x" * 70_000 + b"\n", "longer than 65536 bytes"),
}


@pytest.mark.parametrize("name", BAD_LINES)
async def test_malformed_input_gets_a_clear_answer(path: Path, name: str) -> None:
    """Whatever is sent is answered with what is wrong, and the service goes on."""
    line, expected = BAD_LINES[name]
    with capture_logs():
        told = await say(path, line)

    assert told["ok"] is False
    assert expected in str(told["said"])
    assert await ask(path, "echo", ["a", "b"]) == Reply(True, "a/b")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=st.binary(max_size=200))
def test_no_input_stops_the_service(folder: Path, line: bytes) -> None:
    """Random bytes get an answer, and the next asker is served."""

    async def attempt() -> None:
        async with serving(folder / "x.sock"):
            assert (await say(folder / "x.sock", line))["ok"] is False
            assert await ask(folder / "x.sock", "echo", ["a", "b"]) == Reply(True, "a/b")

    asyncio.run(attempt())


async def test_a_broken_command_does_not_stop_the_service(path: Path) -> None:
    """The asker is sent to the log; the trace is there, and only there."""
    with capture_logs() as logged:
        reply = await ask(path, "broken")

    assert reply == Reply(False, "The service could not carry this out; its log says why.")
    assert [(entry["event"], entry["log_level"]) for entry in logged] == [
        ("control broken", "error")
    ]
    assert await ask(path, "echo", ["a", "b"]) == Reply(True, "a/b")


async def test_an_asker_that_leaves_does_no_harm(path: Path) -> None:
    """A client that goes away before its answer is a line in the log, nothing more."""
    _, writer = await asyncio.open_unix_connection(path)
    writer.write(b'{"command": "never"}\n')
    writer.transport.abort()

    assert await ask(path, "echo", ["a", "b"]) == Reply(True, "a/b")


def _handles() -> list[str]:
    """Return the folders that this process holds open."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_dir()]
    return sorted(str(link.readlink()) for link in links)


@pytest.mark.parametrize("depth", [1, 3], ids=["just too long", "far too long"])
async def test_a_long_path_works(folder: Path, depth: int) -> None:
    """A database deep in the file system has its socket beside it, like any other."""
    deep = folder.joinpath(*["d" * 100] * depth)
    deep.mkdir(parents=True)
    path = socket_of(deep / "redline.db")
    assert await ask(path, "echo", ["a", "b"]) is None
    handles = _handles()

    async with serving(path):
        assert path.is_socket()
        assert await ask(path, "echo", ["a", "b"]) == Reply(True, "a/b")

    await asyncio.sleep(0)
    assert list(deep.iterdir()) == []
    assert _handles() == handles


def test_the_socket_stands_beside_the_database() -> None:
    """One can guess the socket from the database, and a long name is shortened, never shared."""
    data = Path("/srv/redline")
    long = [socket_of(data / f"{'n' * 100}{number}.db") for number in range(2)]

    assert socket_of(data / "redline.db") == data / "redline.db.sock"
    assert all(path.parent == data and len(path.name) == 29 for path in long)
    assert long[0] != long[1]


async def test_an_answer_that_is_none_is_said_to_be_none(folder: Path) -> None:
    """A service that answers nonsense has not done as asked."""

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b'{"ok": true}\n')
        writer.close()

    server = await asyncio.start_unix_server(nonsense, folder / "x.sock")
    async with server:
        reply = await ask(folder / "x.sock", "echo")

    assert reply is not None
    assert not reply.ok
