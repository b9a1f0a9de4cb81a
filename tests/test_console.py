"""The terminal as a platform."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.model import (
    Absent,
    Card,
    CardItem,
    CardLine,
    Document,
    Passage,
    Picture,
    Post,
    Posted,
    Request,
    Span,
    Urgency,
)
from bot.ports import Serve
from handlers.console import CONSOLE, ConsoleChat, ConsoleOptions, colorless, panel
from tests.build import DESK, NOON
from tests.fakes import FakeClock

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


def shown(card: Card, *, color: bool = False, width: int = 100) -> str:
    """What a person sees of the card on a terminal of 100 columns."""
    out = io.StringIO()
    system: Literal["standard"] | None = "standard" if color else None
    console = Console(file=out, width=width, force_terminal=color, color_system=system)
    console.print(panel(card, colorless=colorless(console)))
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
        "A blockade is a *red line* for us.",
        "▸ Red line: red line",
        "Only the teaser could be read.",
    ):
        assert words in text


def test_the_matched_words_stand_out() -> None:
    """The marked span, and nothing else of the sentence, is highlighted."""
    coloured = shown(CARD, color=True)

    marked = coloured.split("\x1b[1;30;43m")[1].split("\x1b[0m")[0]
    assert marked == "red line"


def test_without_colours_the_matched_words_stand_between_asterisks() -> None:
    """A log, a pipe and a terminal without colours show what matched, too."""
    twice = replace(CARD, summary=(Passage("red line, red line", (Span(0, 8), Span(10, 18))),))

    assert "*red line*, *red line*" in shown(twice)
    assert "*" not in shown(twice, color=True)


async def _nobody_asks(_request: Request) -> Card:
    raise AssertionError("nobody asks a terminal")


@pytest.mark.parametrize(
    ("no_color", "color", "coloured"),
    [(None, True, True), ("1", True, False), (None, False, False), ("1", False, False)],
)
async def test_colours_are_left_out_where_they_are_not_wanted(
    no_color: str | None,
    color: bool,
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """NO_COLOR in the environment and `console.color: false` each take the colours away."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    serve = Serve(answer=_nobody_asks, clock=FakeClock(NOON))

    chat = CONSOLE.connect(ConsoleOptions(color=color), serve)
    await chat.send(Post(key="k1", channel=DESK, card=CARD))

    printed = capsys.readouterr().out
    assert ("*red line*" in printed) == (not coloured)
    assert ("\x1b[1;30;43m" in printed) == coloured


def test_a_critical_card_is_framed_heavily() -> None:
    """A critical alert differs from others without colour too."""
    critical = shown(Card(title="x", urgency=Urgency.CRITICAL))

    assert critical.startswith("┏━ Critical ━")
    assert "╭" in shown(Card(title="x"))


def test_the_lines_of_a_digest_are_listed() -> None:
    """A digest shows one line an item, with the domain beside it."""
    text = shown(Card(title="3 more", lines=(CardLine(text="One", domain="courier.example"),)))

    assert "• One (courier.example)" in text


def test_headings_stand_above_their_lines() -> None:
    """A heading has an empty line above it and no bullet."""
    lines = (CardLine(text="sanctions (1)", heading=True), CardLine(text="One"))
    rows = [row.strip("│ ") for row in shown(Card(title="Digest", lines=lines)).splitlines()]

    assert rows[1:5] == ["Digest", "", "sanctions (1)", "• One"]


def test_a_long_line_goes_on_below_its_first_word() -> None:
    """What a sign introduces hangs from it, on a narrow terminal too."""
    rows = shown(replace(CARD, why=("Red line: " + "Port Avel, " * 9,)), width=60).splitlines()
    first = next(at for at, row in enumerate(rows) if "▸" in row)

    assert rows[first].index("Red line") == rows[first + 1].index("Port Avel")
    assert {len(row) for row in rows if row} == {60}


def test_an_unsafe_address_is_no_link() -> None:
    """Only an address of the web becomes a link in a terminal, and it cannot end the sequence."""
    odd = replace(CARD, url="javascript:alert(1)")
    rude = replace(CARD, url="https://courier.example/a b\x1b\\bold")

    assert "]8;" not in shown(odd, color=True)
    assert "\x1b\\bold" not in shown(rude, color=True)


def test_markup_in_a_title_is_only_text() -> None:
    """A publisher's square brackets do not become formatting."""
    assert "[bold]not[/bold] [link=https://x.example]here" in shown(
        Card(title="[bold]not[/bold] [link=https://x.example]here")
    )


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_title_moves_the_cursor(title: str, note: str) -> None:
    """Whatever a publisher writes, no escape sequence reaches the terminal."""
    assert "\x1b" not in shown(Card(title=title, notes=(note,)))


def test_articles_are_listed_with_their_sentences() -> None:
    """A look-up shows of each article its title, where and when it stood, and the sentence."""
    items = (
        CardItem(
            title="Talks at the crossing",
            url="https://courier.example/a1",
            source="The Courier",
            domain="courier.example",
            published_at=NOON,
            passage=Passage("A red line, again.", (Span(2, 10),)),
        ),
        CardItem(title="Nothing else is known"),
    )
    rows = [row.strip("│ ") for row in shown(Card(title="Found", items=items)).splitlines()]

    assert rows[1:8] == [
        "Found",
        "",
        "Talks at the crossing",
        "The Courier · courier.example · 02 Mar 12:00 UTC",
        "A *red line*, again.",
        "",
        "Nothing else is known",
    ]
    assert "]8;" in shown(Card(title="Found", items=items), color=True)


def test_what_people_did_is_shown() -> None:
    """Marks, people and channels stand on the card by their ids; headings can name them too."""
    text = shown(
        Card(
            title="x",
            marks=(CardLine(text="Relevant to", users=("U1", "U2")),),
            lines=(
                CardLine(text="Goes to", channels=("C9",)),
                CardLine(text="Mute by", users=("U3",), heading=True),
            ),
        )
    )

    assert "✓ Relevant to @U1 @U2" in text
    assert "• Goes to #C9" in text
    assert "Mute by @U3" in text


def test_a_picture_is_told_in_words() -> None:
    """A terminal shows no picture; its words say what is on it."""
    card = Card(title="x", picture=Picture(png=b"\x89PNG", alt="Mentions a day:\n3, then 9"))

    assert "Picture: Mentions a day: 3, then 9" in shown(card)


def test_a_file_is_printed_whole() -> None:
    """A file keeps its indentation, and no escape sequence in it reaches the terminal."""
    text = shown(
        Card(
            title="x", document=Document(name="rules.yaml", text="rules:\n  - name: \x1b[2Jrafah\n")
        )
    )
    rows = [row.strip("│").rstrip() for row in text.splitlines()]

    assert [row for row in rows if "rules" in row or "name" in row] == [
        " rules.yaml",
        " rules:",
        "   - name: [2Jrafah",
    ]
    assert "\x1b" not in text


async def test_a_post_is_printed_once(terminal: tuple[ConsoleChat, io.StringIO]) -> None:
    """Sending one key twice prints one card."""
    chat, out = terminal
    post = Post(key="k1", channel=DESK, card=CARD)

    first, again = await chat.send(post), await chat.send(post)

    assert isinstance(first, Posted)
    assert first == again
    assert out.getvalue().count("Marten warns") == 1


async def test_a_follow_up_is_indented(terminal: tuple[ConsoleChat, io.StringIO]) -> None:
    """A reply stands to the right of what it follows up, and ends where that ends."""
    chat, out = terminal
    parent = await chat.send(Post(key="k1", channel=DESK, card=CARD))
    assert isinstance(parent, Posted)

    await chat.send(Post(key="k2", channel=DESK, card=CARD, thread=parent.message))

    rows = out.getvalue().splitlines()
    assert _indents(rows) == [0, 4]
    assert {len(row.rstrip()) for row in rows if row.strip()} == {88}


async def test_what_was_never_printed_is_absent(
    terminal: tuple[ConsoleChat, io.StringIO],
) -> None:
    """Looking for a post that this terminal never saw says that it is not there."""
    chat, _ = terminal

    assert await chat.find(Post(key="k1", channel=DESK, card=CARD), NOON) == Absent()


def _indents(lines: Sequence[str]) -> list[int]:
    return [line.index("╭") for line in lines if "╭" in line]
