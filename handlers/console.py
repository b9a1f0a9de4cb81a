"""A terminal as a platform: the embedded default, and the adapter that keeps the seam honest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.box import HEAVY, ROUNDED
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.model import (
    Absent,
    Card,
    ChannelRef,
    Finding,
    Found,
    MessageRef,
    Outcome,
    Passage,
    Post,
    Posted,
    Sighting,
    Urgency,
    Verdict,
)
from bot.ports import Platform, Serve
from bot.text import one_line, shorten

WIDTH = 88
"""Columns of a card: wide enough for a sentence, narrow enough to be read."""

LONGEST_TITLE = 200
LONGEST_LINE = 600
BORDER = {Urgency.CRITICAL: "red", Urgency.NOW: "blue", Urgency.DIGEST: "bright_black"}


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """The settings of the console platform: it needs none."""

    color: bool = field(default=True, metadata={"help": "Whether cards are coloured."})


class ConsoleChat:
    """Prints cards; remembers for its own lifetime what it printed."""

    platform = "console"

    def __init__(self, console: Console) -> None:
        """Print to `console`."""
        self._console = console
        self._printed: dict[str, MessageRef] = {}

    async def open(self) -> None:
        """Do nothing: a terminal is always there."""

    async def close(self) -> None:
        """Do nothing: a terminal stays."""

    async def send(self, post: Post) -> Outcome:
        """Print the card, indented where it follows up another; once per key."""
        if post.key not in self._printed:
            self._console.print(Padding(panel(post.card), (0, 0, 1, 4 if post.thread else 0)))
            self._printed[post.key] = MessageRef(
                workspace="console", channel_id=post.channel.name, message_id=post.key
            )
        return Posted(self._printed[post.key])

    async def edit(self, message: MessageRef, card: Card) -> Outcome:
        """Print the card as it is now: a terminal cannot take lines back."""
        self._console.print(panel(card))
        return Posted(message)

    async def find(self, post: Post, since: datetime) -> Sighting:  # noqa: ARG002 - the port asks for it
        """Say whether this process printed the post.

        What an earlier process printed stands in a scrollback that nobody can read; a card shown
        again in a terminal is better than one that never was.
        """
        printed = self._printed.get(post.key)
        return Found(printed) if printed else Absent()

    def home_of(self, channel: ChannelRef) -> str | None:
        """Say that a terminal is one workspace."""
        return self.platform if channel.platform == self.platform else None

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        """Say that there is nothing to set up."""
        return [
            Finding(about=str(channel), verdict=Verdict.GOOD, said="prints to this terminal")
            for channel in channels
        ]


def panel(card: Card) -> RenderableType:
    """Lay out a card for a terminal. Feed text never reaches rich's markup parser."""
    head = Text(shorten(one_line(card.title), LONGEST_TITLE), style="bold")
    if card.url:
        head.stylize(f"link {card.url}")
    rows: list[RenderableType] = [head, _byline(card)]
    rows += [Padding(quote(passage), (1, 0, 0, 2)) for passage in card.summary]
    rows += _list(card)
    if card.why:
        rows.append(Text())
    rows += [Text(f"▸ {_fit(line)}", style="cyan") for line in card.why]
    rows += [Text(_fit(note), style="italic bright_black") for note in card.notes]
    return Panel(
        Group(*rows),
        width=WIDTH,
        box=HEAVY if card.urgency is Urgency.CRITICAL else ROUNDED,
        border_style=BORDER[card.urgency],
        padding=(0, 1),
    )


def _byline(card: Card) -> Text:
    when = f"{card.published_at:%d %b %H:%M} UTC" if card.published_at else ""
    urgent = "critical" if card.urgency is Urgency.CRITICAL else ""
    parts = (card.source, card.domain, when, card.status, urgent)
    return Text(" · ".join(one_line(part) for part in parts if part), style="bright_black")


def quote(passage: Passage) -> Text:
    """Return the words of a passage with its marks standing out."""
    quoted = Text(passage.text)
    for mark in passage.marks:
        quoted.stylize("bold black on yellow", mark.start, mark.end)
    return quoted


def _list(card: Card) -> list[RenderableType]:
    return [
        Text(f"• {_fit(line.text)}{f' ({line.domain})' if line.domain else ''}")
        for line in card.lines
    ]


def _fit(line: str) -> str:
    return shorten(one_line(line), LONGEST_LINE)


def _connect(options: ConsoleOptions, _serve: Serve) -> ConsoleChat:
    return ConsoleChat(Console(no_color=not options.color, highlight=False))


CONSOLE = Platform(
    name="console", options=ConsoleOptions, ready=lambda _options: True, connect=_connect
)
