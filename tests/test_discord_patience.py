"""How soon a lost gateway is tried again."""

from __future__ import annotations

import logging

import discord.client
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.discord.patience import ShortBackoff
from tests.emulators.discord_harness import discord_harness
from tests.fakes import FakeClock


@given(st.integers(1, 60))
def test_an_outage_is_over_soon_after_its_end(losses: int) -> None:
    """However often the gateway was lost, it is tried again within 32 seconds."""
    backoff = ShortBackoff()

    assert all(0 <= backoff.delay() <= 32 for _ in range(losses))


def test_after_a_calm_while_a_loss_is_the_first_one() -> None:
    """A gateway that held for two minutes is tried again at once."""
    backoff = ShortBackoff()
    for _ in range(20):
        backoff.delay()
    backoff._last_invocation -= 121

    assert backoff.delay() <= 2


async def test_the_client_waits_so(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    """discord.py's own loop takes our pauses, and says in one line why it tries again."""
    async with discord_harness(clock) as harness:
        assert discord.client.ExponentialBackoff is ShortBackoff  # type: ignore[attr-defined]  # imported there, not exported
        with caplog.at_level(logging.INFO, "discord.client"):
            harness.emulator.gateway.unavailable = 1
            await harness.emulator.drop_gateway("abort")
            await harness.emulator.reconnected()

    (tried,) = [one for one in caplog.records if "Attempting a reconnect" in one.getMessage()]
    assert tried.exc_info is None
    assert "WSServerHandshakeError at" in tried.getMessage()
