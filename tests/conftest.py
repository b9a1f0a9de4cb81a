"""What every test gets: no network but loopback, a fake clock."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.emulators.web import FakeWeb
from tests.fakes import FakeClock, FakeSandbox

SHARED = Path(__file__).parents[2] / "shared"


# A test says what holds, never how fast; how much is tried is hypothesis' own default.
settings.register_profile("redline", deadline=None)
settings.load_profile("redline")


def _loopback_only(event: str, args: tuple[Any, ...]) -> None:
    """Refuse any connection of this process that would leave the machine."""
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise AssertionError(f"a test tried to reach {host}")


sys.addaudithook(_loopback_only)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that moves only when it is told to."""
    return FakeClock()


@pytest.fixture
def sandbox() -> FakeSandbox:
    """A sandbox that runs its tasks here and now."""
    return FakeSandbox()


@pytest.fixture
async def web() -> AsyncIterator[FakeWeb]:
    """Publishers on 127.0.0.1, and what was asked of them."""
    fake = FakeWeb()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The team's data folder; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the data folder beside the project is absent")
    return SHARED
