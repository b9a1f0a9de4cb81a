"""How long something is to be silent: always with an end. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import regex

from bot.commands.wording import counted
from bot.errors import OrderError

DURATIONS: Final = ("1h", "8h", "1d", "7d")
"""What is offered (issue 4)."""
LONGEST: Final = timedelta(days=30)
_WRITTEN: Final = regex.compile(
    r"(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)", regex.IGNORECASE
)
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SAID: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def read_duration(text: str) -> timedelta:
    """Read a duration such as `8h` or `3 days`.

    Raises:
        OrderError: it is none, or longer than thirty days.
    """
    found = _WRITTEN.fullmatch(text.strip())
    span = int(found[1]) * _UNITS[found[2][0].casefold()] if found else timedelta()
    if not span:
        advice = f"For example {', '.join(DURATIONS[:-1])} or {DURATIONS[-1]}"
        raise OrderError("", f"“{text}” is not a length of time", advice=advice)
    if span > LONGEST:
        raise OrderError("", "That is too long", advice="30d is the longest; then it ends")
    return span


def offered(typed: str) -> Iterator[str]:
    """Yield what may complete a duration: what was typed if it is one, then what begins so."""
    text = typed.strip().casefold()
    try:
        read_duration(text)
    except OrderError:
        yield from (each for each in DURATIONS if each.startswith(text))
    else:
        yield text
        yield from (each for each in DURATIONS if each.startswith(text) and each != text)


def spoken(span: timedelta) -> str:
    """Return a span in words: `8 hours`, `7 days`, `90 minutes`."""
    seconds = int(span.total_seconds())
    fits = ((name, size) for name, size in _SAID if seconds % size == 0)
    name, size = next(fits, ("minute", 60))
    return counted(seconds // size, name)
