"""A terminal as a platform: the embedded default, and the adapter that keeps the seam honest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.box import HEAVY, ROUNDED
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.model import (
    Absent,
    Card,
    CardItem,
    CardLine,
    ChannelRef,
    Document,
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
from bot.text import clean_text, one_line, safe_link, shorten

WIDTH = 88
"""Columns of a card: wide enough for a sentence, narrow enough to be read."""

INDENT = 4
"""Columns by which a follow-up stands to the right of what it follows up."""

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
            indent = INDENT if post.thread else 0
            self._console.print(Padding(self._panel(post.card, indent), (0, 0, 1, indent)))
            self._printed[post.key] = MessageRef(
                workspace="console", channel_id=post.channel.name, message_id=post.key
            )
        return Posted(self._printed[post.key])

    async def edit(self, message: MessageRef, card: Card) -> Outcome:
        """Print the card as it is now: a terminal cannot take lines back."""
        self._console.print(self._panel(card))
        return Posted(message)

    def _panel(self, card: Card, indent: int = 0) -> RenderableType:
        return panel(card, width=WIDTH - indent, colorless=colorless(self._console))

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

    def id_of(self, channel: ChannelRef) -> str | None:
        """Return the channel's name: a terminal has no ids."""
        return channel.name if channel.platform == self.platform else None

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        """Say that there is nothing to set up."""
        return [
            Finding(about=str(channel), verdict=Verdict.GOOD, said="prints to this terminal")
            for channel in channels
        ]


def colorless(console: Console) -> bool:
    """Whether colours do not show: NO_COLOR is set, or this is a file or a pipe."""
    return console.no_color or console.color_system is None


def panel(card: Card, *, width: int = WIDTH, colorless: bool = False) -> RenderableType:
    """Lay out a card for a terminal. Feed text never reaches rich's markup parser.

    Where colours do not show, the matched words stand between asterisks.
    """
    critical = card.urgency is Urgency.CRITICAL
    return Panel(
        Group(*_rows(card, colorless=colorless)),
        title=Text("Critical", style="bold red") if critical else None,
        title_align="left",
        width=width,
        box=HEAVY if critical else ROUNDED,
        border_style=BORDER[card.urgency],
        padding=(0, 1),
    )


def _rows(card: Card, *, colorless: bool) -> Iterator[RenderableType]:
    """Yield the parts of a card from top to bottom, an empty line between its groups."""
    yield _head(card)
    byline = _byline(card)
    if byline:
        yield byline
    for passage in card.summary:
        yield Padding(quote(passage, colorless=colorless), (1, 0, 0, 2))
    for item in card.items:
        yield from _article(item, colorless=colorless)
    for line in card.lines:
        yield Padding(_heading(line), (1, 0, 0, 0)) if line.heading else _bullet(line)
    yield from _below(card)
    if card.document:
        yield from _file(card.document)


def _below(card: Card) -> Iterator[RenderableType]:
    """Yield what stands below: the picture's words, the reasons, the notes, what people did."""
    if card.picture or card.why or card.notes or card.marks:
        yield Text()
    if card.picture:
        yield Text(f"Picture: {_fit(card.picture.alt)}", style="bright_black")
    for why in card.why:
        yield _hanging("▸", Text(_fit(why), style="cyan"))
    for note in card.notes:
        yield Text(_fit(note), style="italic bright_black")
    for mark in card.marks:
        yield _hanging("✓", Text(_said(mark)))


def _article(item: CardItem, *, colorless: bool) -> Iterator[RenderableType]:
    """Yield an article that was looked up: its title, where it stood, and what it says."""
    yield Text()
    yield _linked(item.title, item.url)
    origin = _dotted(item.source, item.domain, _when(item.published_at))
    if origin:
        yield origin
    if item.passage:
        yield Padding(quote(item.passage, colorless=colorless), (0, 0, 0, 2))


def _file(document: Document) -> Iterator[RenderableType]:
    """Yield a file whole: from a terminal it can be copied."""
    yield Padding(Text(one_line(document.name), style="bold"), (1, 0, 0, 0))
    for line in document.text.splitlines():
        # Cleaning takes away the spaces in front, and they mean something in YAML.
        indent = len(line) - len(line.lstrip(" "))
        yield Text(" " * indent + clean_text(line))


def _head(card: Card) -> Text:
    return _linked(card.title, card.url)


def _linked(title: str, url: str | None) -> Text:
    head = Text(shorten(one_line(title), LONGEST_TITLE), style="bold")
    link = safe_link(url) if url else None
    if link:
        head.stylize(Style(link=link))
    return head


def _byline(card: Card) -> Text:
    return _dotted(card.source, card.domain, _when(card.published_at), card.status)


def _dotted(*parts: str) -> Text:
    return Text(" · ".join(one_line(part) for part in parts if part), style="bright_black")


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%d %b %H:%M} UTC" if moment else ""


def _said(line: CardLine) -> str:
    """Return a line with the people and channels that it names, by their ids."""
    named = [
        *(f"@{one_line(one)}" for one in line.users),
        *(f"#{one_line(one)}" for one in line.channels),
    ]
    return " ".join([_fit(line.text), *named]).strip()


def quote(passage: Passage, *, colorless: bool = False) -> Text:
    """Return the words of a passage with its marks standing out, without colours by asterisks."""
    quoted, at = Text(), 0
    sign = "*" if colorless else ""
    for mark in sorted(passage.marks):
        start, end = max(mark.start, at), mark.end
        if start >= end:
            continue
        quoted.append(passage.text[at:start])
        quoted.append(f"{sign}{passage.text[start:end]}{sign}", style="bold black on yellow")
        at = end
    return quoted.append(passage.text[at:])


def _heading(line: CardLine) -> Text:
    return Text(_said(line), style="bold")


def _bullet(line: CardLine) -> RenderableType:
    said = Text(_said(line))
    if line.domain:
        said.append(f" ({one_line(line.domain)})", style="bright_black")
    return _hanging("•", said)


def _hanging(sign: str, said: Text) -> RenderableType:
    """Put text beside a sign, so that its further lines stand below its first word."""
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(sign, style=said.style), said)
    return grid


def _fit(line: str) -> str:
    return shorten(one_line(line), LONGEST_LINE)


def _connect(options: ConsoleOptions, _serve: Serve) -> ConsoleChat:
    # None lets rich ask the environment for NO_COLOR (https://no-color.org).
    return ConsoleChat(Console(no_color=None if options.color else True, highlight=False))


CONSOLE = Platform(
    name="console", options=ConsoleOptions, lacks=lambda _options: "", connect=_connect
)
