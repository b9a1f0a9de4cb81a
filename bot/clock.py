"""The clock of the machine; the one place that reads it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock port's real clock

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` seconds."""
        await asyncio.sleep(max(0.0, seconds))
