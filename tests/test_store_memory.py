"""The store in memory keeps the contract."""

from __future__ import annotations

import pytest

from bot.ports import Store
from bot.store.memory import MemoryStore
from tests.contracts.store import CHANNELS, POLICY, StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    async def store(self) -> Store:
        opened = MemoryStore(POLICY, CHANNELS)
        await opened.open()
        return opened
