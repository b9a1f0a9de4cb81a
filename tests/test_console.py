"""The terminal as a platform."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.model import Absent, Card, CardLine, Passage, Post, Posted, Span, Urgency
from handlers.console import ConsoleChat, panel
from tests.build import DESK, NOON

CARD = Card(
    title="Marten warns of a red line",
    url="https://courier.example/a1",
    source="The Courier",
    domain="courier.example",
    published_at=NOON,
    summary=(Passage("A blockade is a red line for us.", (Span(16, 24),)),),
    why=("Red line: red line",),
    notes=("Only the teaser could be read.",),
)


def shown(card: Card, *, color: bool = False) -> str:
    """What a person sees of the card, 100 columns wide."""
    out = io.StringIO()
    system: Literal["standard"] | None = "standard" if color else None
    Console(file=out, width=100, force_terminal=color, color_system=system).print(panel(card))
    return out.getvalue()


@pytest.fixture
async def terminal() -> AsyncIterator[tuple[ConsoleChat, io.StringIO]]:
    """A console platform and what it prints."""
    out = io.StringIO()
    chat = ConsoleChat(Console(file=out, width=100))
    await chat.open()
    yield chat, out
    await chat.close()


def test_a_card_shows_all_it_says() -> None:
    """Title, source, domain, time, sentence, rule and note stand on the card."""
    text = shown(CARD)

    for words in (
        "Marten warns of a red line",
        "The Courier · courier.example · 02 Mar 12:00 UTC",
        "A blockade is a red line for us.",
        "▸ Red line: red line",
        "Only the teaser could be read.",
    ):
        assert words in text


def test_the_matched_words_stand_out() -> None:
    """The marked span, and nothing else of the sentence, is highlighted."""
    coloured = shown(CARD, color=True)

    marked = coloured.split("\x1b[1;30;43m")[1].split("\x1b[0m")[0]
    assert marked == "red line"


def test_a_critical_card_is_framed_heavily() -> None:
    """A critical alert differs from others without colour too."""
    assert "┏" in shown(Card(title="x", urgency=Urgency.CRITICAL))
    assert "╭" in shown(Card(title="x"))


def test_the_lines_of_a_digest_are_listed() -> None:
    """A digest shows one line an item, with the domain beside it."""
    text = shown(Card(title="3 more", lines=(CardLine(text="One", domain="courier.example"),)))

    assert "• One (courier.example)" in text


def test_markup_in_a_title_is_only_text() -> None:
    """A publisher's square brackets do not become formatting."""
    assert "[bold]not[/bold] [link=https://x.example]here" in shown(
        Card(title="[bold]not[/bold] [link=https://x.example]here")
    )


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_title_moves_the_cursor(title: str, note: str) -> None:
    """Whatever a publisher writes, no escape sequence reaches the terminal."""
    assert "\x1b" not in shown(Card(title=title, notes=(note,)))


async def test_a_post_is_printed_once(terminal: tuple[ConsoleChat, io.StringIO]) -> None:
    """Sending one key twice prints one card."""
    chat, out = terminal
    post = Post(key="k1", channel=DESK, card=CARD)

    first, again = await chat.send(post), await chat.send(post)

    assert isinstance(first, Posted)
    assert first == again
    assert out.getvalue().count("Marten warns") == 1


async def test_a_follow_up_is_indented(terminal: tuple[ConsoleChat, io.StringIO]) -> None:
    """A reply stands to the right of what it follows up."""
    chat, out = terminal
    parent = await chat.send(Post(key="k1", channel=DESK, card=CARD))
    assert isinstance(parent, Posted)

    await chat.send(Post(key="k2", channel=DESK, card=CARD, thread=parent.message))

    assert _indents(out.getvalue().splitlines()) == [0, 4]


async def test_what_was_never_printed_is_absent(
    terminal: tuple[ConsoleChat, io.StringIO],
) -> None:
    """Looking for a post that this terminal never saw says that it is not there."""
    chat, _ = terminal

    assert await chat.find(Post(key="k1", channel=DESK, card=CARD), NOON) == Absent()


def _indents(lines: Sequence[str]) -> list[int]:
    return [line.index("╭") for line in lines if "╭" in line]
