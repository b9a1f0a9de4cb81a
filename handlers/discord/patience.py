"""How long the gateway is left alone after it was lost."""

from __future__ import annotations

import logging
from typing import Final

import discord.client
from discord.backoff import ExponentialBackoff

from bot.errors import whereabouts

_DOUBLINGS: Final = 5
"""Two to this power is the longest wait in seconds. discord.py's own is 1,024, and it grows with
each loss until half an hour without one: after an outage of minutes nobody could press a button for
as long again. Sessions have a pace of their own; see `identify_pause`."""

_CALM: Final = 120.0
"""Seconds after which a loss counts as the first one."""


class ShortBackoff(ExponentialBackoff[bool]):
    """Waits longer after each loss in a row, and never long."""

    def __init__(self, base: int = 1) -> None:
        super().__init__(base, integral=False)
        self._max = _DOUBLINGS
        self._reset_time = _CALM  # type: ignore[assignment]  # compared with the clock, a float


class Brief(logging.Filter):
    """Say in one line that the gateway is tried again; discord.py logs a traceback each time."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the kind of error into the line in place of the traceback."""
        error = record.exc_info[1] if record.exc_info else None
        if error and str(record.msg).startswith("Attempting a reconnect"):
            record.msg = f"the gateway is lost ({whereabouts(error)}). {record.getMessage()}"
            record.args, record.exc_info = (), None
        return True


def be_patient() -> None:
    """Have discord.py wait so; it has no setting for it."""
    discord.client.ExponentialBackoff = ShortBackoff  # type: ignore[attr-defined,assignment]  # no hook
    logger = logging.getLogger("discord.client")
    if not any(isinstance(given, Brief) for given in logger.filters):
        logger.addFilter(Brief())
