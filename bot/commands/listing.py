"""Lists of the settings' own things, which are all at hand: rules, feeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from bot.commands.desk import Desk
from bot.commands.pages import begins_at, buttons
from bot.model import Card, CardLine
from bot.ports import Look
from bot.text import one_line, shorten

T = TypeVar("T")

PAGE_LINES: Final = 15
LONGEST_LINE: Final = 190
"""Both platforms show fifteen lines of this length (chat-platforms.md, section 5)."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What is listed; `line` writes the line of one thing, and is asked for those shown alone."""

    title: str
    things: Sequence[T]
    line: Callable[[T], CardLine]


async def listed(listing: Listing[T], look: Look, desk: Desk) -> Card:
    """Return the page of a list that begins at the look's cursor, a number."""
    start = int(begins_at(look) or 0)
    end, total = start + PAGE_LINES, len(listing.things)
    shown = [_fitting(listing.line(thing)) for thing in listing.things[start:end]]
    after = str(end) if end < total else None
    return Card(
        title=listing.title,
        status=f"{start + 1} to {start + len(shown)} of {total}" if after or start else "",
        lines=tuple(shown),
        buttons=await buttons(look, after, desk),
    )


def _fitting(line: CardLine) -> CardLine:
    return replace(line, text=shorten(one_line(line.text), LONGEST_LINE))
