"""Lists of the settings' own things, which are all at hand: rules, feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.commands.desk import Desk
from bot.commands.pages import begins_at, buttons
from bot.model import Card, CardLine
from bot.ports import Look
from bot.text import one_line, shorten

PAGE_LINES: Final = 15
LONGEST_LINE: Final = 190
"""Both platforms show fifteen lines of this length (chat-platforms.md, section 5)."""


async def listed(title: str, lines: Sequence[str | CardLine], look: Look, desk: Desk) -> Card:
    """Return the page of a list that begins at the look's cursor, a number."""
    start = int(begins_at(look) or 0)
    end = start + PAGE_LINES
    shown = lines[start:end]
    after = str(end) if end < len(lines) else None
    return Card(
        title=title,
        status=f"{start + 1} to {start + len(shown)} of {len(lines)}" if after or start else "",
        lines=tuple(map(_fitting, shown)),
        buttons=await buttons(look, after, desk),
    )


def _fitting(line: str | CardLine) -> CardLine:
    whole = CardLine(text=line) if isinstance(line, str) else line
    return replace(whole, text=shorten(one_line(whole.text), LONGEST_LINE))
