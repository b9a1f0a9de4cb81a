"""The sandbox: whatever the task does, the parent goes on."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import ParseError, SandboxError
from bot.model import ParsedFeed
from bot.sandbox import ProcessSandbox, SandboxLimits

LIMITS = SandboxLimits(cpu=1, wall=5.0, tasks=5)


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
