"""Small bars of text, for places without pictures. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_NONE: Final = "▁"
_SOME: Final = "▂▃▄▅▆▇█"


def bars(numbers: Sequence[int]) -> str:
    """Return a bar for each number: the flattest for none, the highest for the largest."""
    most = max(numbers, default=0)
    return "".join(_bar(number, most) for number in numbers)


def _bar(number: int, most: int) -> str:
    if number <= 0:
        return _NONE
    return _SOME[(number * len(_SOME) - 1) // most]
