"""How the commands show themselves in a terminal."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot import terminal
from bot.errors import RuleError, SettingsError
from bot.model import AlertState, ChannelRef, Finding, Passage, Span, Verdict
from bot.ports import Tally
from handlers.console import quote
from tests.build import NOON

ADVICE = "Check the host's name, and this machine's network"


def screen(*, columns: int | None = None) -> tuple[Console, io.StringIO]:
    """A terminal of so many columns, or a file."""
    out = io.StringIO()
    if columns is None:
        return Console(file=out), out
    return Console(file=out, width=columns, force_terminal=True, color_system=None), out


def finding(about: str, advice: str = "", verdict: Verdict = Verdict.BAD) -> Finding:
    """What a check found."""
    return Finding(about=about, verdict=verdict, said="unreachable", advice=advice)


def test_an_error_breaks_between_words_on_a_terminal() -> None:
    """No word of a message is cut in two by the edge of the terminal."""
    error = SettingsError("DISCORD_TOKEN", "is not set", advice="Give the application's page")
    console, out = screen(columns=30)

    terminal.show_error(error, console)

    assert [line.strip() for line in out.getvalue().splitlines()] == [
        "DISCORD_TOKEN: is not set.",
        "Give the application's page",
    ]


def test_an_error_is_one_line_in_a_file() -> None:
    """Programs that read the message find it whole."""
    error = SettingsError("x" * 90, "is not set", advice="Set it")
    console, out = screen()

    terminal.show_error(error, console)

    assert out.getvalue() == f"{error}\n"


def test_a_caret_stays_below_its_place() -> None:
    """A rule that is longer than the terminal is not broken, so that the caret is where it was."""
    source = "a OR " * 20 + "AND"
    error = RuleError("expected a term", source=source, span=(100, 103))
    console, out = screen(columns=40)

    terminal.show_error(error, console)

    assert out.getvalue().splitlines()[1].index("^") == 100


def test_markup_in_an_error_is_only_text() -> None:
    """Square brackets in what a person wrote are shown."""
    console, out = screen()

    terminal.show_error(SettingsError("[bold]x[/bold]", "is wrong"), console)

    assert out.getvalue() == "[bold]x[/bold]: is wrong\n"


def test_the_same_advice_is_given_once() -> None:
    """Thirteen feeds that cannot be reached are one thing to do."""
    console, out = screen(columns=100)
    good = finding("config", ADVICE, Verdict.GOOD)

    terminal.show_findings([good, *[finding(f"feed {n}", ADVICE) for n in range(13)]], console)

    shown = out.getvalue()
    assert shown.count(ADVICE) == 1
    assert shown.index("feed 12") < shown.index(ADVICE)
    assert "13 things to mend" in shown


def test_different_advice_stands_with_its_finding() -> None:
    """Each kind of trouble says what to do about it."""
    console, out = screen(columns=100)

    terminal.show_findings([finding("a", "Do this"), finding("b", "Do that")], console)

    lines = [line.split("→")[-1].strip() for line in out.getvalue().splitlines()]
    assert lines[1::2] == ["Do this", "Do that"]


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ({}, "Alerts: none so far"),
        ({AlertState.POSTED: 3, AlertState.DEAD: 0}, "Alerts: 3 posted"),
        ({AlertState.POSTED: 3, AlertState.OWED: 1}, "Alerts: 1 owed, 3 posted"),
    ],
)
def test_a_status_names_the_states_that_occur(states: dict[AlertState, int], said: str) -> None:
    """What there is none of is not listed."""
    console, out = screen(columns=100)

    terminal.show_tally(
        Tally(states=states, oldest_owed_at=None, parked=(), feeds=()), NOON, (), console
    )

    assert [line.strip() for line in out.getvalue().splitlines()] == [
        said,
        "No feed has been polled yet.",
    ]


def test_a_status_names_the_platforms_that_are_not_set_up() -> None:
    """What waits for a platform without a token is counted, and what to do is said."""
    console, out = screen(columns=100)
    channels = {
        ChannelRef("slack", "#desk"): {AlertState.OWED: 2, AlertState.POSTED: 5},
        ChannelRef("slack", "#watch"): {AlertState.WAITING: 1},
        ChannelRef("discord", "1187500000000000000"): {AlertState.OWED: 4},
        ChannelRef("console", ""): {AlertState.POSTED: 7},
    }
    tally = Tally(states={}, oldest_owed_at=None, parked=(), feeds=(), channels=channels)

    terminal.show_tally(tally, NOON, {"discord"}, console)

    (line,) = [line for line in out.getvalue().splitlines() if "Not set up" in line]
    assert line.strip() == "Not set up: slack, 3 waiting. redline check says what is missing"


@pytest.mark.parametrize(
    ("passed", "written"),
    [
        (timedelta(days=3, hours=5), "3 d"),
        (timedelta(hours=5), "5 h"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(seconds=-4), "0 s"),
    ],
)
def test_an_age_is_written_in_its_largest_unit(passed: timedelta, written: str) -> None:
    """Ages are short, and none is negative."""
    assert terminal.age(passed) == written


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 14)), max_size=5))
def test_a_quote_shows_each_word_once(spans: list[tuple[int, int]]) -> None:
    """However marks lie, the words of the sentence stay as they are."""
    passage = Passage("A red line", tuple(Span(*span) for span in spans))

    assert quote(passage).plain == "A red line"
    assert quote(passage, colorless=True).plain.replace("*", "") == "A red line"
