"""The sandbox: whatever the task does, the parent goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import AddressRefusedError, ParseError, RuleError, SandboxError
from bot.model import ParsedFeed
from bot.sandbox import ProcessSandbox, SandboxLimits
from bot.sandbox.pool import _read_answer

LIMITS = SandboxLimits(cpu=1, wall=60.0, tasks=5)


@pytest.fixture
async def pool() -> AsyncIterator[ProcessSandbox]:
    """One child with tight limits."""
    sandbox = ProcessSandbox(size=1, preload=["bot.model"], limits=LIMITS)
    await sandbox.open()
    yield sandbox
    await sandbox.close()


def _add(left: int, *, right: int) -> int:
    return left + right


def _make_feed() -> ParsedFeed:
    return ParsedFeed(title="Harbour news", link=None, entries=())


def _pid() -> int:
    return os.getpid()


def _parent() -> int:
    return os.getppid()


def _slow_pid() -> int:
    time.sleep(0.1)
    return os.getpid()


def _is_gone(pid: int) -> bool:
    """Whether a process has ended, be it that nobody has buried it yet."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def _spin() -> None:
    while True:
        pass


def _burn(seconds: float) -> float:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return seconds


def _sleep() -> None:
    time.sleep(60)


def _grow() -> int:
    return len(b"x" * (1 << 30))


def _die() -> None:
    os.abort()


def _leave() -> None:
    os._exit(3)


def _recurse() -> None:
    _recurse()


def _refuse() -> None:
    raise ParseError("https://example.org/feed", "this is a page, not a feed", advice="Look again")


def _stumble() -> None:
    raise ValueError("the publisher wrote this")


class Trap:
    """Would end whoever unpickles it."""

    def __reduce__(self) -> tuple[object, tuple[()]]:
        return os.abort, ()


def _set_trap() -> Trap:
    return Trap()


def _environment() -> dict[str, str]:
    return dict(os.environ)  # noqa: TID251 - the test is about the environment


def _open_sockets() -> list[str]:
    links = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return [link for link in links if link.startswith("socket:")]


def _handles_interrupt() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def _modules() -> list[str]:
    return sorted(sys.modules)


def _complain() -> None:
    print("the child says", file=sys.stderr)  # noqa: T201 - the test is about printing
    raise KeyError("complaint")


async def test_a_task_returns_what_it_returns(pool: ProcessSandbox) -> None:
    """What a task returns arrives as it was, our own types included."""
    assert await pool.run(_add, 1, right=2) == 3
    assert await pool.run(_make_feed) == _make_feed()


async def test_a_child_serves_several_tasks_and_is_then_replaced(pool: ProcessSandbox) -> None:
    """A child is replaced after as many tasks as it may serve."""
    pids = [await pool.run(_pid) for _ in range(11)]

    assert [len(set(pids[:5])), len(set(pids[5:10])), len(set(pids))] == [1, 1, 3]
    assert os.getpid() not in pids


@pytest.mark.parametrize(
    ("task", "says"),
    [
        (_spin, "was stopped: it used more than 1 seconds of processor time"),
        (_grow, "was stopped: it needed more memory than it may have"),
        (_recurse, "was stopped: the input is nested too deeply"),
        (_die, "crashed (SIGABRT)"),
        (_leave, "ended without an answer (exit code 3)"),
        (_set_trap, "answered with something unreadable (UnpicklingError)"),
    ],
)
async def test_a_task_that_misbehaves_is_an_error_and_the_next_one_works(
    pool: ProcessSandbox, task: object, says: str
) -> None:
    """A child that runs wild costs its own task and nothing else."""
    with pytest.raises(SandboxError) as caught:
        await pool.run(task)  # type: ignore[arg-type]  # a table of tasks

    assert caught.value.problem == says
    assert caught.value.about == f"tests.test_sandbox.{task.__name__}"  # type: ignore[attr-defined]  # they are functions
    assert await pool.run(_add, 1, right=2) == 3


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "abort"),
        ("builtins", "exit"),
        ("bot.sandbox.nursery", "_receive"),
        ("bot.sandbox.pool", "asyncio.subprocess.subprocess.Popen"),
    ],
)
def test_an_answer_cannot_call_anything(module: str, name: str) -> None:
    """A child that was taken over can answer with data only, not with code to be run."""
    call = b"\x80\x04c%s\n%s\n)R." % (module.encode(), name.encode())

    with pytest.raises(pickle.UnpicklingError, match="is not ours"):
        _read_answer(call)


async def test_a_task_that_only_waits_is_stopped_by_the_clock_on_the_wall() -> None:
    """A child that uses no processor time is not waited for either."""
    pool = ProcessSandbox(size=1, limits=SandboxLimits(wall=0.3))
    await pool.open()
    with pytest.raises(SandboxError) as caught:
        await pool.run(_sleep)
    await pool.close()

    assert caught.value.problem == "was stopped: it took longer than 0.3 seconds"


async def test_our_own_errors_come_through_as_they_were(pool: ProcessSandbox) -> None:
    """What a task refuses in words is told in these words, and the child goes on."""
    before = await pool.run(_pid)
    with pytest.raises(ParseError) as caught:
        await pool.run(_refuse)

    assert str(caught.value) == "https://example.org/feed: this is a page, not a feed. Look again"
    assert await pool.run(_pid) == before


async def test_other_errors_name_their_place_and_none_of_their_words(pool: ProcessSandbox) -> None:
    """An error's message may hold what a publisher wrote, so only its kind and line are told."""
    with pytest.raises(SandboxError, match=r"failed with ValueError at test_sandbox.py:\d+"):
        await pool.run(_stumble)


@pytest.mark.parametrize(
    "error",
    [
        RuleError("no such place", source="place:Atlantis", span=(6, 14), advice="Look it up"),
        AddressRefusedError("address", "it is not public", advice="List it"),
        SandboxError("task", "was stopped"),
    ],
)
def test_every_error_survives_pickling(error: Exception) -> None:
    """Errors cross from the children with all that they carry."""
    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


async def test_the_limit_of_processor_time_is_for_each_task(pool: ProcessSandbox) -> None:
    """Work of earlier tasks is not held against a later one."""
    pids = set()
    for _ in range(4):
        await pool.run(_burn, 0.6)
        pids.add(await pool.run(_pid))

    assert len(pids) <= 2  # Eight tasks and five a child; a killed child would have raised.


async def test_nothing_of_the_parent_is_inherited(
    pool: ProcessSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child has no token in its environment, no socket but its own, and no terminal."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    listening = socket.create_server(("127.0.0.1", 0))
    listening.set_inheritable(True)
    fresh = ProcessSandbox(size=1, preload=["bot.model"])
    await fresh.open()
    environment = await fresh.run(_environment)
    sockets = await fresh.run(_open_sockets)
    ignores = await fresh.run(_handles_interrupt)
    await fresh.close()
    listening.close()

    assert set(environment) <= {"LANG", "LC_CTYPE"}
    assert len(sockets) == 1
    assert ignores


async def test_children_print_nothing(
    pool: ProcessSandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    """No traceback and no babble of a parser reaches the terminal."""
    with pytest.raises(SandboxError):
        await pool.run(_complain)

    assert capfd.readouterr() == ("", "")


async def test_a_child_has_the_preloaded_modules_from_its_birth(pool: ProcessSandbox) -> None:
    """A new child does not import the parsers again."""
    assert "bot.model" in await pool.run(_modules)


async def test_an_interrupt_at_the_terminal_does_not_end_the_children(
    pool: ProcessSandbox,
) -> None:
    """Ctrl-C is for the parent, which finishes what is in flight."""
    child = await pool.run(_pid)
    os.kill(child, signal.SIGINT)

    assert await pool.run(_pid) == child


async def test_as_many_tasks_run_at_once_as_there_are_children() -> None:
    """Two children work side by side, and further tasks wait for their turn."""
    pool = ProcessSandbox(size=2)
    await pool.open()
    pids = await asyncio.gather(*(pool.run(_slow_pid) for _ in range(6)))
    await pool.close()

    assert len(set(pids)) == 2


async def test_a_cancelled_task_is_killed_and_its_answer_goes_to_nobody(
    pool: ProcessSandbox,
) -> None:
    """After a cancellation the next task gets its own answer, from a child of its own."""
    before = await pool.run(_pid)
    waiting = asyncio.create_task(pool.run(_sleep))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert await pool.run(_pid) != before


async def test_the_nursery_is_started_again_when_it_is_killed(pool: ProcessSandbox) -> None:
    """When the machine runs out of memory and kills the nursery, only what ran is lost."""
    nursery = await pool.run(_parent)
    os.kill(nursery, signal.SIGKILL)
    while not _is_gone(nursery):  # noqa: ASYNC110 - the end of a process sets no event
        await asyncio.sleep(0.01)
    with contextlib.suppress(SandboxError):
        await pool.run(_pid)

    assert await pool.run(_add, 1, right=2) == 3


async def test_no_child_outlives_the_pool(pool: ProcessSandbox) -> None:
    """Closing ends the nursery and all children, and may be repeated."""
    child, nursery = await pool.run(_pid), await pool.run(_parent)
    await pool.close()
    await pool.close()

    assert _is_gone(nursery)
    assert _is_gone(child)


async def test_nothing_is_left_of_children_that_were_killed() -> None:
    """Fifty deaths leave no descriptor and no unburied child, and closing leaves none either."""
    pool = ProcessSandbox(size=1, preload=["bot.model"], limits=LIMITS)
    await pool.open()
    nursery = await pool.run(_parent)
    before = _descriptors(os.getpid()), _descriptors(nursery)
    for _ in range(25):
        for task in (_leave, _recurse):
            with pytest.raises(SandboxError):
                await pool.run(task)
    await pool.run(_pid)
    after = _descriptors(os.getpid()), _descriptors(nursery)
    (child,) = _children(nursery)
    await pool.close()

    assert after == before
    assert not _is_listed(child)


def _is_listed(pid: int) -> bool:
    """Whether the system still lists a process, be it one that has ended."""
    return Path(f"/proc/{pid}").exists()


def _descriptors(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _children(pid: int) -> list[int]:
    """Return the children of a process, the dead among them that nobody has buried."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_a_module_that_cannot_be_imported_is_an_error_at_the_start() -> None:
    """A sandbox that could not parse says so before the first feed is fetched."""
    pool = ProcessSandbox(preload=["bot.no_such_module"])
    with pytest.raises(SandboxError, match="did not start"):
        await pool.open()
    await pool.close()
