"""The suite of every platform, over the real discord.py and the emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contracts.chat import ChatContract, ChatHarness
from tests.emulators.discord_harness import discord_harness
from tests.fakes import FakeClock


class TestDiscord(ChatContract):
    @pytest.fixture
    async def harness(self, clock: FakeClock) -> AsyncIterator[ChatHarness]:
        async with discord_harness(clock) as harness:
            yield harness
