"""The store over SQLite keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ports import Store
from bot.store.sql import SqlStore
from tests.contracts.store import CHANNELS, POLICY, StoreContract


class TestSqlStore(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        opened = SqlStore(tmp_path / "redline.db", POLICY, CHANNELS)
        await opened.open()
        yield opened
        await opened.close()
